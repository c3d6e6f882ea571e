/* A plan in plain words. */
#include <stdlib.h>
#include <string.h>

#include "sql/explain.h"

struct telling {
    const struct explain *x;
    struct buf *to;
    uint32_t steps;
    bool several; /* more than one source: steps say of which rows they speak */
};

static const char *fact_or(const struct explain_node *n, const char *name, const char *otherwise)
{
    const char *text = explain_fact(n, name);
    return text ? text : otherwise;
}

static const char *is_kind(const struct explain_node *n, const char *const *kinds)
{
    for (; *kinds; kinds++)
        if (!strcmp(n->kind, *kinds))
            return *kinds;
    return NULL;
}

static bool is(const struct explain_node *n, const char *kind) { return !strcmp(n->kind, kind); }
static bool is_source(const struct explain_node *n) { return is(n, "TableSourceScan") || is(n, "Values"); }

/* The sources that a node's rows come from. Inputs stand in front of their nodes. */
static void sources_of(const struct explain *x, uint32_t node, bool *found)
{
    memset(found, 0, x->plan->n);
    found[node] = true;
    for (uint32_t i = node + 1; i--;)
        for (uint32_t k = 0; found[i] && k < x->plan->nodes[i].n_inputs; k++)
            found[x->plan->nodes[i].inputs[k] - x->plan->nodes] = true;
}

static void put_whose(struct telling *t, uint32_t node)
{
    bool *found = mem_alloc(t->x->plan->n + 1), some = false;
    sources_of(t->x, node, found);
    for (uint32_t i = 0; t->several && i < t->x->plan->n; i++)
        if (found[i] && is_source(&t->x->nodes[i])) {
            buf_printf(t->to, "%s%s", some ? ", " : "", fact_or(&t->x->nodes[i], "table", "rows that stand in the query"));
            some = true;
        }
    if (some)
        buf_puts(t->to, ": ");
    free(found);
}

/* --- what comes in --- */

static void put_place(struct buf *to, const struct explain_node *n)
{
    const char *connector = explain_fact(n, "connector"), *format = explain_fact(n, "format");
    const char *path = fact_or(n, "path", explain_fact(n, "state.path"));
    if (connector)
        buf_printf(to, " (%s%s%s%s%s)", connector, format ? ", " : "", format ? format : "", path ? ", " : "", path ? path : "");
}

/* The watermark's assigner behind a source, through steps with one input. */
static const struct explain_node *watermark_behind(const struct explain *x, uint32_t source)
{
    const struct cplan_node *at = &x->plan->nodes[source];
    for (uint32_t i = source + 1; i < x->plan->n; i++) {
        if (x->plan->nodes[i].n_inputs != 1 || x->plan->nodes[i].inputs[0] != at)
            continue;
        if (is(&x->nodes[i], "WatermarkAssigner"))
            return &x->nodes[i];
        if (!is(&x->nodes[i], "Calc"))
            return NULL;
        at = &x->plan->nodes[i];
    }
    return NULL;
}

/* Several INSERT INTO may read one table. */
static bool told_before(const struct explain *x, uint32_t source)
{
    const char *name = explain_fact(&x->nodes[source], "table");
    for (uint32_t i = 0; name && i < source; i++)
        if (is_source(&x->nodes[i]) && explain_fact(&x->nodes[i], "table") && !strcmp(explain_fact(&x->nodes[i], "table"), name))
            return true;
    return false;
}

static void put_sources(struct telling *t)
{
    buf_puts(t->to, "What comes in\n");
    for (uint32_t i = 0; i < t->x->plan->n; i++) {
        const struct explain_node *n = &t->x->nodes[i], *w;
        if (!is_source(n) || told_before(t->x, i))
            continue;
        if (is(n, "Values")) {
            buf_printf(t->to, "  %s rows that stand in the query\n", fact_or(n, "rows", "some"));
            continue;
        }
        buf_printf(t->to, "  rows of %s", fact_or(n, "table", "a table"));
        put_place(t->to, n);
        buf_printf(t->to, ": %s\n", fact_or(n, "fields", ""));
        w = watermark_behind(t->x, i);
        if (w)
            buf_printf(t->to, "    %s says when each row happened; nothing older than %s is waited for\n",
                       fact_or(w, "rowtime", "?"), fact_or(w, "watermark", "?"));
    }
}

