/* The planner: any script becomes a plan that is read back, or is refused with a message. */
#include <string.h>

#include "runtime/conn.h"
#include "sql/compile.h"
#include "sql/parse.h"
#include "tests/fuzz/fuzz.h"

static void need(bool truth)
{
    if (!truth)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct err e = {0};
    struct sql_text text = {.name = "script", .bytes = {data, size}};
    struct sql_script s;
    struct catalog c;
    struct value plan;
    struct cplan read;
    const struct ast *query = NULL;
    bool ok = size < 1 << 16 && sql_parse(&text, &a, &s, &e);
    const struct ast **inserts = arena_array(&a, ok ? s.n + 1u : 1, sizeof *inserts);
    uint32_t n = 0;
    catalog_init(&c, &a, &text);
    for (uint32_t i = 0; ok && i < s.n; i++) {
        const struct ast *x = s.statements[i];
        if (x->kind == AST_INSERT || x->kind == AST_STATEMENT_SET)
            inserts[n++] = x;
        else if (ast_is_query(x))
            query = x;
        else
            ok = catalog_do(&c, x, &e);
    }
    if (ok && n)
        ok = compile_inserts(&c, &conn_tables, inserts, n, &plan, &e);
    else if (ok && query)
        ok = compile_query(&c, &conn_tables, query, &plan, &e);
    else
        ok = false;
    need(!ok || (e.kind == ERR_NONE && cplan_of(&read, &a, &plan, &e)));
    catalog_free(&c);
    arena_free(&a);
    return 0;
}
