#include "sql/explain.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    const struct explain *x;
    struct explain_node *to;
    const struct cplan_node *node;
    struct arena *a;
    const char **names; /* of the columns of all inputs, one behind the other */
    uint32_t n;
    struct buf text; /* of the fact at hand */
    struct err *e;
};

/* --- pieces --- */

static void fact(struct reading *r, const char *name)
{
    if (r->text.n && r->to->n < EXPLAIN_FACTS)
        r->to->facts[r->to->n++] = (struct explain_fact){name, arena_strn(r->a, (const char *)r->text.p, r->text.n)};
    r->text.n = 0;
}

static void put_name(struct reading *r, int64_t column)
{
    if (column >= 0 && column < r->n)
        buf_puts(&r->text, r->names[column]);
    else
        buf_printf(&r->text, "$%lld", (long long)column);
}

static void put_columns(struct reading *r, const struct value *list)
{
    for (uint32_t i = 0; list && list->kind == VAL_LIST && i < list->n; i++) {
        buf_puts(&r->text, i ? ", " : "");
        put_name(r, list->items[i].kind == VAL_INT ? list->items[i].i : -1);
    }
}

static void put_rex(struct reading *r, const struct value *of, const char *name)
{
    const struct rex *x = cplan_rex(r->a, of, name, r->e);
    if (x)
        explain_rex(x, r->names, r->n, &r->text);
}

static const char *text_of(const struct value *v, const char *name)
{
    const struct value *m = v ? cplan_member(v, name) : NULL;
    return m && m->kind == VAL_TEXT ? m->text : NULL;
}

/* --- facts, by the members that a node may have --- */

static void columns_fact(struct reading *r, const char *name, const struct value *v)
{
    put_columns(r, v && v->kind == VAL_OBJECT ? cplan_member(v, "fields") : v);
    fact(r, name);
}

static void order_fact(struct reading *r, const struct value *v)
{
    const struct value *fields = v ? cplan_member(v, "fields") : NULL;
    for (uint32_t i = 0; fields && fields->kind == VAL_LIST && i < fields->n; i++) {
        const struct value *f = &fields->items[i];
        buf_puts(&r->text, i ? ", " : "");
        put_name(r, cplan_int(f, "index", -1, r->e));
        buf_puts(&r->text, cplan_bool(f, "isAscending", true, r->e) ? " ASC" : " DESC");
    }
    fact(r, "orderBy");
}

static void put_call(struct reading *r, const struct value *c)
{
    const char *name = text_of(c, "internalName"), *as = text_of(c, "name");
    const struct value *args = cplan_member(c, "argList");
    const char *from = name && *name == '$' ? name + 1 : name, *end = from ? strrchr(from, '$') : NULL;
    int64_t filter = cplan_int(c, "filterArg", -1, r->e);
    if (from)
        buf_put(&r->text, from, end && end > from ? (size_t)(end - from) : strlen(from));
    buf_puts(&r->text, cplan_bool(c, "distinct", false, r->e) ? "(DISTINCT " : "(");
    if (args && args->kind == VAL_LIST && args->n)
        put_columns(r, args);
    else
        buf_puts(&r->text, text_of(c, "syntax") ? "*" : "");
    buf_putc(&r->text, ')');
    if (filter >= 0) {
        buf_puts(&r->text, " FILTER ");
        put_name(r, filter);
    }
    if (as)
        buf_printf(&r->text, " AS %s", as);
}

/* The first of two phases, when the node is the second one; NULL: it is none. */
static const struct cplan_node *first_phase(const struct reading *r)
{
    const struct cplan_node *n = r->node;
    if (strncmp(r->to->kind, "Global", 6) != 0)
        return NULL;
    for (int i = 0; i < 2 && n->n_inputs == 1; i++)
        n = n->inputs[0];
    bool local = n->n_inputs == 1 && !strncmp(r->x->nodes[n - r->x->plan->nodes].kind, "Local", 5) && n->inputs[0]->output;
    return local ? n : NULL;
}

/* Calls of the second of two phases count the columns in front of the first one, and only that one knows the time. */
static const struct value *begin_phase(struct reading *r, const struct value *json)
{
    const struct cplan_node *first = first_phase(r);
    if (!first)
        return json;
    r->names = r->x->nodes[first->inputs[0] - r->x->plan->nodes].columns;
    r->n = first->inputs[0]->output->n;
    return first->json;
}