/* --- what is done --- */

static void begin_step(struct telling *t, uint32_t node)
{
    buf_printf(t->to, "%s  %u. ", t->steps ? "" : "\nWhat is done with them\n", t->steps + 1);
    t->steps++;
    put_whose(t, node);
}

static void put_per(struct buf *to, const char *columns, const char *all)
{
    if (columns)
        buf_printf(to, "for each %s", columns);
    else
        buf_puts(to, all);
}

/* size of "TUMBLE(time_col=[t], size=[5 s])" */
static void put_arg(struct buf *to, const char *before, const char *window, const char *name)
{
    const char *at = strstr(window, name), *end = at ? strchr(at, ']') : NULL;
    if (end)
        buf_printf(to, "%s%.*s", before, (int)(end - at - (ptrdiff_t)strlen(name)), at + strlen(name));
}

static void put_window(struct buf *to, const char *window)
{
    if (!strncmp(window, "TUMBLE", 6)) {
        put_arg(to, "windows of ", window, "size=[");
    } else if (!strncmp(window, "HOP", 3)) {
        put_arg(to, "windows of ", window, "size=[");
        put_arg(to, ", one every ", window, "slide=[");
    } else if (!strncmp(window, "CUMULATE", 8)) {
        put_arg(to, "windows that grow by ", window, "step=[");
        put_arg(to, " up to ", window, "maxSize=[");
    } else if (!strncmp(window, "SESSION", 7)) {
        put_arg(to, "sessions, which end when nothing has come for ", window, "gap=[");
    } else {
        buf_puts(to, window);
    }
    put_arg(to, " by ", window, "time_col=[");
}

/* "COUNT(DISTINCT a) AS n" */
static void put_sum(struct buf *to, const char *p, size_t n)
{
    static const struct {
        const char *name, *text;
    } words[] = {{"COUNT(*)", "the number of rows"},
                 {"COUNT(DISTINCT ", "the number of different "},
                 {"COUNT(", "the number of "},
                 {"SUM(DISTINCT ", "the sum of different "},
                 {"SUM(", "the sum of "},
                 {"$SUM0(", "the sum of "},
                 {"AVG(", "the average of "},
                 {"MIN(", "the least "},
                 {"MAX(", "the greatest "},
                 {"FIRST_VALUE(", "the first "},
                 {"LAST_VALUE(", "the last "}};
    const char *end = p + n, *as = memmem(p, n, " AS ", 4), *call_end = as ? as : end;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t m = strlen(words[i].name);
        if ((size_t)(call_end - p) < m || memcmp(p, words[i].name, m) != 0)
            continue;
        const char *q = p + m;
        for (int depth = words[i].name[m - 1] != ')'; q < call_end && depth; q++)
            depth += *q == '(' ? 1 : *q == ')' ? -1 : 0;
        buf_puts(to, words[i].text);
        if (q > p + m)
            buf_put(to, p + m, (size_t)(q - p) - m - 1);
        if ((size_t)(call_end - q) > 8 && !memcmp(q, " FILTER ", 8))
            buf_printf(to, " where %.*s", (int)(call_end - q - 8), q + 8);
        if (as && strncmp(as + 4, "EXPR$", 5) != 0) /* a name that somebody gave */
            buf_printf(to, " as %.*s", (int)(end - as - 4), as + 4);
        return;
    }
    buf_put(to, p, n);
}

