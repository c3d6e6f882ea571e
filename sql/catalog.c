#include "sql/catalog.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "sql/bind.h"

static const char catalog_name[] = "default_catalog", database_name[] = "default_database";

void catalog_init(struct catalog *c, struct arena *a, struct sql_text *text) { *c = (struct catalog){.a = a, .text = text}; }

void catalog_free(struct catalog *c)
{
    free(c->tables);
    free(c->config_names);
    free(c->config_values);
    *c = (struct catalog){0};
}

/* --- settings --- */

void catalog_set(struct catalog *c, const char *name, const char *value)
{
    uint32_t i = 0;
    while (i < c->n_config && strcmp(c->config_names[i], name) != 0)
        i++;
    if (i == c->n_config) {
        if (i == c->cap_config) {
            c->cap_config = i ? 2 * i : 16;
            c->config_names = mem_grow(c->config_names, c->cap_config, sizeof *c->config_names);
            c->config_values = mem_grow(c->config_values, c->cap_config, sizeof *c->config_values);
        }
        c->config_names[c->n_config++] = arena_str(c->a, name);
    }
    c->config_values[i] = arena_str(c->a, value);
}

const char *catalog_config(const struct catalog *c, const char *name, const char *otherwise)
{
    for (uint32_t i = 0; i < c->n_config; i++)
        if (!strcmp(c->config_names[i], name))
            return c->config_values[i];
    return otherwise;
}

static bool do_set(struct catalog *c, const struct ast *x, struct err *e)
{
    if (x->kind == AST_SET && !ast_kid(x, 1))
        return sql_fault(c->text, x->at, e, "SET needs a key and a value here: SET 'key' = 'value'");
    if (x->kind == AST_SET) {
        catalog_set(c, x->kids[0]->text, x->kids[1]->text);
        return true;
    }
    uint32_t kept = 0; /* RESET */
    for (uint32_t i = 0; i < c->n_config; i++)
        if (ast_kid(x, 0) && strcmp(c->config_names[i], x->kids[0]->text) != 0) {
            c->config_names[kept] = c->config_names[i];
            c->config_values[kept++] = c->config_values[i];
        }
    c->n_config = kept;
    return true;
}

/* --- finding --- */

static const char *last(const struct ast *name) { return name->kids[name->n - 1]->text; }

/* Whether the parts in front of the last one are where everything is. */
static bool is_here(const struct ast *name)
{
    return (name->n < 2 || !strcmp(name->kids[name->n - 2]->text, database_name)) &&
        (name->n < 3 || !strcmp(name->kids[name->n - 3]->text, catalog_name)) && name->n <= 3;
}

const struct table *catalog_find(const struct catalog *c, const struct ast *name)
{
    for (uint32_t i = 0; is_here(name) && i < c->n; i++)
        if (!strcmp(c->tables[i].t.name, last(name)))
            return &c->tables[i];
    return NULL;
}

static const char *candidate(const void *ctx, size_t i)
{
    const struct catalog *c = ctx;
    return i < c->n ? c->tables[i].t.name : NULL;
}

const struct table *catalog_need(const struct catalog *c, const struct ast *name, struct err *e)
{
    const struct table *t = catalog_find(c, name);
    const char *near = t ? NULL : nearest_name(last(name), candidate, c);
    if (!t && near && strcmp(near, last(name)) != 0)
        sql_fault(c->text, name->at, e, "there is no table '%s'; did you mean '%s'?", last(name), near);
    else if (!t)
        sql_fault(c->text, name->at, e, "there is no table '%s'", last(name));
    return t;
}

/* --- CREATE TABLE --- */

struct making {
    struct catalog *c;
    struct table *t;
    struct cplan_column *columns;
    uint32_t cap;
    const struct ast *watermark; /* AST_WATERMARK */
    struct err *e;
};

static int column_named(const struct table *t, const char *name)
{
    for (uint32_t i = 0; i < t->t.n; i++)
        if (!strcmp(t->t.columns[i].name, name))
            return (int)i;
    return -1;
}

static bool wrong(struct making *m, const struct ast *x, const char *fmt, const char *word)
{
    return sql_fault(m->c->text, x->at, m->e, fmt, word); // NOLINT
}

/* Columns that an expression of a table may name: those that are not computed. */
static struct scope scope_of(struct making *m, bool all)
{
    struct scope_column *c = arena_array(m->c->a, m->t->t.n + 1u, sizeof *c);
    struct scope s = {.columns = c};
    for (uint32_t i = 0; i < m->t->t.n; i++)
        if (all || m->t->t.columns[i].kind != COLUMN_COMPUTED)
            c[s.n++] = (struct scope_column){.name = m->t->t.columns[i].name, .type = m->t->t.columns[i].type, .input = i};
    return s;
}

