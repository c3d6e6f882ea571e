#include "sql/show.h"

#include <stdlib.h>
#include <string.h>

#include "sql/catalog.h"
#include "sql/compile.h"
#include "sql/explain.h"

/* By name, once each. */
static const char *const functions[] = {
#define SIG(name, plan, syntax, args, result) name,
#include "sql/signatures.def"
#undef SIG
#define AGG(name, plan, syntax, args, result) name,
#define WIN(name, plan, syntax, args, result) name,
#include "sql/aggregates.def"
#undef AGG
#undef WIN
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static void start(struct show *to, struct catalog *c, const char *const *columns, uint32_t n, uint32_t rows)
{
    *to = (struct show){.n_columns = n, .columns = columns, .cells = arena_array(c->a, (size_t)n * rows + 1, sizeof *to->cells)};
}

static const char *taken(struct catalog *c, struct buf *b)
{
    const char *s = arena_strn(c->a, (const char *)b->p, b->n);
    buf_free(b);
    return s;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void sort(struct show *to) { qsort(to->cells, to->n_rows, sizeof *to->cells, by_name); }

static void tables(struct catalog *c, struct show *to, bool views)
{
    static const char *const table[] = {"table name"}, *const view[] = {"view name"};
    start(to, c, views ? view : table, 1, c->n);
    for (uint32_t i = 0; i < c->n; i++)
        if (!views || c->tables[i].view)
            to->cells[to->n_rows++] = c->tables[i].t.name;
    sort(to);
}

static void all_functions(struct catalog *c, struct show *to)
{
    static const char *const column[] = {"function name"};
    start(to, c, column, 1, FUNCTIONS);
    for (uint32_t i = 0; i < FUNCTIONS; i++)
        if (*functions[i] != '$')
            to->cells[to->n_rows++] = functions[i];
    sort(to);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < to->n_rows; i++)
        if (!kept || strcmp(to->cells[kept - 1], to->cells[i]) != 0)
            to->cells[kept++] = to->cells[i];
    to->n_rows = kept;
}

/* --- a table's columns --- */

static const char *type_text(struct catalog *c, const struct ltype *t, enum ltype_style style)
{
    struct buf b = {0};
    ltype_text(type_nullable(c->a, t, true), style, 64 << 10, &b);
    return taken(c, &b);
}

static const char *key_text(struct catalog *c, const struct table *t, uint32_t column)
{
    struct buf b = {0};
    bool in = false;
    buf_puts(&b, "PRI(");
    for (uint32_t i = 0; i < t->t.n_key; i++) {
        buf_printf(&b, "%s%s", i ? ", " : "", t->t.columns[t->t.key[i]].name);
        in = in || t->t.key[i] == column;
    }
    buf_putc(&b, ')');
    const char *text = taken(c, &b);
    return in ? text : NULL;
}

static const char *extras(struct catalog *c, const struct table *t, uint32_t i)
{
    const struct cplan_column *k = &t->t.columns[i];
    if (k->kind == COLUMN_COMPUTED)
        return arena_printf(c->a, "AS %s", t->texts[i] ? t->texts[i] : "…");
    if (k->kind == COLUMN_METADATA)
        return arena_printf(c->a, "METADATA%s%s%s%s", k->metadata_key ? " FROM '" : "", k->metadata_key ? k->metadata_key : "",
                            k->metadata_key ? "'" : "", k->is_virtual ? " VIRTUAL" : "");
    return NULL;
}

static void put_row(struct show *to, const char *name, const char *type, bool null, const char *key, const char *more,
                    const char *watermark)
{
    const char *row[] = {name, type, null ? "TRUE" : "FALSE", key, more, watermark};
    memcpy(&to->cells[(size_t)to->n_rows++ * 6], row, sizeof row);
}

static bool columns_of(struct catalog *c, const struct plan_tables *plan_tables, const struct ast *name, struct show *to,
                       struct err *e)
{
    static const char *const columns[] = {"name", "type", "null", "key", "extras", "watermark"};
    const struct table *t = catalog_need(c, name, e);
    const struct ltype *row = t && t->view ? compile_row(c, plan_tables, t->view, e) : NULL;
    if (!t || (t->view && !row))
        return false;
    uint32_t n = t->view ? row->n : t->t.n;
    start(to, c, columns, 6, n);
    for (uint32_t i = 0; i < n; i++)
        if (t->view)
            put_row(to, i < t->n_names ? t->names[i] : row->names[i], type_text(c, row->kids[i], LTYPE_SUMMARY),
                    row->kids[i]->nullable, NULL, NULL, NULL);
        else
            put_row(to, t->t.columns[i].name, type_text(c, t->t.columns[i].type, LTYPE_SUMMARY), t->t.columns[i].type->nullable,
                    key_text(c, t, i), extras(c, t, i), t->watermark == (int)i ? t->watermark_text : NULL);
    return true;
}

/* --- statements that make it again --- */

static void put_quoted(struct buf *b, char quote, const char *s)
{
    buf_putc(b, (uint8_t)quote);
    for (; *s; s++) {
        if (*s == quote)
            buf_putc(b, (uint8_t)quote);
        buf_putc(b, (uint8_t)*s);
    }
    buf_putc(b, (uint8_t)quote);
}

static void put_columns(struct catalog *c, const struct table *t, struct buf *b)
{
    for (uint32_t i = 0; i < t->t.n; i++) {
        const struct cplan_column *k = &t->t.columns[i];
        const char *more = extras(c, t, i);
        buf_puts(b, i ? ",\n  " : "  ");
        put_quoted(b, '`', k->name);
        if (k->kind != COLUMN_COMPUTED)
            buf_printf(b, " %s%s", type_text(c, k->type, LTYPE_SQL), k->type->nullable ? "" : " NOT NULL");
        if (more)
            buf_printf(b, " %s", more);
    }
    if (t->watermark >= 0) {
        buf_puts(b, ",\n  WATERMARK FOR ");
        put_quoted(b, '`', t->t.columns[t->watermark].name);
        buf_printf(b, " AS %s", t->watermark_text);
    }
    for (uint32_t i = 0; i < t->t.n_key; i++) {
        if (!i) {
            buf_puts(b, ",\n  CONSTRAINT ");
            put_quoted(b, '`', t->key_name);
            buf_puts(b, " PRIMARY KEY (");
        }
        buf_puts(b, i ? ", " : "");
        put_quoted(b, '`', t->t.columns[t->t.key[i]].name);
    }
    buf_puts(b, t->t.n_key ? ") NOT ENFORCED\n" : "\n");
}

static void put_create_table(struct catalog *c, const struct table *t, struct buf *b)
{
    buf_printf(b, "CREATE TABLE %s (\n", t->t.identifier);
    put_columns(c, t, b);
    buf_puts(b, ")\n");
    for (uint32_t i = 0; i < t->t.n_partition; i++) {
        buf_puts(b, i ? ", " : "PARTITIONED BY (");
        put_quoted(b, '`', t->t.partition[i]);
    }
    buf_puts(b, t->t.n_partition ? ")\nWITH (\n" : "WITH (\n");
    for (uint32_t i = 0; i < t->t.n_options; i++) {
        buf_puts(b, i ? ",\n  " : "  ");
        put_quoted(b, '\'', t->t.option_names[i]);
        buf_puts(b, " = ");
        put_quoted(b, '\'', t->t.option_values[i]);
    }
    buf_puts(b, "\n)\n");
}

static bool create(struct catalog *c, const struct ast *x, struct show *to, struct err *e)
{
    static const char *const result[] = {"result"};
    bool view = !strcmp(x->text, "CREATE VIEW");
    const struct table *t = catalog_need(c, x->kids[0], e);
    struct buf b = {0};
    if (!t)
        return false;
    if (!t->view == view)
        return sql_fault(c->text, x->kids[0]->at, e, "'%s' is a %s: SHOW CREATE %s", t->t.name, view ? "table" : "view",
                         view ? "TABLE" : "VIEW");
    if (view) {
        buf_printf(&b, "CREATE VIEW %s", t->t.identifier);
        for (uint32_t i = 0; i < t->n_names; i++) {
            buf_puts(&b, i ? ", " : " (");
            put_quoted(&b, '`', t->names[i]);
        }
        buf_puts(&b, t->n_names ? ") AS\n" : " AS\n");
        ast_print(t->view, &b);
        buf_putc(&b, '\n');
    } else {
        put_create_table(c, t, &b);
    }
    start(to, c, result, 1, 1);
    to->cells[to->n_rows++] = taken(c, &b);
    to->text = true;
    return true;
}

/* --- EXPLAIN --- */

static bool explain(struct catalog *c, const struct plan_tables *plan_tables, const struct ast *x, struct show *to, struct err *e)
{
    static const char *const result[] = {"result"};
    struct value json;
    struct cplan plan;
    struct explain all;
    struct buf b = {0};
    const struct ast *of = x->kids[1];
    if (x->kids[0])
        return sql_fault(c->text, x->kids[0]->at, e, "details of EXPLAIN (%s) are not there yet: EXPLAIN shows the plan that runs",
                         x->kids[0]->n ? x->kids[0]->kids[0]->text : "");
    bool ok = ast_is_query(of) ? compile_query(c, plan_tables, of, &json, e) : compile_inserts(c, plan_tables, &of, 1, &json, e);
    if (!ok || !cplan_of(&plan, c->a, &json, e) || !explain_read(&all, &plan, c->a, e))
        return false;
    buf_puts(&b, "== Optimized Execution Plan ==\n");
    explain_tree(&all, &b);
    start(to, c, result, 1, 1);
    to->cells[to->n_rows++] = taken(c, &b);
    to->text = true;
    return true;
}

/* What there is one of. */
static bool single(struct catalog *c, const struct ast *x, struct show *to)
{
    static const struct {
        const char *what, *column, *cell;
    } all[] = {{"CATALOGS", "catalog name", "default_catalog"},
               {"DATABASES", "database name", "default_database"},
               {"CURRENT CATALOG", "current catalog name", "default_catalog"},
               {"CURRENT DATABASE", "current database name", "default_database"},
               {"MODULES", "module name", "core"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(x->text, all[i].what)) {
            start(to, c, &all[i].column, 1, 1);
            to->cells[to->n_rows++] = all[i].cell;
            return true;
        }
    return false;
}

bool show_of(struct catalog *c, const struct plan_tables *plan_tables, const struct ast *x, struct show *to, struct err *e)
{
    if (x->kind == AST_EXPLAIN)
        return explain(c, plan_tables, x, to, e);
    if (x->kind == AST_DESCRIBE || !strncmp(x->text, "COLUMNS", 7))
        return columns_of(c, plan_tables, x->kids[0], to, e);
    if (!strncmp(x->text, "CREATE", 6))
        return create(c, x, to, e);
    if (!strcmp(x->text, "TABLES") || !strcmp(x->text, "VIEWS"))
        return tables(c, to, *x->text == 'V'), true;
    if (!strcmp(x->text, "FUNCTIONS"))
        return all_functions(c, to), true;
    return single(c, x, to) || sql_fault(c->text, x->at, e, "SHOW %s is not there: weir has none", x->text);
}
