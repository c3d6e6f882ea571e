#include "sql/compile.h"

#include <string.h>

#include "sql/query.h"
#include "sql/rel_prune.h"
#include "sql/rel_push.h"

enum { SINKS_MAX = 256 };

struct compiling {
    struct query q;
    struct planner p;
    struct phys *sinks[SINKS_MAX];
    uint32_t n;
};

static bool begin(struct compiling *x, struct catalog *c, const struct plan_tables *tables, struct err *e)
{
    const char *zone = catalog_config(c, "table.local-time-zone", "UTC");
    const char *mode = catalog_config(c, "execution.runtime-mode", "streaming");
    *x = (struct compiling){.q = {.a = c->a, .c = c, .tables = tables, .simplify = {.a = c->a}},
                            .p = {.a = c->a, .c = c, .tables = tables}};
    if (strcmp(mode, "streaming") != 0 && strcmp(mode, "STREAMING") != 0)
        return err_set(e, ERR_UNSUPPORTED, "execution.runtime-mode = %s: weir executes streams only", mode);
    if (!strcmp(zone, "default"))
        zone = "UTC";
    x->q.simplify.zone = zone_load(c->a, zone, strlen(zone), e);
    return x->q.simplify.zone != NULL;
}

/* Nodes of a query, with its conditions and columns where they belong. */
static struct phys *planned(struct compiling *x, struct rel *r, struct err *e)
{
    bool twice = !strcmp(catalog_config(x->q.c, "table.exec.source.cdc-events-duplicate", "false"), "true");
    return phys_rel(&x->p, rel_prune(x->q.a, x->p.tables, twice, rel_push(x->q.a, r)), e);
}

static const char *name_of(const struct ast *x) { return x->kind == AST_NAME ? x->kids[x->n - 1]->text : x->text; }

/* Columns of the query under those of the table, where only some were named: the others are NULL. */
static struct rel *all_columns(struct compiling *x, const struct table *t, struct rel *r, const struct ast *insert, struct err *e)
{
    const struct ast *named = ast_kid(insert, 1);
    const struct ltype *row = cplan_table_row(&t->t, x->q.a);
    if (!named)
        return r;
    if (named->n != r->row->n)
        return query_wrong(&x->q, named->at, e, "%u columns are named, the query has %u", named->n, r->row->n), NULL;
    const struct rex **exprs = arena_array(x->q.a, row->n + 1u, sizeof *exprs);
    for (uint32_t i = 0; i < named->n; i++) {
        uint32_t c = 0;
        while (c < row->n && strcmp(row->names[c], name_of(named->kids[i])) != 0)
            c++;
        if (c == row->n)
            return query_wrong(&x->q, named->kids[i]->at, e, "table '%s' has no column '%s' to be written", t->t.name,
                               name_of(named->kids[i])),
                   NULL;
        exprs[c] = rel_column(x->q.a, r, i);
    }
    for (uint32_t c = 0; c < row->n; c++) {
        if (!exprs[c] && !row->kids[c]->nullable)
            return query_wrong(&x->q, named->at, e, "column '%s' is NOT NULL and has no value", row->names[c]), NULL;
        exprs[c] = exprs[c] ? exprs[c] : rex_null(x->q.a, row->kids[c]);
    }
    return rel_project(x->q.a, r, exprs, row->names, row->n);
}

static bool insert(struct compiling *x, const struct ast *s, struct err *e)
{
    const struct table *t = catalog_need(x->q.c, s->kids[0], e);
    if (!t)
        return false;
    if (t->view)
        return query_wrong(&x->q, s->kids[0]->at, e, "'%s' is a view; rows go into tables", t->t.name);
    if (s->word && !strcmp(s->word, "OVERWRITE"))
        return query_wrong(&x->q, s->at, e, "INSERT OVERWRITE is not there yet: weir help sql");
    if (ast_kid(s, 2))
        return query_wrong(&x->q, s->at, e, "PARTITION (…) is not there yet: weir help sql");
    for (uint32_t i = 0; i < t->t.n; i++)
        if (t->t.columns[i].kind == COLUMN_METADATA && !t->t.columns[i].is_virtual)
            return query_wrong(
                &x->q, s->kids[0]->at, e,
                "column '%s' of table '%s' is metadata, which its connector '%s' does not write: say METADATA VIRTUAL",
                t->t.columns[i].name, t->t.name, cplan_option(&t->t, "connector", ""));
    if (x->n == SINKS_MAX)
        return query_wrong(&x->q, s->at, e, "more than %d INSERT INTO in one job", SINKS_MAX);
    struct rel *r = query_rel(&x->q, s->kids[3], e);
    r = r ? all_columns(x, t, r, s, e) : NULL;
    struct phys *in = r ? planned(x, r, e) : NULL;
    struct phys *sink = in ? phys_sink(&x->p, t, in, s->text, s->at, e) : NULL;
    if (!sink || !phys_settle(&x->p, sink, e))
        return false;
    x->sinks[x->n++] = sink;
    return true;
}

bool compile_inserts(struct catalog *c, const struct plan_tables *tables, const struct ast *const *statements, uint32_t n,
                     struct value *plan, struct err *e)
{
    struct compiling x;
    bool ok = begin(&x, c, tables, e);
    for (uint32_t i = 0; ok && i < n; i++) {
        const struct ast *s = statements[i];
        uint32_t many = s->kind == AST_STATEMENT_SET ? s->n : 1;
        for (uint32_t k = 0; ok && k < many; k++)
            ok = insert(&x, s->kind == AST_STATEMENT_SET ? s->kids[k] : s, e);
    }
    if (ok)
        *plan = put_plan(&x.p, x.sinks, x.n);
    return ok;
}

bool compile_query(struct catalog *c, const struct plan_tables *tables, const struct ast *query, struct value *plan, struct err *e)
{
    struct compiling x;
    bool ok = begin(&x, c, tables, e);
    struct rel *r = ok ? query_rel(&x.q, query, e) : NULL;
    struct phys *in = r ? planned(&x, r, e) : NULL;
    if (in) {
        struct table *t = arena_alloc(c->a, sizeof *t);
        struct cplan_column *columns = arena_array(c->a, in->row->n + 1u, sizeof *columns);
        const char **option = arena_array(c->a, 2, sizeof *option);
        for (uint32_t i = 0; i < in->row->n; i++)
            columns[i] = (struct cplan_column){.name = r->row->names[i], .type = in->row->kids[i]};
        option[0] = "connector";
        option[1] = "print";
        *t = (struct table){.watermark = -1, .texts = arena_array(c->a, in->row->n + 1u, sizeof(char *))};
        t->t = (struct cplan_table){.identifier = "`default_catalog`.`default_database`.`result`",
                                    .name = "result",
                                    .n = in->row->n,
                                    .columns = columns,
                                    .n_options = 1,
                                    .option_names = option,
                                    .option_values = option + 1,
                                    .resolved = true};
        struct phys *sink = phys_sink(&x.p, t, in, NULL, query->at, e);
        ok = sink && phys_settle(&x.p, sink, e);
        if (ok)
            *plan = put_plan(&x.p, &sink, 1);
    }
    return in && ok;
}

const struct ltype *compile_row(struct catalog *c, const struct plan_tables *tables, const struct ast *query, struct err *e)
{
    struct compiling x;
    struct rel *r = begin(&x, c, tables, e) ? query_rel(&x.q, query, e) : NULL;
    return r ? r->row : NULL;
}
