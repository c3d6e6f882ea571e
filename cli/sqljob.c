#include "cli/sqljob.h"

#include <stdio.h>
#include <string.h>

#include "runtime/conn.h"
#include "sql/parse.h"

static bool statement(struct sqljob *s, const struct ast *x, struct err *e)
{
    switch (x->kind) {
    case AST_INSERT:
    case AST_STATEMENT_SET:
        s->inserts[s->n_inserts++] = x;
        return true;
    case AST_COMPILE_PLAN:
        if (!planfile_compile(&s->plans[s->n_plans++], &s->catalog, x, e))
            return false;
        if (s->plans[s->n_plans - 1].execute)
            s->files[s->n_files++] = x->kids[0]->text;
        return true;
    case AST_EXECUTE_PLAN:
        s->files[s->n_files++] = x->kids[0]->text;
        return true;
    case AST_SHOW:
    case AST_DESCRIBE:
    case AST_EXPLAIN:
        return show_of(&s->catalog, &conn_tables, x, &s->shows[s->n_shows++], e);
    default:
        if (!ast_is_query(x))
            return catalog_do(&s->catalog, x, e);
        if (s->query)
            return sql_fault(&s->text, x->at, e, "a second SELECT: one script is one job");
        s->query = x;
        return true;
    }
}

/* Faults in it are told without their place, which nobody could look up. */
static bool read_prelude(struct sqljob *s, struct err *e)
{
    struct sql_text text = {.name = "tables", .bytes = s->prelude};
    struct sql_script script;
    bool ok = sql_parse(&text, &s->a, &script, e);
    s->catalog.text = &text;
    for (uint32_t i = 0; ok && i < script.n; i++)
        ok = catalog_do(&s->catalog, script.statements[i], e);
    s->catalog.text = &s->text;
    return ok;
}

bool sqljob_read(struct sqljob *s, const char *name, const char *const (*settings)[2], uint32_t n_settings, struct err *e)
{
    struct sql_script script;
    s->text = (struct sql_text){.name = name, .bytes = {s->bytes.p, s->bytes.n}};
    catalog_init(&s->catalog, &s->a, &s->text);
    for (uint32_t i = 0; i < n_settings; i++)
        catalog_set(&s->catalog, settings[i][0], settings[i][1]);
    if ((s->prelude.n && !read_prelude(s, e)) || !sql_parse(&s->text, &s->a, &script, e))
        return false;
    s->inserts = arena_array(&s->a, script.n + 1u, sizeof *s->inserts);
    s->shows = arena_array(&s->a, script.n + 1u, sizeof *s->shows);
    s->files = arena_array(&s->a, script.n + 1u, sizeof *s->files);
    s->plans = arena_array(&s->a, script.n + 1u, sizeof *s->plans);
    for (uint32_t i = 0; i < script.n; i++)
        if (!statement(s, script.statements[i], e))
            return false;
    if (s->query && s->n_inserts)
        return sql_fault(&s->text, s->query->at, e, "a SELECT beside INSERT INTO: one script is one job");
    return true;
}

bool sqljob_plan(struct sqljob *s, struct value *plan, struct err *e)
{
    if (s->query)
        return compile_query(&s->catalog, &conn_tables, s->query, plan, e);
    return compile_inserts(&s->catalog, &conn_tables, s->inserts, s->n_inserts, plan, e);
}

bool sqljob_write_plans(const struct sqljob *s, struct err *e)
{
    for (uint32_t i = 0; i < s->n_plans; i++)
        if (!planfile_write(&s->plans[i], e))
            return false;
    return true;
}

void sqljob_free(struct sqljob *s)
{
    for (uint32_t i = 0; i < s->n_plans; i++)
        planfile_free(&s->plans[i]);
    struct buf point = {0};
    sql_point(&s->text, &point);
    if (point.n)
        fwrite(point.p, 1, point.n, stderr);
    buf_free(&point);
    catalog_free(&s->catalog);
    buf_free(&s->bytes);
    arena_free(&s->a);
}
