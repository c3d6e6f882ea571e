/* Runs programs of Flink SQL from their compiled plans and compares what comes out with what real Flink has written.
 *
 *   programs [-v] [-s] [-f] [-p PARALLELISM] [-d ENTRIES] [-r BATCH_ROWS] [-g GOAL] [-k KNOWN] DIR…
 *
 * A DIR has plan.json (with ${DIR} for its own path), pipeline.sql (for its SET statements), flink-output.jsonl (Flink's changelog, then the
 * final rows) and expected.json, which says whether Flink gave the same list or the same changelog twice ("flinkRun": "repeatSameOrder",
 * "repeatSameChangelog"): only what Flink repeats is asked for, and not the order in which its hash maps
 * are walked; from SQL, it has to be refused where Flink does. In which order sources come, and how much of one before the next, is chance in Flink: where the first one does not give what Flink
 * gave, others are tried, whole sources and rows by turns. With -d keyed state lies in databases, and at most ENTRIES of each
 * state in memory. With -s weir compiles pipeline.sql, instead of Flink. Each runs in a process of its own. KNOWN names those that are known to differ. With -f only
 * the final rows are compared, which is all that is the same with several subtasks. Exit 1 when less than
 * GOAL % (100) agree, or one differs that is not known to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/conn.h"
#include "runtime/runtime.h"
#include "sql/compile.h"
#include "sql/parse.h"
#include "tests/sql/reasons.h"
#include "tests/support/program.h"

enum { SOURCES_MAX = 4 };

struct how {
    uint32_t batch_rows, parallelism;
    uint32_t order;      /* of the sources: which of all orders */
    const char *entries; /* in memory, of state in databases; NULL: all state is in memory */
    bool only_final, from_sql;
};

static bool is_source(const struct value *node)
{
    const struct value *type = node->kind == VAL_OBJECT ? value_member(node, "type") : NULL;
    return type && type->kind == VAL_TEXT && strstr(type->text, "-table-source-scan_");
}

/* Sources to the front, in the order of that number. */
static void reorder(struct arena *a, struct value *plan, uint32_t order)
{
    struct value *nodes = plan->kind == VAL_OBJECT ? value_member(plan, "nodes") : NULL;
    if (!order || !nodes || nodes->kind != VAL_LIST)
        return;
    struct value *to = arena_array(a, nodes->n + 1u, sizeof *to), sources[SOURCES_MAX];
    uint32_t n = 0, n_sources = 0;
    for (uint32_t i = 0; i < nodes->n; i++)
        if (is_source(&nodes->items[i]) && n_sources < SOURCES_MAX)
            sources[n_sources++] = nodes->items[i];
    for (uint32_t left = n_sources; left; left--) {
        uint32_t k = order % left;
        order /= left;
        to[n++] = sources[k];
        memmove(&sources[k], &sources[k + 1], (left - 1 - k) * sizeof *sources);
    }
    for (uint32_t i = 0, seen = 0; i < nodes->n; i++)
        if (!is_source(&nodes->items[i]) || seen++ >= n_sources)
            to[n++] = nodes->items[i];
    nodes->items = to;
}

/* How many orders there are of the sources of Flink's plan. */
static uint32_t orders(const struct buf *plan)
{
    static const uint32_t all[SOURCES_MAX + 1] = {1, 1, 2, 6, 24};
    uint32_t n = 0;
    for (const char *p = (const char *)plan->p; (p = strstr(p, "-table-source-scan_")); p++)
        n++;
    return n <= SOURCES_MAX ? all[n] : 1;
}

static void databases(const char *entries, struct arena *a, struct job_opts *opts)
{
    const char **names = arena_array(a, opts->n_config + 2, sizeof *names),
               **values = arena_array(a, opts->n_config + 2, sizeof *values);
    for (uint32_t i = 0; i < opts->n_config; i++) {
        names[i] = opts->config_names[i];
        values[i] = opts->config_values[i];
    }
    names[opts->n_config] = "state.backend.type";
    values[opts->n_config++] = "rocksdb";
    names[opts->n_config] = "weir.state.entries";
    values[opts->n_config++] = entries;
    opts->config_names = names;
    opts->config_values = values;
}