static void calls_fact(struct reading *r, const struct value *calls)
{
    for (uint32_t i = 0; calls && calls->kind == VAL_LIST && i < calls->n; i++) {
        buf_puts(&r->text, i ? ", " : "");
        put_call(r, &calls->items[i]);
    }
    fact(r, "select");
}

/* "PT1H10S" */
static int64_t iso_ms(const char *s)
{
    double ms = 0;
    bool minus = *s == '-';
    for (s += minus; *s;) {
        char *end;
        double v = strtod(s, &end);
        if (end == s) {
            s++;
            continue;
        }
        ms += v * (*end == 'D' ? 86400000 : *end == 'H' ? 3600000 : *end == 'M' ? 60000 : *end == 'S' ? 1000 : 0);
        s = end;
    }
    ms = ms > -9e15 && ms < 9e15 ? ms : 0;
    return minus ? -(int64_t)ms : (int64_t)ms;
}

static void window_fact(struct reading *r, const char *name, const struct value *v)
{
    static const char *const parts[] = {"size", "slide", "maxSize", "step", "gap", "offset"};
    const struct value *w = v ? cplan_member(v, "window") : NULL;
    const char *type = text_of(w, "type");
    int64_t time = v ? cplan_int(v, "timeAttributeIndex", -1, r->e) : -1;
    if (!type)
        return;
    const char *word = !strcmp(type, "TumblingWindow") ? "TUMBLE"
        : !strcmp(type, "HoppingWindow")               ? "HOP"
        : !strcmp(type, "CumulativeWindow")            ? "CUMULATE"
        : !strcmp(type, "SessionWindow")               ? "SESSION"
                                                       : type;
    buf_printf(&r->text, "%s(", word);
    if (time >= 0) {
        buf_puts(&r->text, "time_col=[");
        put_name(r, time);
        buf_puts(&r->text, "], ");
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (text_of(w, parts[i])) {
            buf_printf(&r->text, "%s=[", parts[i]);
            explain_duration(iso_ms(text_of(w, parts[i])), &r->text);
            buf_puts(&r->text, "], ");
        }
    r->text.n -= r->text.n > 2 && r->text.p[r->text.n - 1] == ' ' ? 2 : 0;
    buf_putc(&r->text, ')');
    fact(r, name);
    if (!cplan_bool(v, "isRowtime", true, r->e)) {
        buf_puts(&r->text, "PROCTIME");
        fact(r, "time");
    }
}

static void join_facts(struct reading *r, const struct value *spec)
{
    const struct value *left = cplan_member(spec, "leftKeys"), *right = cplan_member(spec, "rightKeys");
    const char *type = text_of(spec, "joinType");
    uint32_t l = r->node->n_inputs && r->node->inputs[0]->output ? r->node->inputs[0]->output->n : 0;
    buf_puts(&r->text, type ? type : "");
    fact(r, "joinType");
    for (uint32_t i = 0; left && right && left->kind == VAL_LIST && right->kind == VAL_LIST && i < left->n && i < right->n; i++) {
        buf_puts(&r->text, i ? " AND " : "");
        put_name(r, left->items[i].i);
        buf_puts(&r->text, " = ");
        put_name(r, right->items[i].i + l);
    }
    fact(r, "on");
    put_rex(r, spec, "nonEquiCondition");
    fact(r, "where");
}

static void bounds_fact(struct reading *r, const struct value *b)
{
    uint32_t l = r->node->n_inputs && r->node->inputs[0]->output ? r->node->inputs[0]->output->n : 0;
    if (!b)
        return;
    put_name(r, cplan_int(b, "leftTimeIndex", -1, r->e));
    buf_puts(&r->text, " from ");
    explain_duration(cplan_int(b, "leftLowerBound", 0, r->e), &r->text);
    buf_puts(&r->text, " to ");
    explain_duration(cplan_int(b, "leftUpperBound", 0, r->e), &r->text);
    buf_puts(&r->text, " around ");
    put_name(r, cplan_int(b, "rightTimeIndex", -1, r->e) + l);
    fact(r, "bounds");
    if (!cplan_bool(b, "isEventTime", true, r->e)) {
        buf_puts(&r->text, "PROCTIME");
        fact(r, "time");
    }
}

/* Bounds are numbered behind the columns. */
static void add_constants(struct reading *r, const struct value *constants)
{
    uint32_t n = constants && constants->kind == VAL_LIST ? constants->n : 0;
    const char **names = arena_array(r->a, r->n + n + 1u, sizeof *names);
    memcpy(names, r->names, r->n * sizeof *names);
    r->names = names;
    for (uint32_t i = 0; i < n; i++) {
        const struct rex *x = rex_read(r->a, &constants->items[i], r->e);
        r->text.n = 0;
        if (x)
            explain_rex(x, NULL, 0, &r->text);
        names[r->n++] = arena_strn(r->a, (const char *)r->text.p, r->text.n);
    }
    r->text.n = 0;
}

static void over_facts(struct reading *r, const struct value *spec)
{
    const struct value *groups = spec ? cplan_member(spec, "groups") : NULL;
    if (!spec)
        return;
    add_constants(r, cplan_member(spec, "constants"));
    columns_fact(r, "partitionBy", cplan_member(spec, "partition"));
    if (!groups || groups->kind != VAL_LIST || !groups->n)
        return;
    const struct value *g = &groups->items[0], *low = cplan_member(g, "lowerBound");
    const char *kind = text_of(low, "kind");
    order_fact(r, cplan_member(g, "orderBy"));
    buf_puts(&r->text, cplan_bool(g, "isRows", false, r->e) ? "ROWS FROM " : "RANGE FROM ");
    if (kind && !strcmp(kind, "UNBOUNDED_PRECEDING")) {
        buf_puts(&r->text, "THE FIRST ONE");
    } else {
        put_rex(r, low, "offset");
        buf_puts(&r->text, " BEFORE");
    }
    fact(r, "window");
    calls_fact(r, cplan_member(g, "aggCalls"));
}

static void rank_facts(struct reading *r, const struct value *json)
{
    const struct value *range = cplan_member(json, "rankRange"), *from;
    if (!range)
        return;
    if (text_of(json, "rankType")) {
        buf_puts(&r->text, text_of(json, "rankType"));
        fact(r, "rankType");
    }
    from = cplan_member(range, "start");
    if (from && from->kind == VAL_INT) {
        buf_printf(&r->text, "%lld to %lld", (long long)from->i, (long long)cplan_int(range, "end", INT64_MAX, r->e));
        fact(r, "rankRange");
    }
}

static void table_facts(struct reading *r, const struct value *holder)
{
    const struct value *table = holder ? cplan_member(holder, "table") : NULL;
    static const char *const options[] = {"connector", "format", "path", "state.path", "topic"};
    struct cplan_table t;
    if (!table || !cplan_table_read(&t, r->a, table, r->e))
        return;
    buf_puts(&r->text, t.name);
    fact(r, "table");
    for (size_t i = 0; t.resolved && i < sizeof options / sizeof *options; i++)
        if (cplan_option(&t, options[i], NULL)) {
            buf_puts(&r->text, cplan_option(&t, options[i], NULL));
            fact(r, options[i]);
        }
    const struct ltype *row = t.resolved && !r->node->n_outputs ? cplan_table_row(&t, r->a) : r->node->output;
    for (uint32_t i = 0; row && i < row->n; i++)
        buf_printf(&r->text, "%s%s", i ? ", " : "", row->names[i]);
    fact(r, "fields");
    for (uint32_t i = 0; t.resolved && i < t.n_key; i++)
        buf_printf(&r->text, "%s%s", i ? ", " : "", t.columns[t.key[i]].name);
    fact(r, "primaryKey");
}

static void changes_fact(struct reading *r, const struct value *mode)
{
    for (uint32_t i = 0; mode && mode->kind == VAL_LIST && i < mode->n; i++)
        if (mode->items[i].kind == VAL_TEXT)
            buf_printf(&r->text, "%s%s", i ? ", " : "", mode->items[i].text);
    fact(r, "changes");
}

static void calc_facts(struct reading *r, const struct value *json)
{
    const struct value *list = cplan_member(json, "projection");
    for (uint32_t i = 0; list && list->kind == VAL_LIST && i < list->n && r->e->kind == ERR_NONE; i++) {
        const struct rex *x = rex_read(r->a, &list->items[i], r->e);
        const char *as = r->node->output && i < r->node->output->n ? r->node->output->names[i] : NULL;
        size_t from = r->text.n + (i ? 2 : 0);
        buf_puts(&r->text, i ? ", " : "");
        if (x)
            explain_rex(x, r->names, r->n, &r->text);
        if (as && (r->text.n - from != strlen(as) || memcmp(r->text.p + from, as, strlen(as)) != 0))
            buf_printf(&r->text, " AS %s", as);
    }
    fact(r, "select");
    put_rex(r, json, "condition");
    fact(r, "where");
}

static void watermark_facts(struct reading *r, const struct value *json)
{
    const struct value *at = cplan_member(json, "rowtimeFieldIndex");
    if (!at || at->kind != VAL_INT)
        return;
    put_name(r, at->i);
    fact(r, "rowtime");
    put_rex(r, json, "watermarkExpr");
    fact(r, "watermark");
}

static void exchange_fact(struct reading *r, const struct value *json)
{
    const struct value *list = cplan_member(json, "inputProperties"), *d = NULL;
    if (list && list->kind == VAL_LIST && list->n && list->items[0].kind == VAL_OBJECT)
        d = cplan_member(&list->items[0], "requiredDistribution");
    const char *type = text_of(d, "type");
    if (!type || !strcmp(type, "UNKNOWN"))
        return;
    if (!strcmp(type, "HASH")) {
        buf_puts(&r->text, "hash[");
        put_columns(r, cplan_member(d, "keys"));
        buf_putc(&r->text, ']');
    } else {
        buf_puts(&r->text, !strcmp(type, "SINGLETON") ? "single" : type);
    }
    fact(r, "distribution");
}

static void state_fact(struct reading *r, const struct value *list)
{
    const char *ttl = NULL;
    for (uint32_t i = 0; list && list->kind == VAL_LIST && i < list->n; i++) {
        const struct value *s = &list->items[i];
        buf_printf(&r->text, "%s%s", i ? ", " : "", text_of(s, "name") ? text_of(s, "name") : "?");
        ttl = text_of(s, "ttl");
    }
    fact(r, "state");
    if (ttl && strcmp(ttl, "0 ms") != 0)
        buf_puts(&r->text, ttl);
    fact(r, "ttl");
}

static void rows_fact(struct reading *r, const struct value *tuples)
{
    if (tuples && tuples->kind == VAL_LIST)
        buf_printf(&r->text, "%u", tuples->n);
    fact(r, "rows");
}

static void keep_fact(struct reading *r, const struct value *json)
{
    const struct value *last = cplan_member(json, "keepLastRow");
    if (last && last->kind == VAL_BOOL)
        buf_puts(&r->text, last->b ? "LastRow" : "FirstRow");
    fact(r, "keep");
}

static void all_facts(struct reading *r, const struct value *json)
{
    const struct value *join = cplan_member(json, "joinSpec"), *interval = cplan_member(json, "intervalJoinSpec");
    table_facts(r, cplan_member(json, "scanTableSource"));
    table_facts(r, cplan_member(json, "dynamicTableSink"));
    changes_fact(r, cplan_member(json, "inputChangelogMode"));
    exchange_fact(r, json);
    watermark_facts(r, json);
    columns_fact(r, "groupBy", cplan_member(json, "grouping"));
    window_fact(r, "window", cplan_member(json, "leftWindowing"));
    if (join || interval)
        join_facts(r, join ? join : cplan_member(interval, "joinSpec"));
    bounds_fact(r, interval ? cplan_member(interval, "windowBounds") : NULL);
    keep_fact(r, json);
    columns_fact(r, "key", cplan_member(json, "uniqueKeys"));
    rank_facts(r, json);
    columns_fact(r, "partitionBy", cplan_member(json, cplan_member(json, "partitionSpec") ? "partitionSpec" : "partition"));
    columns_fact(r, "partitionBy", cplan_member(json, "partitionKeys"));
    order_fact(r, cplan_member(json, cplan_member(json, "sortSpec") ? "sortSpec" : "orderBy"));
    over_facts(r, cplan_member(json, "overSpec"));
    put_rex(r, json, "functionCall");
    fact(r, "invocation");
    if (cplan_member(json, "projection") || cplan_member(json, "condition"))
        calc_facts(r, json);
    put_rex(r, json, "filterCondition");
    fact(r, "where");
    const struct value *first = begin_phase(r, json);
    window_fact(r, "window", cplan_member(first, "windowing"));
    calls_fact(r, cplan_member(first, "aggCalls"));
    rows_fact(r, cplan_member(json, "tuples"));
    state_fact(r, cplan_member(json, "state"));
}

/* "stream-exec-window-join" is WindowJoin. */
static const char *kind_of(struct arena *a, const char *type)
{
    struct buf b = {0};
    bool up = true;
    for (const char *p = !strncmp(type, "stream-exec-", 12) ? type + 12 : type; *p; p++) {
        if (*p != '-')
            buf_putc(&b, (uint8_t)(up && *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
        up = *p == '-';
    }
    const char *kind = arena_str(a, buf_cstr(&b));
    buf_free(&b);
    return kind;
}

/* Columns that are only handed on keep their names, and those that SQL gave none are called what they are. */
static void calc_columns(struct reading *r, const struct ltype *row)
{
    const struct value *list = cplan_member(r->node->json, "projection");
    for (uint32_t i = 0; list && list->kind == VAL_LIST && i < list->n && i < row->n; i++) {
        const struct rex *x = rex_read(r->a, &list->items[i], r->e);
        if (x && x->kind == REX_INPUT && x->input < r->n) {
            r->to->columns[i] = r->names[x->input];
        } else if (x && (!strncmp(row->names[i], "EXPR$", 5) || !strncmp(row->names[i], "$f", 2))) {
            r->text.n = 0;
            explain_rex(x, r->names, r->n, &r->text);
            r->to->columns[i] = arena_strn(r->a, (const char *)r->text.p, r->text.n);
        }
    }
}

static void name_columns(struct reading *r)
{
    const struct ltype *row = r->node->output;
    uint32_t at = 0;
    r->to->columns = arena_array(r->a, (row ? row->n : 0) + 1u, sizeof *r->to->columns);
    for (uint32_t i = 0; row && i < row->n; i++)
        r->to->columns[i] = row->names[i];
    if (row && cplan_member(r->node->json, "projection"))
        calc_columns(r, row);
    else if (row && r->n <= row->n) /* what stands in front is the inputs' */
        for (uint32_t k = 0; k < r->node->n_inputs; k++) {
            const struct cplan_node *in = r->node->inputs[k];
            for (uint32_t c = 0; in->output && c < in->output->n; c++, at++)
                if (!strncmp(row->names[at], in->output->names[c], strlen(in->output->names[c])))
                    r->to->columns[at] = r->x->nodes[in - r->x->plan->nodes].columns[c];
        }
}

static bool read_node(struct explain *x, uint32_t i, struct arena *a, struct err *e)
{
    const struct cplan_node *node = &x->plan->nodes[i];
    struct reading r = {.x = x, .to = &x->nodes[i], .node = node, .a = a, .e = e};
    uint32_t n = 0;
    *r.to = (struct explain_node){.node = node, .kind = kind_of(a, node->type)};
    for (uint32_t k = 0; k < node->n_inputs; k++)
        n += node->inputs[k]->output ? node->inputs[k]->output->n : 0;
    r.names = arena_array(a, n + 1, sizeof *r.names);
    for (uint32_t k = 0; k < node->n_inputs; k++)
        for (uint32_t c = 0; node->inputs[k]->output && c < node->inputs[k]->output->n; c++)
            r.names[r.n++] = x->nodes[node->inputs[k] - x->plan->nodes].columns[c];
    name_columns(&r);
    r.text.n = 0;
    all_facts(&r, node->json);
    buf_free(&r.text);
    return e->kind == ERR_NONE || err_in(e, "node %lld (%s)", (long long)node->id, node->type);
}

bool explain_read(struct explain *x, const struct cplan *plan, struct arena *a, struct err *e)
{
    *x = (struct explain){.plan = plan, .nodes = arena_array(a, plan->n + 1, sizeof *x->nodes)};
    for (uint32_t i = 0; i < plan->n; i++)
        if (!read_node(x, i, a, e))
            return false;
    return true;
}

const char *explain_fact(const struct explain_node *n, const char *name)
{
    for (uint32_t i = 0; i < n->n; i++)
        if (!strcmp(n->facts[i].name, name))
            return n->facts[i].text;
    return NULL;
}