/* A list of calls, at its commas that stand in no parentheses. */
static void put_sums(struct buf *to, const char *calls)
{
    const char *from = calls, *p = calls;
    for (int depth = 0;; p++) {
        depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
        if (*p && (*p != ',' || depth))
            continue;
        buf_puts(to, from > calls ? ", " : "");
        put_sum(to, from, (size_t)(p - from));
        if (!*p)
            return;
        from = p + 1 + (p[1] == ' ');
    }
}

static void tell_join(struct telling *t, const struct explain_node *n)
{
    static const struct {
        const char *type, *text;
    } types[] = {
        {"INNER", "rows of both sides are put together"},
        {"LEFT", "rows of both sides are put together; one of the left that has no partner stays, with nothing beside it"},
        {"RIGHT", "rows of both sides are put together; one of the right that has no partner stays, with nothing beside it"},
        {"FULL", "rows of both sides are put together; one that has no partner stays, with nothing beside it"},
        {"SEMI", "rows that have a partner on the other side stay"},
        {"ANTI", "rows that have no partner on the other side stay"}};
    const char *type = fact_or(n, "joinType", "INNER"), *on = explain_fact(n, "on"), *where = explain_fact(n, "where");
    const char *window = explain_fact(n, "window"), *bounds = explain_fact(n, "bounds");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(type, types[i].type))
            buf_puts(t->to, types[i].text);
    if (on || where)
        buf_printf(t->to, ", where %s%s%s", on ? on : "", on && where ? " AND " : "", where ? where : "");
    if (window) {
        buf_puts(t->to, ", within the same of ");
        put_window(t->to, window);
    }
    if (bounds)
        buf_printf(t->to, ", with %s", bounds);
    buf_putc(t->to, '\n');
}

static void tell_aggregate(struct telling *t, const struct explain_node *n)
{
    const char *select = explain_fact(n, "select"), *window = explain_fact(n, "window");
    put_per(t->to, explain_fact(n, "groupBy"), "of all rows together");
    if (window) {
        buf_puts(t->to, ", in ");
        put_window(t->to, window);
    }
    buf_puts(t->to, ": ");
    if (select)
        put_sums(t->to, select);
    else
        buf_puts(t->to, "one row");
    buf_putc(t->to, '\n');
}

static void tell_rank(struct telling *t, const struct explain_node *n)
{
    const char *by = explain_fact(n, "orderBy"), *window = explain_fact(n, "window"), *per = explain_fact(n, "partitionBy");
    buf_printf(t->to, "rows %s", fact_or(n, "rankRange", "first"));
    if (by)
        buf_printf(t->to, " in the order of %s", by);
    if (per)
        buf_printf(t->to, " for each %s", per);
    if (window) {
        buf_puts(t->to, ", in each of ");
        put_window(t->to, window);
    }
    buf_puts(t->to, "; the others are left out\n");
}

static void tell_dedup(struct telling *t, const struct explain_node *n)
{
    const char *key = fact_or(n, "key", explain_fact(n, "partitionBy"));
    buf_printf(t->to, "only the %s row ", strcmp(fact_or(n, "keep", ""), "LastRow") != 0 ? "first" : "last");
    put_per(t->to, key, "of all");
    buf_puts(t->to, explain_fact(n, "window") ? " and window stays\n" : " stays\n");
}

static const char *const joins[] = {"Join", "IntervalJoin", "WindowJoin", "TemporalJoin", "LookupJoin", NULL};
static const char *const aggregates[] = {"GroupAggregate",        "GlobalGroupAggregate", "WindowAggregate",
                                         "GlobalWindowAggregate", "GroupWindowAggregate", NULL};
static const char *const ranks[] = {"Rank", "SortLimit", "Limit", "WindowRank", NULL};
static const char *const dedups[] = {"Deduplicate", "WindowDeduplicate", NULL};
static const char *const silent[] = {"Exchange",
                                     "WatermarkAssigner",
                                     "MiniBatchAssigner",
                                     "LocalGroupAggregate",
                                     "LocalWindowAggregate",
                                     "TableSourceScan",
                                     "Values",
                                     "Sink",
                                     "DropUpdateBefore",
                                     "Expand",
                                     NULL};