static const char *text_of(struct making *m, const struct ast *x)
{
    struct buf b = {0};
    ast_print(x, &b);
    const char *s = arena_strn(m->c->a, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}

static bool add_column(struct making *m, const struct ast *x)
{
    struct cplan_column *k = &m->columns[m->t->t.n];
    if (column_named(m->t, x->text) >= 0)
        return wrong(m, x, "there are two columns '%s'", x->text);
    *k = (struct cplan_column){.name = x->text, .type = x->type};
    if (x->word && (!strcmp(x->word, "METADATA") || !strcmp(x->word, "VIRTUAL"))) {
        k->kind = COLUMN_METADATA;
        k->metadata_key = x->kids[1] ? x->kids[1]->text : NULL;
        k->is_virtual = !strcmp(x->word, "VIRTUAL");
    } else if (x->word && !strcmp(x->word, "AS")) {
        k->kind = COLUMN_COMPUTED; /* its type comes when all columns are known */
    }
    m->t->t.n++;
    return true;
}

static bool bind_computed(struct making *m, const struct ast *list)
{
    struct binder b = {.a = m->c->a, .text = m->c->text};
    struct scope s = scope_of(m, false);
    uint32_t at = m->t->t.n;
    for (uint32_t i = list->n; i--;) {
        const struct ast *x = list->kids[i];
        if (x->kind != AST_COLUMN)
            continue;
        at = (uint32_t)column_named(m->t, x->text);
        if (m->columns[at].kind != COLUMN_COMPUTED)
            continue;
        const struct rex *r = bind_expr(&b, &s, x->kids[0], m->e);
        if (!r)
            return false;
        m->columns[at].expression = r;
        m->columns[at].type = r->type;
        m->t->texts[at] = text_of(m, x->kids[0]);
    }
    return true;
}

static bool bind_watermark(struct making *m)
{
    struct binder b = {.a = m->c->a, .text = m->c->text};
    const struct ast *w = m->watermark;
    struct scope s = scope_of(m, true);
    m->t->watermark = -1;
    if (!w)
        return true;
    int c = w->kids[0]->n == 1 ? column_named(m->t, w->kids[0]->kids[0]->text) : -1;
    if (c < 0)
        return wrong(m, w->kids[0], "there is no column '%s' of the table; a watermark is of one", last(w->kids[0]));
    const struct ltype *type = m->columns[c].type;
    if (!type_is_timestamp(type) || type->precision > 3)
        return wrong(m, w->kids[0], "a watermark needs a column of TIMESTAMP(3) or TIMESTAMP_LTZ(3), which %s is not",
                     type_label(m->c->a, type));
    m->t->watermark_rex = bind_expr(&b, &s, w->kids[1], m->e);
    if (!m->t->watermark_rex)
        return false;
    m->t->watermark = c;
    m->t->watermark_text = text_of(m, w->kids[1]);
    m->columns[c].type = type_time(m->c->a, type->root, type->precision, "ROWTIME", type->nullable);
    return true;
}

static bool take_key(struct making *m, const struct ast *x)
{
    bool inline_key = x->kind == AST_COLUMN;
    uint32_t n = inline_key ? 1 : x->n;
    if (m->t->t.n_key)
        return wrong(m, x, "there is %s primary key already", "a");
    uint32_t *key = arena_array(m->c->a, n + 1u, sizeof *key);
    m->t->t.key = key;
    struct buf b = {0};
    buf_puts(&b, "PK");
    for (uint32_t i = 0; i < n; i++) {
        const char *name = inline_key ? x->text : x->kids[i]->text;
        int c = column_named(m->t, name);
        if (c < 0 || m->columns[c].kind != COLUMN_PHYSICAL) {
            buf_free(&b);
            return wrong(m, inline_key ? x : x->kids[i], "the primary key needs columns of the table, which '%s' is not", name);
        }
        m->columns[c].type = type_nullable(m->c->a, m->columns[c].type, false);
        key[m->t->t.n_key++] = (uint32_t)c;
        buf_printf(&b, "_%s", name);
    }
    /* Flink names a key that has no name: SqlTableConstraint, by its columns */
    m->t->key_name = x->kind == AST_KEY && x->text ? x->text : arena_str(m->c->a, buf_cstr(&b));
    buf_free(&b);
    return true;
}

static void take_option(struct table *t, struct arena *a, const char *name, const char *value)
{
    for (uint32_t i = 0; i < t->t.n_options; i++)
        if (!strcmp(t->t.option_names[i], name)) {
            t->t.option_values[i] = arena_str(a, value);
            return;
        }
    t->t.option_names[t->t.n_options] = arena_str(a, name);
    t->t.option_values[t->t.n_options++] = arena_str(a, value);
}

/* EXCLUDING ALL, EXCLUDING OPTIONS …: whether that part of the other table is taken. */
static bool takes(const struct ast *like, const char *what)
{
    const struct ast *list = like->kids[1];
    bool yes = true;
    for (uint32_t i = 0; list && i < list->n; i++) {
        const char *w = list->kids[i]->text, *of = strchr(w, ' ');
        if (of && (!strcmp(of + 1, "ALL") || !strcmp(of + 1, what)))
            yes = strncmp(w, "EXCLUDING", 9) != 0;
    }
    return yes;
}

static bool take_like(struct making *m, const struct ast *like)
{
    const struct table *of = like ? catalog_need(m->c, like->kids[0], m->e) : NULL;
    if (!like)
        return true;
    if (!of)
        return false;
    if (of->view)
        return wrong(m, like, "LIKE needs a table, and '%s' is a view", of->t.name);
    for (uint32_t i = 0; i < of->t.n; i++)
        if (of->t.columns[i].kind == COLUMN_PHYSICAL ||
            takes(like, of->t.columns[i].kind == COLUMN_COMPUTED ? "GENERATED" : "METADATA")) {
            m->t->texts[m->t->t.n] = of->texts[i];
            m->columns[m->t->t.n++] = of->t.columns[i];
        }
    if (takes(like, "CONSTRAINTS")) {
        m->t->t.key = of->t.key;
        m->t->t.n_key = of->t.n_key;
        m->t->key_name = of->key_name;
    }
    if (takes(like, "WATERMARKS")) {
        m->t->watermark = of->watermark;
        m->t->watermark_rex = of->watermark_rex;
        m->t->watermark_text = of->watermark_text;
    }
    if (takes(like, "OPTIONS"))
        for (uint32_t i = 0; i < of->t.n_options; i++)
            take_option(m->t, m->c->a, of->t.option_names[i], of->t.option_values[i]);
    return true;
}

static int by_name(const void *a, const void *b) { return strcmp(((const char *const *)a)[0], ((const char *const *)b)[0]); }

/* Plans have options by their names. */
static void sort_options(struct table *t)
{
    const char *(*pairs)[2] = mem_alloc((t->t.n_options + 1u) * sizeof *pairs);
    for (uint32_t i = 0; i < t->t.n_options; i++) {
        pairs[i][0] = t->t.option_names[i];
        pairs[i][1] = t->t.option_values[i];
    }
    qsort(pairs, t->t.n_options, sizeof *pairs, by_name);
    for (uint32_t i = 0; i < t->t.n_options; i++) {
        t->t.option_names[i] = pairs[i][0];
        t->t.option_values[i] = pairs[i][1];
    }
    free(pairs);
}

static bool take_elements(struct making *m, const struct ast *list)
{
    const struct ast *key = NULL;
    for (uint32_t i = 0; list && i < list->n; i++) {
        const struct ast *x = list->kids[i];
        if (x->kind == AST_WATERMARK)
            m->watermark = x;
        else if (x->kind == AST_KEY || (x->kind == AST_COLUMN && x->flag))
            key = x;
        if (x->kind == AST_COLUMN && !add_column(m, x))
            return false;
    }
    if (list && !bind_computed(m, list))
        return false;
    int inherited = m->t->watermark;
    if ((m->watermark || inherited < 0) && !bind_watermark(m))
        return false;
    return !key || take_key(m, key);
}

static bool take_partition(struct making *m, const struct ast *list)
{
    m->t->t.partition = arena_array(m->c->a, (list ? list->n : 0) + 1u, sizeof *m->t->t.partition);
    for (uint32_t i = 0; list && i < list->n; i++) {
        const struct ast *x = list->kids[i]->kind == AST_NAME ? list->kids[i]->kids[0] : list->kids[i];
        if (column_named(m->t, x->text) < 0)
            return wrong(m, x, "there is no column '%s' to partition by", x->text);
        m->t->t.partition[m->t->t.n_partition++] = x->text;
    }
    return true;
}

static struct table *new_table(struct catalog *c)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 16;
        c->tables = mem_grow(c->tables, c->cap, sizeof *c->tables);
    }
    c->tables[c->n] = (struct table){.watermark = -1};
    return &c->tables[c->n];
}

