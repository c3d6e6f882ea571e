/* Binds the SQL text of expressions that real Flink has compiled and computed, and says what comes out as in Flink: the expression of the
 * plan, its type, its value.
 *
 *   binding [-v] [-g GOAL] [-k KNOWN] FILE.jsonl…
 *
 * A line is a JSON object: "id", "expr" (SQL), "rex" (Flink's, as in a compiled plan), "type", "fields" (one row of input), "value" or "error" with
 * "errorStage", "config". Lines that need a Java function or change with time are set apart. What does not agree in type and value, or
 * in being refused, is printed by reason (-v: each of them, and rex that are others); exit 1 when less than GOAL % agree, or
 * less than GOAL % of the rex are Flink's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/bind.h"
#include "sql/parse.h"
#include "sql/simplify.h"
#include "tests/sql/item.h"
#include "tests/sql/reasons.h"

static unsigned n_all, n_rex, same_rex, same_type;

static const struct rex *bind_item(struct item *it, struct sql_text *text, struct err *e)
{
    const struct value *fields = item_member(&it->v, "fields");
    struct scope_column *columns = arena_array(&it->a, it->n + 1, sizeof *columns);
    for (uint32_t i = 0; i < it->n; i++)
        columns[i] = (struct scope_column){
            .table = "testTable", .name = item_member(&fields->items[i], "name")->text, .type = it->types[i], .input = i};
    struct scope s = {.columns = columns, .n = it->n};
    struct binder b = {.a = &it->a, .text = text};
    const struct ast *x = sql_parse_expression(text, &it->a, e);
    const struct rex *rex = x ? bind_expr(&b, &s, x, e) : NULL;
    struct simplify how = {&it->a, it->ev.zone, it->ev.legacy_cast};
    return rex ? rex_simplify(&how, rex) : NULL;
}

static void show(const char *what, struct value v)
{
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    value_put_json(&w, &v);
    printf("    %s %.1500s\n", what, buf_cstr(&b));
    buf_free(&b);
}

static void compare_rex(struct reasons *r, struct item *it, const struct rex *rex)
{
    const struct value *want = item_member(&it->v, "rex");
    struct value mine = rex_json(&it->a, rex);
    n_rex++;
    if (value_same(want, &mine)) {
        same_rex++;
    } else if (r->verbose) {
        printf("rex: %s: %s\n", item_member(&it->v, "id")->text, item_member(&it->v, "expr")->text);
        show("weir ", mine);
        show("flink", *want);
    }
}

static bool compare_type(struct reasons *r, struct item *it, const struct rex *rex)
{
    struct err e = {0};
    const char *id = item_member(&it->v, "id")->text;
    const struct value *flink = item_member(&it->v, "rex"), *want = flink ? item_member(flink, "type") : NULL;
    if (!want)
        want = item_member(&it->v, "rexType");
    const struct ltype *type = want ? type_of_json(&it->a, want, &e) : NULL;
    if (!type || type_same(type, rex->type, false))
        return same_type++, true;
    reason_add(r, id, "another type: %.60s, not %.60s", type_label(&it->a, rex->type), type_label(&it->a, type));
    reason_detail(r, "%s", item_member(&it->v, "expr")->text);
    return false;
}

static void judge_value(struct reasons *r, struct item *it, const struct rex *rex)
{
    struct err e = {0};
    struct buf got = {0};
    const char *id = item_member(&it->v, "id")->text, *expr = item_member(&it->v, "expr")->text;
    const struct value *error = item_member(&it->v, "error");
    bool ok = item_run(it, rex, &got, &e);
    if (error ? !ok : ok && item_same(it, &got))
        r->agree++;
    else if (ok)
        reason_add(r, id, error ? "does not fail" : "another value of %s", reason_function(expr));
    else
        reason_add(r, id, "%.70s", e.text);
    if (!(error ? !ok : ok && item_same(it, &got)))
        reason_detail(r, "%s is %.200s", expr, buf_cstr(&got));
    buf_free(&got);
}

static void judge(struct reasons *r, struct item *it)
{
    struct err e = {0};
    const char *id = item_member(&it->v, "id")->text;
    const struct value *expr = item_member(&it->v, "expr"), *stage = item_member(&it->v, "errorStage");
    struct sql_text text = {.name = "sql", .bytes = {(const uint8_t *)expr->text, expr->n}};
    bool refused = stage && !strcmp(stage->text, "validate");
    const struct rex *rex = item_open(it, &e) ? bind_item(it, &text, &e) : NULL;
    n_all++;
    if (rex && item_member(&it->v, "rex"))
        compare_rex(r, it, rex);
    if (rex && refused) {
        reason_add(r, id, "is not refused: %.60s", reason_function(expr->text));
        reason_detail(r, "%s: %.200s", expr->text, item_member(&it->v, "error")->text);
    } else if (rex) {
        if (compare_type(r, it, rex))
            judge_value(r, it, rex);
    } else if (refused || (item_member(&it->v, "error") && e.kind != ERR_UNSUPPORTED)) {
        r->agree++;
        same_type++;
    } else {
        reason_add(r, id, "refused: %.90s", e.text);
        reason_detail(r, "%s", expr->text);
    }
}

static void line_of(struct reasons *r, const char *text, size_t n)
{
    struct item it = {0};
    struct err e = {0};
    if (!value_from_json(&it.v, text, n, &it.a, &e))
        reason_add(r, "?", "malformed line: %s", e.text);
    else if (!item_member(&it.v, "rex") && !item_member(&it.v, "error"))
        r->apart++;
    else if (item_member(&it.v, "nondeterministic") || item_member(&it.v, "needsUdf"))
        r->apart++;
    else
        judge(r, &it);
    item_free(&it);
}

int main(int argc, char **argv)
{
    struct reasons r = {0};
    unsigned goal = 95;
    int from = reasons_options(&r, argc, argv, &goal);
    char *line = NULL;
    size_t cap = 0;
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
    bool good = reasons_print(&r, "expressions from SQL", goal);
    printf("the plan's expression as Flink's: %u of %u; the type: %u of %u\n", same_rex, n_rex, same_type, n_all);
    return good && (uint64_t)same_rex * 100 >= (uint64_t)n_rex * goal ? 0 : 1;
}