static void tell_step(struct telling *t, uint32_t i)
{
    const struct explain_node *n = &t->x->nodes[i];
    const char *where = explain_fact(n, "where");
    if (is_kind(n, silent) || (is(n, "Calc") && !where))
        return;
    begin_step(t, i);
    if (is(n, "Calc"))
        buf_printf(t->to, "only rows stay where %s\n", where);
    else if (is_kind(n, joins))
        tell_join(t, n);
    else if (is_kind(n, aggregates))
        tell_aggregate(t, n);
    else if (is_kind(n, ranks))
        tell_rank(t, n);
    else if (is_kind(n, dedups))
        tell_dedup(t, n);
    else if (is(n, "OverAggregate")) {
        buf_printf(t->to, "each row gets, over the rows before it (%s) ", fact_or(n, "window", ""));
        put_per(t->to, explain_fact(n, "partitionBy"), "of all");
        buf_puts(t->to, ": ");
        put_sums(t->to, fact_or(n, "select", ""));
        buf_putc(t->to, '\n');
    } else if (is(n, "WindowTableFunction")) {
        buf_puts(t->to, "each row is put into ");
        put_window(t->to, fact_or(n, "window", "windows"));
        buf_putc(t->to, '\n');
    } else if (is(n, "ChangelogNormalize")) {
        buf_printf(t->to, "of each %s the latest row counts\n", fact_or(n, "key", "key"));
    } else if (is(n, "Union")) {
        buf_puts(t->to, "all of these rows are worked on together\n");
    } else if (is(n, "Sort") || is(n, "TemporalSort")) {
        buf_printf(t->to, "rows are put into the order of %s\n", fact_or(n, "orderBy", "?"));
    } else if (is(n, "Correlate")) {
        buf_printf(t->to, "each row is repeated for each row of %s\n", fact_or(n, "invocation", "a function"));
    } else {
        buf_printf(t->to, "%s\n", n->node->about);
    }
}

/* --- what goes out, and when --- */

static void put_sinks(struct telling *t)
{
    buf_puts(t->to, "\nWhat goes out\n");
    for (uint32_t i = 0; i < t->x->plan->n; i++) {
        const struct explain_node *n = &t->x->nodes[i];
        const char *changes = explain_fact(n, "changes"), *key = explain_fact(n, "primaryKey");
        if (!is(n, "Sink"))
            continue;
        buf_printf(t->to, "  rows of %s", fact_or(n, "table", "a table"));
        put_place(t->to, n);
        buf_printf(t->to, ": %s\n", fact_or(n, "fields", ""));
        if (!changes || !strcmp(changes, "INSERT"))
            buf_puts(t->to, "    what is written once is never taken back\n");
        else if (key)
            buf_printf(t->to, "    a row may be written anew later: the latest one of each %s counts\n", key);
        else
            buf_puts(t->to, "    a row may be taken back later, and another one written\n");
    }
}

/* Rows wait for event time to pass, or for the clock. */
static bool waits(const struct explain_node *n, const char **what)
{
    bool window = explain_fact(n, "window") && !is(n, "OverAggregate") && !is(n, "WindowTableFunction");
    *what = window                                        ? "a window's rows appear when its end has passed"
        : is(n, "TemporalSort") || is(n, "OverAggregate") ? "a row appears when its time has passed"
        : is(n, "Sort")                                   ? "rows appear when all input is over"
                                                          : NULL;
    return *what != NULL;
}

static bool by_clock(const struct explain_node *n) { return explain_fact(n, "time") != NULL; }