static const char *quoted(struct arena *a, const char *name)
{
    struct buf b = {0};
    buf_printf(&b, "`%s`.`%s`.`", catalog_name, database_name);
    for (; *name; name++)
        buf_printf(&b, *name == '`' ? "``" : "%c", *name);
    buf_putc(&b, '`');
    const char *s = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}

/* Whether to go on making what has that name; *fine is the answer if not. */
static bool is_free(struct catalog *c, const struct ast *x, const char *kind, bool *fine, struct err *e)
{
    const struct ast *name = x->kids[0];
    *fine = false;
    if (!is_here(name)) {
        sql_fault(c->text, name->at, e, "weir has only %s.%s", catalog_name, database_name);
        return false;
    }
    if (!catalog_find(c, name))
        return true;
    *fine = x->flag || sql_fault(c->text, name->at, e, "there is a %s '%s' already", kind, last(name));
    return false;
}

static bool create_table(struct catalog *c, const struct ast *x, struct err *e)
{
    const struct ast *list = x->kids[1], *options = ast_kid(x, 5), *like = ast_kid(x, 6);
    bool fine;
    if (!is_free(c, x, "table", &fine, e))
        return fine;
    if (ast_kid(x, 7))
        return sql_fault(c->text, x->at, e, "CREATE TABLE … AS is not there yet: CREATE TABLE, then INSERT INTO");
    const struct table *of = like ? catalog_need(c, like->kids[0], e) : NULL;
    if (like && !of)
        return false;
    struct table *t = new_table(c);
    if (like)
        of = catalog_find(c, like->kids[0]); /* the tables may have moved */
    uint32_t room = (list ? list->n : 0) + (of ? of->t.n : 0) + 1u;
    struct making m = {.c = c, .t = t, .columns = arena_array(c->a, room, sizeof *m.columns), .e = e};
    t->t = (struct cplan_table){
        .identifier = quoted(c->a, last(x->kids[0])), .name = last(x->kids[0]), .columns = m.columns, .resolved = true};
    t->texts = arena_array(c->a, room, sizeof *t->texts);
    uint32_t n_options = (options ? options->n : 0) + (of ? of->t.n_options : 0) + 1u;
    t->t.option_names = arena_array(c->a, n_options, sizeof *t->t.option_names);
    t->t.option_values = arena_array(c->a, n_options, sizeof *t->t.option_values);
    if (!take_like(&m, like) || !take_elements(&m, list) || !take_partition(&m, ast_kid(x, 4)))
        return false;
    for (uint32_t i = 0; options && i < options->n; i++)
        take_option(t, c->a, options->kids[i]->kids[0]->text, options->kids[i]->kids[1]->text);
    sort_options(t);
    if (!t->t.n)
        return sql_fault(c->text, x->at, e, "the table has no columns");
    if (!cplan_option(&t->t, "connector", NULL))
        return sql_fault(c->text, x->at, e, "the table needs a connector: WITH ('connector' = '…')");
    c->n++;
    return true;
}