/* The plan that weir makes of the script. */
static bool compile(const struct buf *sql, struct arena *a, struct value *plan, struct err *e)
{
    struct sql_text text = {.name = "pipeline.sql", .bytes = {sql->p, sql->n}};
    struct sql_script script;
    struct catalog c;
    bool ok = sql_parse(&text, a, &script, e);
    const struct ast **inserts = arena_array(a, script.n + 1u, sizeof *inserts), *query = NULL;
    uint32_t n = 0;
    catalog_init(&c, a, &text);
    for (uint32_t i = 0; ok && i < script.n; i++)
        if (script.statements[i]->kind == AST_INSERT || script.statements[i]->kind == AST_STATEMENT_SET)
            inserts[n++] = script.statements[i];
        else if (ast_is_query(script.statements[i]))
            query = script.statements[i];
        else
            ok = catalog_do(&c, script.statements[i], e);
    ok = ok && (query ? compile_query(&c, &conn_tables, query, plan, e) : compile_inserts(&c, &conn_tables, inserts, n, plan, e));
    catalog_free(&c);
    return ok;
}

/* In the child: the changelog to standard output, or one line of error behind "!". */
static void run_child(const char *dir, const struct how *how)
{
    struct arena a = {0};
    struct buf plan = {0}, sql = {0};
    struct err e = {0};
    struct value json;
    struct cplan p;
    struct world world = world_real();
    struct job_opts opts = {.output = JOB_NDJSON, .batch_rows = how->batch_rows, .parallelism = how->parallelism};
    world.seed = 1;
    program_file(dir, "plan.json", &plan);
    program_put(&plan, "${DIR}", dir);
    if (program_file(dir, "pipeline.sql", &sql))
        program_settings(buf_cstr(&sql), &a, &opts);
    if (how->entries)
        databases(how->entries, &a, &opts);
    program_put(&sql, "${DIR}", dir);
    bool ok = how->from_sql ? compile(&sql, &a, &json, &e) : value_from_json(&json, (const char *)plan.p, plan.n, &a, &e);
    if (ok)
        reorder(&a, &json, how->order);
    ok = ok && cplan_of(&p, &a, &json, &e);
    struct job *j = ok ? job_open(&p, &world, &opts, &e) : NULL;
    if (j)
        job_run(j, &e);
    if (e.kind != ERR_NONE)
        printf("!%s\n", e.text);
    if (j && job_figures(j).late)
        printf("#late\n");
    fflush(stdout);
    job_free(j);
    buf_free(&plan);
    buf_free(&sql);
    arena_free(&a);
}

static int run(const char *dir, const struct how *how, struct buf *out)
{
    int pipes[2], status;
    fflush(stdout);
    if (pipe(pipes))
        return -1;
    pid_t pid = fork();
    if (!pid) {
        dup2(pipes[1], 1);
        close(pipes[0]);
        close(pipes[1]);
        run_child(dir, how);
        _exit(0);
    }
    close(pipes[1]);
    for (ssize_t got = 1; got > 0;) {
        buf_reserve(out, 1 << 16);
        got = read(pipes[0], out->p + out->n, 1 << 16);
        if (got > 0)
            out->n += (size_t)got;
    }
    close(pipes[0]);
    waitpid(pid, &status, 0);
    return status;
}

/* --- changelogs --- */

struct change {
    const char *sink, *op;
    const struct value *row;
    const char *text; /* sink, op and row, canonical */
};

struct log {
    struct change *c;
    uint32_t n, cap;
    struct change *final;
    uint32_t n_final, cap_final;
    const struct value *heads[16]; /* of the sinks */
    uint32_t n_heads;
};

static const struct value *member(const struct value *v, const char *name)
{
    const struct value *m = v && v->kind == VAL_OBJECT ? value_member(v, name) : NULL;
    return m && m->kind != VAL_NULL ? m : NULL;
}

static const char *canonical(struct arena *a, const char *sink, const char *op, const struct value *row)
{
    struct buf b = {0};
    buf_printf(&b, "%s %s ", sink, op);
    struct jsonw w = {.out = &b};
    value_put_json(&w, row);
    const char *s = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}

