#include "sql/rex.h"

#include <string.h>

static const char *const lookups[] = {"internalName", "systemName", "catalogName", "class", "sqlKind"};
static const char *const null_words[] = {"UNKNOWN", "TRUE", "FALSE"};

static const struct value *member(const struct value *v, const char *name)
{
    const struct value *m = v->kind == VAL_OBJECT ? value_member(v, name) : NULL;
    return m && m->kind != VAL_NULL ? m : NULL;
}

static const char *text(const struct value *v, const char *name)
{
    const struct value *m = member(v, name);
    return m && m->kind == VAL_TEXT ? m->text : NULL;
}

static const struct rex *wrong(struct err *e, const char *what)
{
    err_set(e, ERR_CORRUPT, "an expression %s", what);
    return NULL;
}

static const struct rex *read(struct arena *a, const struct value *v, int depth, struct err *e);

static bool bound(const struct value *range, const char *name, const struct value **v, bool *open)
{
    const struct value *b = member(range, name);
    if (!b)
        return true;
    const char *type = text(b, "boundType");
    *v = member(b, "value");
    *open = type && !strcmp(type, "OPEN");
    return *v && type;
}

static const struct rex *read_sarg(struct arena *a, struct rex *x, const struct value *sarg, struct err *e)
{
    const struct value *ranges = member(sarg, "ranges");
    const char *nulls = text(sarg, "nullAs");
    if (!ranges || ranges->kind != VAL_LIST)
        return wrong(e, "with a sarg has no ranges");
    x->kind = REX_SARG;
    x->n_ranges = ranges->n;
    struct rex_range *r = arena_array(a, ranges->n + 1, sizeof *r);
    for (uint32_t i = 0; i < ranges->n; i++)
        if (!bound(&ranges->items[i], "lower", &r[i].lower, &r[i].lower_open) ||
            !bound(&ranges->items[i], "upper", &r[i].upper, &r[i].upper_open))
            return wrong(e, "has a range with a malformed bound");
    x->ranges = r;
    for (int i = 0; nulls && i < 3; i++)
        if (!strcmp(nulls, null_words[i]))
            x->nulls = (enum rex_nulls)i;
    return x;
}

static const struct rex *read_literal(struct arena *a, struct rex *x, const struct value *v, struct err *e)
{
    const struct value *sarg = member(v, "sarg");
    if (!x->type)
        return wrong(e, "of kind LITERAL has no type");
    if (sarg)
        return read_sarg(a, x, sarg, e);
    if ((x->symbol = text(v, "symbol"))) {
        x->kind = REX_SYMBOL;
        x->name = text(v, "value");
        return x->name ? x : wrong(e, "has a symbol without its word");
    }
    x->kind = REX_LITERAL;
    x->json = value_member(v, "value");
    return x->json ? x : wrong(e, "of kind LITERAL has no value");
}

static const struct rex *read_call(struct arena *a, struct rex *x, const struct value *v, int depth, struct err *e)
{
    x->kind = REX_CALL;
    for (int i = 0; i < 5 && !x->name; i++) {
        x->name = text(v, lookups[i]);
        x->lookup = (enum rex_lookup)i;
    }
    if (!x->name)
        return wrong(e, "calls a function that it does not name");
    if (!x->type)
        return wrong(e, "of kind CALL has no type");
    x->syntax = text(v, "syntax");
    const struct value *operands = member(v, "operands");
    if (operands && operands->kind != VAL_LIST)
        return wrong(e, "has operands that are no list");
    x->n = operands ? operands->n : 0;
    x->operands = arena_array(a, x->n + 1, sizeof *x->operands);
    for (uint32_t i = 0; i < x->n; i++)
        if (!(x->operands[i] = read(a, &operands->items[i], depth - 1, e)))
            return NULL;
    return x;
}

static const struct rex *read_field(struct arena *a, struct rex *x, const struct value *v, int depth, struct err *e)
{
    const struct value *from = member(v, "expr");
    x->kind = REX_FIELD;
    x->name = text(v, "name");
    if (!x->name || !from)
        return wrong(e, "of kind FIELD_ACCESS lacks name or expr");
    x->n = 1;
    x->operands = arena_array(a, 1, sizeof *x->operands);
    if (!(x->operands[0] = read(a, from, depth - 1, e)))
        return NULL;
    const struct ltype *row = x->operands[0]->type;
    for (uint32_t i = 0; row && row->names && i < row->n && !x->type; i++)
        if (!strcmp(row->names[i], x->name)) {
            x->type = row->nullable ? type_nullable(a, row->kids[i], true) : row->kids[i];
            x->input = i;
        }
    return x->type ? x : wrong(e, "takes a field that its row does not have");
}