static void put_when(struct telling *t)
{
    bool some = false, corrected = false;
    buf_puts(t->to, "\nWhen results appear\n");
    for (uint32_t i = 0; i < t->x->plan->n; i++) {
        const struct explain_node *n = &t->x->nodes[i];
        const char *what;
        corrected = corrected || (is(n, "Sink") && strcmp(fact_or(n, "changes", "INSERT"), "INSERT") != 0);
        if (!strncmp(n->kind, "Local", 5) || !waits(n, &what))
            continue;
        buf_printf(t->to, "  %s%s\n", what,
                   is(n, "Sort")     ? ""
                       : by_clock(n) ? ", by the clock of the machine"
                                     : ", by the times of the rows: when rows that are new enough have come");
        some = true;
    }
    if (corrected)
        buf_puts(t->to, "  each row that comes in may change a result, which is then corrected at once\n");
    else if (!some)
        buf_puts(t->to, "  at once, for each row that comes in\n");
}

/* --- what is kept, and what comes late --- */

static const char *kept(const struct explain_node *n)
{
    return is(n, "GroupAggregate") || is(n, "GlobalGroupAggregate")  ? "its sums for each group"
        : is(n, "Join")                                              ? "all rows of both sides"
        : is(n, "IntervalJoin")                                      ? "the rows of both sides that may still find a partner"
        : is(n, "Deduplicate")                                       ? "which keys have been there"
        : is(n, "Rank") || is(n, "SortLimit") || is(n, "Limit")      ? "the rows that may still be among the first"
        : is(n, "ChangelogNormalize")                                ? "the latest row of each key"
        : is(n, "OverAggregate")                                     ? "the rows of its window for each partition"
        : is(n, "TemporalSort") || is(n, "Sort")                     ? "the rows that wait"
        : explain_fact(n, "window") && !is(n, "WindowTableFunction") ? "the windows that are still open"
                                                                     : NULL;
}

static bool for_ever(const struct explain_node *n)
{
    return !explain_fact(n, "window") && !is(n, "IntervalJoin") && !is(n, "TemporalSort") && !is(n, "Sort");
}

static void put_kept(struct telling *t)
{
    bool some = false;
    for (uint32_t i = 0; i < t->x->plan->n; i++) {
        const struct explain_node *n = &t->x->nodes[i];
        const char *what = strncmp(n->kind, "Local", 5) != 0 ? kept(n) : NULL, *ttl = explain_fact(n, "ttl");
        if (!what)
            continue;
        buf_printf(t->to, "%s  %s: %s%s%s\n", some ? "" : "\nWhat is kept\n", n->kind, what,
                   ttl               ? ", until it has not been used for "
                       : for_ever(n) ? ", for ever (table.exec.state.ttl sets a limit)"
                                     : "",
                   ttl ? ttl : "");
        some = true;
    }
}

static void put_late(struct telling *t)
{
    bool event_time = false, drops = false, interval = false;
    for (uint32_t i = 0; i < t->x->plan->n; i++) {
        const struct explain_node *n = &t->x->nodes[i];
        const char *what;
        event_time = event_time || is(n, "WatermarkAssigner");
        drops = drops || (waits(n, &what) && !is(n, "Sort") && !by_clock(n));
        interval = interval || (is(n, "IntervalJoin") && !by_clock(n));
    }
    buf_puts(t->to, "\nWhat happens to late rows\n");
    if (drops)
        buf_puts(t->to, "  a row that comes when its time is over already is left out, and counted (numLateRecordsDropped)\n");
    if (interval)
        buf_puts(t->to, "  a row that comes when no partner can come any more finds only those that are still kept\n");
    if (!drops && !interval)
        buf_puts(t->to,
                 event_time ? "  nothing here waits for time to pass: late rows count like others\n"
                            : "  rows have no times here: none is late\n");
}

void explain_plain(const struct explain *x, struct buf *to)
{
    struct telling t = {.x = x, .to = to};
    uint32_t sources = 0;
    for (uint32_t i = 0; i < x->plan->n; i++)
        sources += is_source(&x->nodes[i]) && !told_before(x, i);
    t.several = sources > 1;
    put_sources(&t);
    for (uint32_t i = 0; i < x->plan->n; i++)
        tell_step(&t, i);
    put_sinks(&t);
    put_when(&t);
    put_kept(&t);
    put_late(&t);
}