static void add(struct change **list, uint32_t *n, uint32_t *cap, struct change c)
{
    if (*n == *cap)
        *list = mem_grow(*list, *cap = *cap ? *cap * 2 : 64, sizeof **list);
    (*list)[(*n)++] = c;
}

static void read_line(struct log *l, struct arena *a, const char *text, size_t n)
{
    struct value *v = arena_alloc(a, sizeof *v);
    struct err e = {0};
    if (!value_from_json(v, text, n, a, &e))
        return;
    const struct value *sink = member(v, "sink"), *op = member(v, "op"), *row = member(v, "row"), *final = member(v, "final");
    const char *name = sink ? sink->text : l->n_heads == 1 ? member(l->heads[0], "sink")->text : "";
    if (member(v, "schema") && l->n_heads < 16)
        l->heads[l->n_heads++] = v;
    if (op && row)
        add(&l->c, &l->n, &l->cap, (struct change){name, op->text, row, canonical(a, name, op->text, row)});
    for (int64_t i = member(v, "count") ? member(v, "count")->i : 0; final && i > 0; i--)
        add(&l->final, &l->n_final, &l->cap_final, (struct change){name, "", final, canonical(a, name, "", final)});
}

static void read_log(struct log *l, struct arena *a, const struct buf *b)
{
    for (size_t from = 0; from < b->n;) {
        const uint8_t *end = memchr(b->p + from, '\n', b->n - from);
        size_t n = end ? (size_t)(end - b->p) - from : b->n - from;
        read_line(l, a, (const char *)b->p + from, n);
        from += n + 1;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct change *)a)->text, ((const struct change *)b)->text);
}

static bool same_list(const struct change *a, uint32_t n, const struct change *b, uint32_t m)
{
    for (uint32_t i = 0; n == m && i < n; i++)
        if (strcmp(a[i].text, b[i].text))
            return false;
    return n == m;
}

/* In the order of each sink by itself. */
static int by_sink(const void *a, const void *b)
{
    const struct change *x = *(const struct change *const *)a, *y = *(const struct change *const *)b;
    int r = strcmp(x->sink, y->sink);
    return r ? r : (x > y) - (x < y);
}

static struct change *per_sink(struct arena *a, struct change *c, uint32_t n)
{
    struct change **order = arena_array(a, n + 1, sizeof *order), *out = arena_array(a, n + 1, sizeof *out);
    for (uint32_t i = 0; i < n; i++)
        order[i] = &c[i];
    qsort(order, n, sizeof *order, by_sink);
    for (uint32_t i = 0; i < n; i++)
        out[i] = *order[i];
    return out;
}

static bool same_key(const struct value *head, const struct value *a, const struct value *b)
{
    const struct value *key = member(head, "primaryKey");
    for (uint32_t i = 0; i < key->n; i++)
        if (!value_same(value_member(a, key->items[i].text), value_member(b, key->items[i].text)))
            return false;
    return true;
}

static const struct value *head_of(const struct log *l, const char *sink)
{
    for (uint32_t i = 0; i < l->n_heads; i++)
        if (!strcmp(member(l->heads[i], "sink")->text, sink))
            return l->heads[i];
    return NULL;
}

/* What is left when all changes have been applied. */
static void finish(struct log *l, const struct log *heads, struct arena *a)
{
    for (uint32_t i = 0; i < l->n; i++) {
        const struct change *c = &l->c[i];
        const struct value *head = head_of(heads, c->sink), *key = head ? member(head, "primaryKey") : NULL;
        bool gone = c->op[0] == '-', keyed = key && key->n;
        if (keyed && !strcmp(c->op, "-U"))
            continue;
        struct change final = {c->sink, "", c->row, canonical(a, c->sink, "", c->row)};
        uint32_t at = 0;
        while (at < l->n_final &&
               (keyed ? strcmp(l->final[at].sink, c->sink) || !same_key(head, l->final[at].row, c->row)
                      : !gone || strcmp(l->final[at].text, final.text)))
            at++;
        if (at < l->n_final && gone)
            l->final[at] = l->final[--l->n_final];
        else if (at < l->n_final)
            l->final[at] = final;
        else if (!gone)
            add(&l->final, &l->n_final, &l->cap_final, final);
    }
}