static const struct rex *read(struct arena *a, const struct value *v, int depth, struct err *e)
{
    const char *kind = text(v, "kind");
    if (!depth) {
        err_set(e, ERR_LIMIT, "an expression is nested deeper than %d", REX_MAX_DEPTH);
        return NULL;
    }
    if (!kind)
        return wrong(e, "has no kind");
    struct rex *x = arena_alloc(a, sizeof *x);
    const struct value *type = member(v, "type");
    x->json = v;
    if (type && !(x->type = type_of_json(a, type, e)))
        return NULL;
    if (!strcmp(kind, "LITERAL"))
        return read_literal(a, x, v, e);
    if (!strcmp(kind, "CALL"))
        return read_call(a, x, v, depth, e);
    if (!strcmp(kind, "FIELD_ACCESS"))
        return read_field(a, x, v, depth, e);
    if (!strcmp(kind, "INPUT_REF")) {
        const struct value *i = member(v, "inputIndex");
        if (!i || i->kind != VAL_INT || i->i < 0 || i->i > 1 << 20 || !x->type)
            return wrong(e, "of kind INPUT_REF lacks inputIndex or type");
        x->kind = REX_INPUT;
        x->input = (uint32_t)i->i;
        return x;
    }
    x->kind = REX_OTHER;
    x->name = kind;
    return x;
}

const struct rex *rex_read(struct arena *a, const struct value *v, struct err *e) { return read(a, v, REX_MAX_DEPTH, e); }

/* --- the other way --- */

struct members {
    const char *names[6];
    struct value values[6];
    uint32_t n;
};

static void put(struct members *m, const char *name, struct value v)
{
    m->names[m->n] = name;
    m->values[m->n++] = v;
}

static struct value object(struct arena *a, const struct members *m)
{
    struct value v = value_object(a, m->names, m->n);
    memcpy(v.items, m->values, m->n * sizeof *m->values);
    return v;
}

static struct value str(struct arena *a, const char *s) { return value_text(a, s, strlen(s)); }

static void put_bound(struct arena *a, struct members *range, const char *name, const struct value *v, bool open)
{
    if (!v)
        return;
    struct members m = {0};
    put(&m, "value", *v);
    put(&m, "boundType", str(a, open ? "OPEN" : "CLOSED"));
    put(range, name, object(a, &m));
}

static struct value sarg_json(struct arena *a, const struct rex *x)
{
    struct members m = {0};
    struct value list = value_list(a, VAL_LIST, x->n_ranges);
    for (uint32_t i = 0; i < x->n_ranges; i++) {
        const struct rex_range *r = &x->ranges[i];
        struct members range = {0};
        put_bound(a, &range, "lower", r->lower, r->lower_open);
        put_bound(a, &range, "upper", r->upper, r->upper_open);
        list.items[i] = object(a, &range);
    }
    put(&m, "ranges", list);
    put(&m, "nullAs", str(a, null_words[x->nulls]));
    return object(a, &m);
}

static struct value call_json(struct arena *a, const struct rex *x)
{
    struct members m = {0};
    put(&m, "kind", str(a, "CALL"));
    if (x->syntax)
        put(&m, "syntax", str(a, x->syntax));
    put(&m, lookups[x->lookup], str(a, x->name));
    if (x->n) {
        struct value list = value_list(a, VAL_LIST, x->n);
        for (uint32_t i = 0; i < x->n; i++)
            list.items[i] = rex_json(a, x->operands[i]);
        put(&m, "operands", list);
    }
    put(&m, "type", type_json(a, x->type));
    return object(a, &m);
}

struct value rex_json(struct arena *a, const struct rex *x)
{
    struct members m = {0};
    switch (x->kind) {
    case REX_CALL:
        return call_json(a, x);
    case REX_OTHER:
        return *x->json;
    case REX_OUTER:
        return value_null();
    case REX_INPUT:
        put(&m, "kind", str(a, "INPUT_REF"));
        put(&m, "inputIndex", value_int(x->input));
        break;
    case REX_FIELD:
        put(&m, "kind", str(a, "FIELD_ACCESS"));
        put(&m, "name", str(a, x->name));
        put(&m, "expr", rex_json(a, x->operands[0]));
        return object(a, &m);
    case REX_SYMBOL:
        put(&m, "kind", str(a, "LITERAL"));
        put(&m, "symbol", str(a, x->symbol));
        put(&m, "value", str(a, x->name));
        break;
    case REX_SARG:
        put(&m, "kind", str(a, "LITERAL"));
        put(&m, "sarg", sarg_json(a, x));
        break;
    case REX_LITERAL:
        put(&m, "kind", str(a, "LITERAL"));
        put(&m, "value", *x->json);
        break;
    }
    put(&m, "type", type_json(a, x->type));
    return object(a, &m);
}
