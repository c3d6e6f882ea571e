#include "cli/state_ddl.h"

#include <string.h>

#include "runtime/state_sql.h"

enum { TYPE_TEXT = 64 << 10 };

static void put_quoted(struct buf *to, char quote, const char *s)
{
    buf_putc(to, (uint8_t)quote);
    for (; *s; s++) {
        if (*s == quote)
            buf_putc(to, (uint8_t)quote);
        buf_putc(to, (uint8_t)*s);
    }
    buf_putc(to, (uint8_t)quote);
}

static void put_option(struct buf *to, const char *name, const char *value)
{
    put_quoted(to, '\'', name);
    buf_puts(to, " = ");
    put_quoted(to, '\'', value);
}

static bool has_keyed(const struct meta_operator *op)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (op->subtasks[i].keyed.tag != HANDLE_NULL)
            return true;
    return false;
}

static const char *table_name(const struct opened *o, const struct meta_operator *op)
{
    const char *uid = operator_uid(&o->names, op);
    const struct meta *m = &o->snapshot->meta;
    uint32_t alike = 0;
    for (uint32_t i = 0; op->name && i < m->n; i++)
        alike += m->operators[i].name && !strcmp(m->operators[i].name, op->name);
    return uid ? uid : alike == 1 && *op->name ? op->name : op->hex;
}

static bool is_state(const struct state_table *t, const char *name)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (!strcmp(t->states[i].name, name))
            return true;
    return false;
}

static void put_column(struct buf *to, const char *name, const struct ltype *type)
{
    buf_puts(to, "  ");
    put_quoted(to, '`', name);
    buf_putc(to, ' ');
    ltype_text(type, LTYPE_SUMMARY, to->n + TYPE_TEXT, to);
}

static bool is_column(const struct state_column *s) { return s->type && *s->name; }

static void put_columns(struct buf *to, const struct state_table *t, const char *key)
{
    put_column(to, key, t->key);
    buf_puts(to, ",\n");
    for (uint32_t i = 0; i < t->n; i++) {
        if (!is_column(&t->states[i]))
            continue;
        put_column(to, t->states[i].name, t->states[i].type);
        buf_puts(to, ",\n");
    }
    buf_puts(to, "  PRIMARY KEY (");
    put_quoted(to, '`', key);
    buf_puts(to, ") NOT ENFORCED\n");
}

/* Where the type alone would say something else. */
static void put_kinds(struct buf *to, const struct state_table *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        const struct state_column *s = &t->states[i];
        if (!is_column(s) || s->by_namespace || s->kind == KIND_LIST || s->kind == KIND_MAP)
            continue;
        if (s->type->root != L_ARRAY && s->type->root != L_MAP)
            continue;
        struct buf name = {0};
        buf_printf(&name, "fields.%s.state-type", s->name);
        buf_puts(to, ",\n  ");
        put_option(to, buf_cstr(&name), "VALUE");
        buf_free(&name);
    }
}

static void put_table(const struct opened *o, const struct meta_operator *op, const struct state_table *t, const char *location,
                      struct buf *to)
{
    const char *key = "key", *uid = operator_uid(&o->names, op);
    while (is_state(t, key))
        key = *key == 'k' ? "state_key" : "the_key";
    buf_puts(to, "CREATE TABLE ");
    put_quoted(to, '`', table_name(o, op));
    buf_puts(to, " (\n");
    put_columns(to, t, key);
    buf_puts(to, ") WITH (\n  'connector' = 'savepoint',\n  ");
    put_option(to, "state.path", location);
    buf_puts(to, ",\n  ");
    put_option(to, uid ? "operator.uid" : "operator.uid.hash", uid ? uid : op->hex);
    put_kinds(to, t);
    buf_puts(to, "\n);\n");
    for (uint32_t i = 0; i < t->n; i++)
        if (!t->states[i].type) {
            buf_puts(to, "-- not a column: ");
            for (const char *p = t->states[i].name; *p; p++)
                buf_putc(to, (uint8_t)(*p == '\n' || *p == '\r' ? ' ' : *p));
            buf_puts(to, ", a MAP state with namespaces\n");
        }
}

bool state_ddl(const struct opened *o, const char *location, struct buf *to, struct err *e)
{
    const struct meta *m = &o->snapshot->meta;
    bool ok = true;
    for (uint32_t i = 0; ok && i < m->n; i++) {
        struct arena a = {0};
        struct state_table t;
        if (!has_keyed(&m->operators[i]))
            continue;
        ok = state_table_read(&t, o->snapshot, &m->operators[i], &a, e);
        if (ok) {
            if (to->n)
                buf_putc(to, '\n');
            put_table(o, &m->operators[i], &t, location, to);
        }
        arena_free(&a);
    }
    return ok &&
        (to->n ||
         err_set(e, ERR_MISSING, "%s: no operator has keyed state, which is what tables are made of", o->snapshot->location));
}