static void show(const struct change *c, uint32_t n, const char *what)
{
    printf("    %s:\n", what);
    for (uint32_t i = 0; i < n && i < 40; i++) {
        printf("      ");
        for (const char *p = c[i].text; *p; p++)
            if (*p != '\n' && !(*p == ' ' && p[1] == ' '))
                putchar(*p);
        putchar('\n');
    }
}

/* Does the plan have nodes that send rows of several keys, or that fit one row, in the order of Java's hash maps, or inputs that come as they
 * will? Flink does the same each time, but only because its hashes are the same; no query may rely on it. */
static bool unordered(const char *dir)
{
    static const char *const nodes[] = {"stream-exec-join_",          "stream-exec-window-",         "stream-exec-global-window-",
                                        "stream-exec-union_",         "stream-exec-over-aggregate_", "stream-exec-interval-join_",
                                        "stream-exec-temporal-join_", "stream-exec-group-window-",   "stream-exec-global-group-"};
    struct buf plan = {0};
    bool found = false;
    program_file(dir, "plan.json", &plan);
    const char *text = buf_cstr(&plan);
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        found = found || strstr(text, nodes[i]);
    buf_free(&plan);
    return found;
}

/* NULL: as in Flink; else what differs, which is shown if wanted. */
static const char *differs(const char *dir, const struct how *how, const struct buf *got, bool shown)
{
    struct arena a = {0};
    struct buf want = {0}, expected = {0};
    struct log flink = {0}, weir = {0};
    struct value e;
    struct err err = {0};
    program_file(dir, "flink-output.jsonl", &want);
    program_file(dir, "expected.json", &expected);
    bool known = value_from_json(&e, expected.p, expected.n, &a, &err);
    const struct value *flink_run = known ? member(&e, "flinkRun") : NULL;
    const struct value *order = member(flink_run, "repeatSameOrder"), *log = member(flink_run, "repeatSameChangelog");
    read_log(&flink, &a, &want);
    weir.heads[0] = flink.heads[0];
    weir.n_heads = flink.n_heads == 1;
    read_log(&weir, &a, got);
    bool as_list = same_list(per_sink(&a, flink.c, flink.n), flink.n, per_sink(&a, weir.c, weir.n), weir.n);
    finish(&weir, &flink, &a);
    struct change *f = per_sink(&a, flink.c, flink.n), *w = per_sink(&a, weir.c, weir.n);
    qsort(f, flink.n, sizeof *f, by_text); /* never NULL: of an arena */
    qsort(w, weir.n, sizeof *w, by_text);
    bool as_log = same_list(f, flink.n, w, weir.n);
    if (flink.final)
        qsort(flink.final, flink.n_final, sizeof *flink.final, by_text);
    if (weir.final)
        qsort(weir.final, weir.n_final, sizeof *weir.final, by_text);
    bool as_final = same_list(flink.final, flink.n_final, weir.final, weir.n_final);
    bool ordered = order && order->b && !unordered(dir);
    bool ok = how->only_final ? as_final : ordered ? as_list : (order && order->b) || (log && log->b) ? as_log : as_final;
    if (!ok && shown) {
        show(flink.c, flink.n, "Flink");
        show(weir.c, weir.n, "weir");
    }
    free(flink.c);
    free(weir.c);
    free(flink.final);
    free(weir.final);
    buf_free(&want);
    buf_free(&expected);
    arena_free(&a);
    return ok      ? NULL
        : as_log   ? "the same changes in another order"
        : as_final ? "other changes, the same final rows"
                   : "another result";
}

/* Whether there is an order of the sources that gives what Flink gave. */
static bool in_another_order(const char *dir, const struct how *how, uint32_t n)
{
    static const uint32_t rows[] = {1, 2, 3, 1024};
    for (uint32_t i = 0; n > 1 && i < n * 4; i++) {
        struct how other = *how;
        struct buf out = {0};
        other.order = i / 4;
        other.batch_rows = rows[i % 4];
        bool same = !run(dir, &other, &out) && !strstr(buf_cstr(&out), "\n!") && !differs(dir, how, &out, false);
        buf_free(&out);
        if (same)
            return true;
    }
    return false;
}

