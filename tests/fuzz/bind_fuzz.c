/* An expression of SQL: any text is bound or refused with a place in it; what is bound is a rex that reads as itself, and simplifying it does
 * not change its type. */
#include <string.h>

#include "sql/bind.h"
#include "sql/expr.h"
#include "sql/parse.h"
#include "sql/simplify.h"
#include "tests/fuzz/fuzz.h"

static void need(bool truth)
{
    if (!truth)
        __builtin_trap();
}

static const char *const columns[][2] = {
    {"i", "INT"},
    {"l", "BIGINT NOT NULL"},
    {"d", "DECIMAL(10, 2)"},
    {"f", "DOUBLE"},
    {"s", "STRING"},
    {"c", "CHAR(3)"},
    {"b", "BOOLEAN"},
    {"t", "TIMESTAMP(3)"},
    {"z", "TIMESTAMP_LTZ(3)"},
    {"y", "DATE"},
    {"h", "TIME(0)"},
    {"x", "BYTES"},
    {"a", "ARRAY<INT>"},
    {"m", "MAP<STRING, INT NOT NULL>"},
    {"r", "ROW<i INT NOT NULL, s STRING>"},
    {"v", "INTERVAL DAY TO SECOND(3)"},
    {"w", "INTERVAL MONTH"},
    {"u", "BITMAP"},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void check(struct arena *a, const struct rex *rex, const struct ltype *const *types)
{
    struct err e = {0};
    struct simplify how = {.a = a};
    struct value v = rex_json(a, rex);
    const struct rex *again = rex_read(a, &v, &e), *simple = rex_simplify(&how, rex);
    if (again) {
        struct value same = rex_json(a, again);
        need(value_same(&v, &same));
    } else {
        need(e.kind == ERR_LIMIT); /* what is bound may be nested deeper than a plan may be */
    }
    need(type_same(simple->type, rex->type, true));
    struct eval ev = {.watermark = INT64_MIN};
    struct binding b = {a, &ev, types, COLUMNS};
    struct err made = {0};
    need(!again || expr_make(&b, simple, &made) || made.kind != ERR_NONE);
    scratch_free(&ev.heap);
    buf_free(&ev.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct err e = {0};
    struct buf b = {0};
    struct scope_column c[COLUMNS];
    const struct ltype *types[COLUMNS];
    struct sql_text text = {.name = "script", .bytes = {data, size}};
    for (uint32_t i = 0; i < COLUMNS; i++) {
        types[i] = type_parse(&a, columns[i][1], strlen(columns[i][1]), &e);
        c[i] = (struct scope_column){.name = columns[i][0], .type = types[i], .input = i};
    }
    struct scope s = {.columns = c, .n = COLUMNS};
    struct binder binder = {.a = &a, .text = &text};
    const struct ast *x = sql_parse_expression(&text, &a, &e);
    const struct rex *rex = x ? bind_expr(&binder, &s, x, &e) : NULL;
    need((rex != NULL) == (e.kind == ERR_NONE));
    if (rex) {
        check(&a, rex, types);
    } else {
        sql_point(&text, &b);
        need(e.kind == ERR_UNSUPPORTED || (text.faulty && text.fault.at <= size && strchr(buf_cstr(&b), '^')));
    }
    buf_free(&b);
    arena_free(&a);
    return 0;
}
