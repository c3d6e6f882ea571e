/* Runs expressions that real Flink has computed, and says which results are the same.
 *
 *   expressions [-v] [-g GOAL] [-k KNOWN] FILE.jsonl…
 *
 * A line is a JSON object: "id", "rex" (the expression as in a compiled plan), "fields" ([{name, type, value}], one row), "value" or "error",
 * "config". Lines without rex never reach a plan and are not counted, nor those that need a Java function or change with time.
 * Printed are, by reason, those that do not agree (-v: each of them); exit 1 when less than GOAL % (95) agree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sql/cell_json.h"
#include "sql/expr.h"
#include "tests/sql/reasons.h"

static int64_t wall(void *clock)
{
    (void)clock;
    return (int64_t)time(NULL) * 1000;
}

static const struct value *member(const struct value *v, const char *name)
{
    const struct value *m = v->kind == VAL_OBJECT ? value_member(v, name) : NULL;
    return m && m->kind != VAL_NULL ? m : NULL;
}

struct item {
    struct arena a;
    struct value v;
    const struct ltype **types;
    struct vec *cols;
    uint32_t n;
    struct eval ev;
};

static bool fields(struct item *it, struct err *e)
{
    const struct value *list = member(&it->v, "fields");
    it->n = list ? list->n : 0;
    it->types = arena_array(&it->a, it->n + 1, sizeof *it->types);
    it->cols = arena_array(&it->a, it->n + 1, sizeof *it->cols);
    for (uint32_t i = 0; i < it->n; i++) {
        const struct value *f = &list->items[i];
        if (!(it->types[i] = type_of_json(&it->a, member(f, "type"), e)))
            return false;
        it->cols[i] = vec_new(&it->a, 1);
        struct err mine = {0};
        if (!cell_of_json(&it->ev.heap, it->types[i], value_member(f, "value"), it->cols[i].v, it->cols[i].null, &mine))
            it->cols[i].null[0] = 1; /* of a type that is not there: matters only to who uses it */
    }
    return true;
}

static bool configure(struct item *it, struct err *e)
{
    const struct value *config = member(&it->v, "config");
    const struct value *zone = config ? member(config, "table.local-time-zone") : NULL;
    const struct value *legacy = config ? member(config, "table.exec.legacy-cast-behaviour") : NULL;
    it->ev.now = wall;
    it->ev.random = 42;
    it->ev.watermark = INT64_MIN;
    it->ev.legacy_cast = legacy && !strcmp(legacy->text, "ENABLED");
    return !zone || (it->ev.zone = zone_load(&it->a, zone->text, zone->n, e));
}

/* The result as JSON text, or the error. */
static bool evaluate(struct item *it, struct buf *out, struct err *e)
{
    const struct rex *rex = rex_read(&it->a, member(&it->v, "rex"), e);
    struct binding b = {&it->a, &it->ev, it->types, it->n};
    struct expr *x = rex ? expr_make(&b, rex, e) : NULL;
    if (!x)
        return false;
    it->ev.cols = it->cols;
    expr_run(x, &it->ev, NULL, 1);
    if (it->ev.e.kind != ERR_NONE) {
        *e = it->ev.e;
        return false;
    }
    struct jsonw w = {.out = out};
    cell_json(&w, CELL_JSON_TYPED, x->type, x->out.v[0], x->out.null[0]);
    return true;
}

static bool same_as_flink(struct item *it, struct buf *got)
{
    struct value v;
    struct err e = {0};
    const struct value *want = value_member(&it->v, "value");
    return value_from_json(&v, got->p, got->n, &it->a, &e) && want && value_same(&v, want);
}

static void judge(struct reasons *r, struct item *it)
{
    struct err e = {0};
    struct buf got = {0};
    const char *id = member(&it->v, "id")->text;
    const struct value *error = member(&it->v, "error"), *want = value_member(&it->v, "value");
    bool ok = fields(it, &e) && configure(it, &e) && evaluate(it, &got, &e);
    if (error && !ok && e.kind != ERR_UNSUPPORTED)
        r->agree++;
    else if (error && !ok && member(&it->v, "errorStage") && !strcmp(member(&it->v, "errorStage")->text, "plan"))
        r->agree++;
    else if (!error && ok && same_as_flink(it, &got))
        r->agree++;
    else if (!ok && e.kind == ERR_UNSUPPORTED)
        reason_add(r, id, "%s", e.text);
    else if (!ok)
        reason_add(r, id, "fails: %.60s", e.text);
    else if (error)
        reason_add(r, id, "does not fail");
    else {
        struct buf w = {0};
        struct jsonw j = {.out = &w};
        (void)j;
        if (want && want->kind == VAL_TEXT)
            buf_printf(&w, "%.200s", want->text);
        reason_add(r, id, "another value of %s", member(&it->v, "expr") ? reason_function(member(&it->v, "expr")->text) : "?");
        reason_detail(r, "%s is %.300s, Flink has %.300s", member(&it->v, "expr")->text, buf_cstr(&got),
                      want && want->kind == VAL_TEXT       ? buf_cstr(&w)
                          : want && want->kind == VAL_NULL ? "null"
                                                           : "(another)");
        buf_free(&w);
    }
    buf_free(&got);
}

static void line_of(struct reasons *r, const char *text, size_t n)
{
    struct item it = {0};
    struct err e = {0};
    if (!value_from_json(&it.v, text, n, &it.a, &e))
        reason_add(r, "?", "malformed line: %s", e.text);
    else if (!member(&it.v, "rex"))
        r->apart++;
    else if (member(&it.v, "nondeterministic") || member(&it.v, "needsUdf"))
        r->apart++;
    else
        judge(r, &it);
    scratch_free(&it.ev.heap);
    buf_free(&it.ev.text);
    arena_free(&it.a);
}

int main(int argc, char **argv)
{
    struct reasons r = {0};
    char *line = NULL;
    size_t cap = 0;
    int from = 1;
    unsigned goal = 95;
    for (; from < argc && argv[from][0] == '-'; from++) {
        if (!strcmp(argv[from], "-v"))
            r.verbose = true;
        else if (!strcmp(argv[from], "-g") && from + 1 < argc)
            goal = (unsigned)atoi(argv[++from]);
        else if (!strcmp(argv[from], "-k") && from + 1 < argc && !reasons_known(&r, argv[++from]))
            return perror(argv[from]), 2;
    }
    for (int i = from; i < argc; i++) {
        FILE *f = fopen(argv[i], "r");
        if (!f) {
            perror(argv[i]);
            return 2;
        }
        ssize_t n;
        while ((n = getline(&line, &cap, f)) > 0)
            line_of(&r, line, (size_t)n);
        fclose(f);
    }
    free(line);
    return reasons_print(&r, "expressions", goal) ? 0 : 1;
}