/* Flink failed as well: with a row, not with what is not there yet. */
static bool flink_failed(const char *dir)
{
    struct arena a = {0};
    struct buf expected = {0};
    struct value e;
    struct err err = {0};
    program_file(dir, "expected.json", &expected);
    const struct value *run = value_from_json(&e, expected.p, expected.n, &a, &err) ? member(&e, "flinkRun") : NULL;
    const struct value *status = member(run, "status");
    bool failed = status && !strcmp(status->text, "error");
    buf_free(&expected);
    arena_free(&a);
    return failed;
}

static void program(struct reasons *r, const char *dir, const struct how *how)
{
    struct buf plan = {0}, out = {0}, want = {0};
    const char *slash = strrchr(dir, '/'), *id = slash ? slash + 1 : dir;
    bool planned = program_file(dir, "plan.json", &plan);
    bool there = program_file(dir, "flink-output.jsonl", &want) && (planned || (how->from_sql && flink_failed(dir)));
    buf_cstr(&plan);
    if (!there || strstr((const char *)plan.p, "\"batch-exec-")) {
        r->apart++;
    } else {
        const struct how alone = {.batch_rows = how->batch_rows, .entries = how->entries, .from_sql = how->from_sql};
        int status = how->parallelism > 1 ? run(dir, &alone, &out) : 0;
        if (strstr(buf_cstr(&out), "#late\n")) {
            printf("%s: set apart: it drops late rows, and which these are depends on how far each subtask has come\n", id);
            r->apart++;
            goto end;
        }
        out.n = 0;
        status = run(dir, how, &out);
        const char *text = buf_cstr(&out), *bang = text[0] == '!' ? text : strstr(text, "\n!");
        if (status) {
            reason_add(r, id, "ends with status %d", status);
        } else if (bang) { /* without the node's number, so that equal reasons are one */
            char *why = (char *)bang + (bang != text) + 1, *open = strchr(why, '(');
            why[strcspn(why, "\n")] = 0;
            if (strncmp(why, "node ", 5) || !open)
                open = why;
            if (!strncmp(open, "pipeline.sql:", 13) && strstr(open, ": ")) /* without the place */
                open = strstr(open, ": ") + 2;
            if (flink_failed(dir) && !strstr(open, "not there yet"))
                r->agree++;
            else
                reason_add(r, id, "%.140s", open);
        } else if (!planned) {
            reason_add(r, id, "runs, and Flink refuses it");
        } else {
            const char *other = differs(dir, how, &out, false);
            if (!other || (how->parallelism <= 1 && in_another_order(dir, how, orders(&plan)))) {
                r->agree++;
            } else {
                reason_add(r, id, "%s", other);
                differs(dir, how, &out, r->verbose);
            }
        }
    }
end:
    buf_free(&plan);
    buf_free(&out);
    buf_free(&want);
}

int main(int argc, char **argv)
{
    struct reasons r = {0};
    struct how how = {.batch_rows = 1};
    unsigned goal = 100;
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (!strcmp(argv[at], "-v"))
            r.verbose = true;
        else if (!strcmp(argv[at], "-s"))
            how.from_sql = true;
        else if (!strcmp(argv[at], "-r") && at + 1 < argc)
            how.batch_rows = (uint32_t)atoi(argv[++at]);
        else if (!strcmp(argv[at], "-p") && at + 1 < argc)
            how.parallelism = (uint32_t)atoi(argv[++at]);
        else if (!strcmp(argv[at], "-d") && at + 1 < argc)
            how.entries = argv[++at];
        else if (!strcmp(argv[at], "-f"))
            how.only_final = true;
        else if (!strcmp(argv[at], "-g") && at + 1 < argc)
            goal = (unsigned)atoi(argv[++at]);
        else if (!strcmp(argv[at], "-k") && at + 1 < argc && !reasons_known(&r, argv[++at]))
            return perror(argv[at]), 2;
    }
    for (; at < argc; at++)
        program(&r, argv[at], &how);
    return reasons_print(&r, "programs", goal) ? 0 : 1;
}
