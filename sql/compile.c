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
    struct phys *p = phys_rel(&x->p, rel_prune(x->q.a, x->p.tables, twice, rel_push(x->q.a, r)), e);
    uint32_t n = p ? p->row->n : 0, *all = arena_array(x->q.a, n + 1u, sizeof *all);
    for (uint32_t i = 0; i < n; i++)
        all[i] = i;
    return p ? phys_plain_columns(&x->p, p, all, n) : NULL; /* a table has no processing time */
}

static const char *name_of(const struct ast *x) { return x->kind == AST_NAME ? x->kids[x->n - 1]->text : x->text; }

/* The place of a column among those that are written; row->n: it is none. */
static uint32_t column_of(const struct ltype *row, const struct ast *name)
{
    uint32_t c = 0;
    while (c < row->n && strcmp(row->names[c], name_of(name)) != 0)
        c++;
    return c;
}

static bool is_partition(const struct table *t, const char *name)
{
    for (uint32_t i = 0; i < t->t.n_partition; i++)
        if (!strcmp(t->t.partition[i], name))
            return true;
    return false;
}

static const char *text_of(struct compiling *x, const struct ast *value)
{
    struct buf b = {0};
    if (value->kind == AST_TEXT)
        return value->text;
    ast_print(value, &b);
    const char *s = arena_strn(x->q.a, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}

/* PARTITION (column = literal): columns that are the same in all rows (PreValidateReWriter, DynamicSinkUtils#validatePartitioning). */
static bool partition(struct compiling *x, const struct table *t, const struct ast *list, const struct rex **exprs,
                      struct sink_how *how, struct err *e)
{
    const struct ltype *row = cplan_table_row(&t->t, x->q.a);
    struct binder b = {.a = x->q.a, .text = x->q.c->text};
    struct scope none = {0};
    how->columns = arena_array(x->q.a, row->n + 1u, sizeof *how->columns);
    how->values = arena_array(x->q.a, row->n + 1u, sizeof *how->values);
    for (uint32_t i = 0; list && i < list->n; i++) {
        const struct ast *name = list->kids[i]->kids[0], *value = list->kids[i]->kids[1];
        uint32_t c = column_of(row, name);
        if (c == row->n || !is_partition(t, name->text))
            return query_wrong(&x->q, name->at, e, "table '%s' is not partitioned by '%s'", t->t.name, name->text);
        if (exprs[c])
            return query_wrong(&x->q, name->at, e, "column '%s' is there twice", name->text);
        const struct rex *v = bind_expr(&b, &none, value, e);
        if (!v)
            return false;
        if (v->kind != REX_LITERAL)
            return query_wrong(&x->q, value->at, e, "a partition's value is a literal");
        exprs[c] = rex_simplify(&x->q.simplify, rex_cast_to(x->q.a, v, type_nullable(x->q.a, row->kids[c], v->type->nullable)));
        how->columns[how->n_partition] = name->text;
        how->values[how->n_partition++] = text_of(x, value);
    }
    return true;
}

/* Columns of the query under those of the table, where only some were named (the others are NULL) or some are the same in all rows. */
static struct rel *all_columns(struct compiling *x, const struct table *t, struct rel *r, const struct ast *insert,
                               struct sink_how *how, struct err *e)
{
    const struct ast *named = ast_kid(insert, 1);
    const struct ltype *row = cplan_table_row(&t->t, x->q.a);
    const struct rex **exprs = arena_array(x->q.a, row->n + 1u, sizeof *exprs);
    if (!partition(x, t, ast_kid(insert, 2), exprs, how, e))
        return NULL;
    if (!named && !how->n_partition)
        return r;
    if (named && named->n != r->row->n)
        return query_wrong(&x->q, named->at, e, "%u columns are named, the query has %u", named->n, r->row->n), NULL;
    if (!named && r->row->n + how->n_partition != row->n)
        return query_wrong(&x->q, insert->at, e, "the query has %u columns, table '%s' takes %u beside its partition's", r->row->n,
                           t->t.name, row->n - how->n_partition),
               NULL;
    for (uint32_t i = 0, c = 0; i < r->row->n; i++) {
        c = named ? column_of(row, named->kids[i]) : c;
        while (!named && exprs[c])
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
    struct sink_how *how = arena_alloc(x->q.a, sizeof *how);
    *how = (struct sink_how){.conflict = s->text, .overwrite = s->word && !strcmp(s->word, "OVERWRITE")};
    if (!t)
        return false;
    if (t->view)
        return query_wrong(&x->q, s->kids[0]->at, e, "'%s' is a view; rows go into tables", t->t.name);
    if (how->overwrite && strcmp(cplan_option(&t->t, "connector", ""), "filesystem") != 0)
        return query_wrong(&x->q, s->at, e, "INSERT OVERWRITE is for tables of files; '%s' is of connector '%s'", t->t.name,
                           cplan_option(&t->t, "connector", ""));
    for (uint32_t i = 0; i < t->t.n; i++)
        if (t->t.columns[i].kind == COLUMN_METADATA && !t->t.columns[i].is_virtual)
            return query_wrong(
                &x->q, s->kids[0]->at, e,
                "column '%s' of table '%s' is metadata, which its connector '%s' does not write: say METADATA VIRTUAL",
                t->t.columns[i].name, t->t.name, cplan_option(&t->t, "connector", ""));
    if (x->n == SINKS_MAX)
        return query_wrong(&x->q, s->at, e, "more than %d INSERT INTO in one job", SINKS_MAX);
    struct rel *r = query_rel(&x->q, s->kids[3], e);
    r = r ? all_columns(x, t, r, s, how, e) : NULL;
    struct phys *in = r ? planned(x, r, e) : NULL;
    struct phys *sink = in ? phys_sink(&x->p, t, in, how, s->at, e) : NULL;
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
        static const struct sink_how plain;
        struct phys *sink = phys_sink(&x.p, t, in, &plain, query->at, e);
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