static bool create_view(struct catalog *c, const struct ast *x, struct err *e)
{
    const struct ast *names = x->kids[1];
    bool fine;
    if (!is_free(c, x, "table or view", &fine, e))
        return fine;
    struct table *t = new_table(c);
    t->t = (struct cplan_table){.identifier = quoted(c->a, last(x->kids[0])), .name = last(x->kids[0])};
    t->view = x->kids[3];
    t->n_names = names ? names->n : 0;
    t->names = arena_array(c->a, t->n_names + 1u, sizeof *t->names);
    for (uint32_t i = 0; i < t->n_names; i++)
        t->names[i] = names->kids[i]->kind == AST_NAME ? last(names->kids[i]) : names->kids[i]->text;
    c->n++;
    return true;
}

static bool drop(struct catalog *c, const struct ast *x, struct err *e)
{
    bool view = !strcmp(x->word, "VIEW");
    if (!view && strcmp(x->word, "TABLE") != 0)
        return err_set(e, ERR_UNSUPPORTED, "DROP %s is not there yet", x->word);
    const struct table *t = catalog_find(c, x->kids[0]);
    if (!t || !t->view == view)
        return x->flag || sql_fault(c->text, x->kids[0]->at, e, "there is no %s '%s'", view ? "view" : "table", last(x->kids[0]));
    uint32_t i = (uint32_t)(t - c->tables);
    memmove(&c->tables[i], &c->tables[i + 1], (c->n - i - 1) * sizeof *c->tables);
    c->n--;
    return true;
}

bool catalog_do(struct catalog *c, const struct ast *x, struct err *e)
{
    switch (x->kind) {
    case AST_CREATE_TABLE:
        return create_table(c, x, e);
    case AST_CREATE_VIEW:
        return create_view(c, x, e);
    case AST_DROP:
        return drop(c, x, e);
    case AST_SET:
    case AST_RESET:
        return do_set(c, x, e);
    default:
        return sql_fault(c->text, x->at, e, "weir does not have this statement yet: weir help sql has those that it knows");
    }
}
