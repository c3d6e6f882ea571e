/* JSON_ARRAYAGG, JSON_OBJECTAGG: their arguments are JSON already (JsonArray-, JsonObjectAggFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "runtime/agg_items.h"

static const union cell null_text = {.s = {(const uint8_t *)"null", 4}};

static bool is_text(const struct ltype *t) { return t && type_is_text(t); }

static bool made(const struct agg *g, struct buf *b, union cell *out)
{
    out->s = scratch_copy(&g->op->ev->heap, b->p, b->n);
    buf_free(b);
    return true;
}

/* --- arrays --- */

bool agg_bind_json_array(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return (is_text(g->arg) && is_text(g->result)) || op_refuse(o, e, "JSON_ARRAYAGG of such a type");
}

bool agg_bind_json_array_null(struct agg *g, struct op *o, struct err *e) { return agg_bind_json_array(g, o, e); }

/* What had not come is not owed here. */
void agg_add_json_array(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)g;
    if (null)
        v = null_text;
    if (sign > 0)
        agg_items_add(&a->items, agg_text, v, 0);
    else
        agg_items_remove(a->items, agg_text, v, 0);
}

void agg_add_json_array_null(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    agg_add_json_array(g, a, v, null, sign);
}

void agg_merge_json_array(const struct agg *g, struct acc *to, const struct acc *from)
{
    (void)g;
    agg_items_merge(to, from, agg_text);
}

void agg_merge_json_array_null(const struct agg *g, struct acc *to, const struct acc *from) { agg_merge_json_array(g, to, from); }

bool agg_result_json_array(const struct agg *g, struct acc *a, union cell *out)
{
    struct buf b = {0};
    buf_putc(&b, '[');
    for (uint32_t i = 0; i < agg_items_n(a->items); i++) {
        if (i)
            buf_putc(&b, ',');
        buf_put(&b, a->items->x[i].v.s.p, a->items->x[i].v.s.n);
    }
    buf_putc(&b, ']');
    return made(g, &b, out);
}

bool agg_result_json_array_null(const struct agg *g, struct acc *a, union cell *out) { return agg_result_json_array(g, a, out); }

/* --- objects: key -> its value as text; an empty one stands for null --- */

struct member {
    union cell text;
    void *block;
};

static void release(void *value) { free(((struct member *)value)->block); }

struct bytes agg_member_text(const struct kentry *e) { return ((const struct member *)e->value)->text.s; }

bool agg_member_put(const struct agg *g, struct acc *a, struct bytes key, struct bytes text, int64_t written)
{
    const union cell k = {.s = key};
    const uint8_t null = 0;
    bool fresh;
    if (!a->values) {
        a->values = mem_alloc(sizeof *a->values);
        kstate_init(a->values, &agg_text, 1, sizeof(struct member), release);
        kstate_expires(a->values, g->ttl);
    }
    struct kentry *e = kstate_at(a->values, &k, &null, &fresh);
    if (!fresh)
        return false;
    struct member *m = (struct member *)e->value;
    m->text = cell_keep(agg_text, (union cell){.s = text}, &m->block);
    kstate_write_at(a->values, e, written);
    return true;
}

bool agg_bind_json_object(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return (is_text(g->arg) && is_text(g->result) && g->more && is_text(g->more->types[0])) ||
        op_refuse(o, e, "JSON_OBJECTAGG of such types");
}

bool agg_bind_json_object_null(struct agg *g, struct op *o, struct err *e) { return agg_bind_json_object(g, o, e); }

static void put(const struct agg *g, struct acc *a, struct bytes key, struct bytes text)
{
    if (!agg_member_put(g, a, key, text, g->ttl ? g->ttl->now : 0))
        op_fail(g->op, ERR_CONVERT, "JSON_OBJECTAGG: the key '%.*s' is there already; keys have to be unique", (int)key.n, key.p);
}

static void object(const struct agg *g, struct acc *a, struct bytes key, int64_t sign, bool skip_nulls)
{
    const union cell k = {.s = key};
    const uint8_t null = 0;
    bool none = g->more->null[0];
    struct bytes text = {0};
    if (!none)
        text = g->more->v[0].s;
    if (sign > 0 && (!none || !skip_nulls))
        put(g, a, key, text);
    struct kentry *e = sign < 0 && a->values ? kstate_find(a->values, &k, &null) : NULL;
    if (e)
        kstate_remove(a->values, e);
}

void agg_add_json_object(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    object(g, a, v.s, sign, true);
}

void agg_add_json_object_null(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    object(g, a, v.s, sign, false);
}

void agg_merge_json_object(const struct agg *g, struct acc *to, const struct acc *from)
{
    for (const struct kentry *e = from->values ? from->values->first : NULL; e; e = e->next)
        put(g, to, e->key->v[0].s, agg_member_text(e));
}

void agg_merge_json_object_null(const struct agg *g, struct acc *to, const struct acc *from) { agg_merge_json_object(g, to, from); }

bool agg_result_json_object(const struct agg *g, struct acc *a, union cell *out)
{
    struct buf b = {0};
    buf_putc(&b, '{');
    for (const struct kentry *e = a->values ? a->values->first : NULL; e; e = e->next) {
        struct bytes key = e->key->v[0].s, value = agg_member_text(e);
        if (!kstate_lives(a->values, e))
            continue;
        if (b.n > 1)
            buf_putc(&b, ',');
        jsonw_quote(&b, key.p, key.n);
        buf_putc(&b, ':');
        if (value.n)
            buf_put(&b, value.p, value.n);
        else
            buf_puts(&b, "null");
    }
    buf_putc(&b, '}');
    return made(g, &b, out);
}

bool agg_result_json_object_null(const struct agg *g, struct acc *a, union cell *out) { return agg_result_json_object(g, a, out); }
