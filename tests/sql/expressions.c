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

#include "tests/sql/item.h"
#include "tests/sql/reasons.h"

static bool run(struct item *it, struct buf *got, struct err *e)
{
    const struct rex *rex = rex_read(&it->a, item_member(&it->v, "rex"), e);
    return rex && item_run(it, rex, got, e);
}

static void judge(struct reasons *r, struct item *it)
{
    struct err e = {0};
    struct buf got = {0};
    const char *id = item_member(&it->v, "id")->text;
    const struct value *error = item_member(&it->v, "error"), *want = value_member(&it->v, "value");
    bool ok = item_open(it, &e) && run(it, &got, &e);
    if (error && !ok && e.kind != ERR_UNSUPPORTED)
        r->agree++;
    else if (error && !ok && item_member(&it->v, "errorStage") && !strcmp(item_member(&it->v, "errorStage")->text, "plan"))
        r->agree++;
    else if (!error && ok && item_same(it, &got))
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
        reason_add(r, id, "another value of %s",
                   item_member(&it->v, "expr") ? reason_function(item_member(&it->v, "expr")->text) : "?");
        reason_detail(r, "%s is %.300s, Flink has %.300s", item_member(&it->v, "expr")->text, buf_cstr(&got),
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
    else if (!item_member(&it.v, "rex"))
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
    char *line = NULL;
    size_t cap = 0;
    unsigned goal = 95;
    int from = reasons_options(&r, argc, argv, &goal);
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
