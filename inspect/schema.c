#include "inspect/schema.h"

#include <string.h>

#include "savepoint/ser_facts.h"

enum { NESTING_MAX = 60 /* levels of serializers that are written out; three containers each */ };

static void type(struct jsonw *w, const struct ser *s)
{
    struct buf b = {0};
    ser_type(s, &b);
    jsonw_key(w, "type");
    jsonw_strn(w, b.p, b.n);
    buf_free(&b);
}

static void attributes(struct jsonw *w, const struct ser *s)
{
    if (!s->n_attrs)
        return;
    jsonw_key(w, "attributes");
    jsonw_array(w);
    for (uint32_t i = 0; i < s->n_attrs; i++) {
        jsonw_object(w);
        jsonw_member_str(w, "name", s->attrs[i].name);
        jsonw_member_str(w, "value", s->attrs[i].value);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void serializer(struct jsonw *w, const struct ser *s, unsigned level);

static const struct pojo_facts *pojo_of(const struct ser *s) { return s->row && !strcmp(s->row->name, "POJO") ? s->extra : NULL; }

/* Where a POJO's field is inherited from. */
static void inherited(struct jsonw *w, const struct ser *s, uint32_t i)
{
    const struct pojo_facts *p = pojo_of(s);
    if (p && p->declaring && p->declaring[i] && s->cls && strcmp(p->declaring[i], s->cls) != 0)
        jsonw_member_str(w, "declaredIn", p->declaring[i]);
}

static void subclasses(struct jsonw *w, const struct ser *s, unsigned level)
{
    const struct pojo_facts *p = pojo_of(s);
    if (!p || !p->n_registered)
        return;
    jsonw_key(w, "subclasses");
    jsonw_array(w);
    for (uint32_t i = 0; i < p->n_registered; i++) {
        jsonw_object(w);
        jsonw_member_str(w, "name", p->registered[i].cls);
        jsonw_key(w, "serializer");
        serializer(w, p->registered[i].ser, level + 1);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void nested(struct jsonw *w, const struct ser *s, unsigned level)
{
    if (!s->n)
        return;
    jsonw_key(w, s->names ? "fields" : "nested");
    jsonw_array(w);
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->names) {
            serializer(w, s->kids[i], level + 1);
            continue;
        }
        jsonw_object(w);
        jsonw_member_str(w, "name", s->names[i]);
        inherited(w, s, i);
        jsonw_key(w, "serializer");
        serializer(w, s->kids[i], level + 1);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void serializer(struct jsonw *w, const struct ser *s, unsigned level)
{
    if (!s) {
        jsonw_null(w);
        return;
    }
    jsonw_object(w);
    type(w, s);
    jsonw_member_str(w, "snapshot", s->snapshot_class);
    if (!s->row) {
        jsonw_member_bool(w, "known", false);
        jsonw_end_object(w);
        return;
    }
    jsonw_member_int(w, "version", s->version);
    if (s->cls)
        jsonw_member_str(w, "class", s->cls);
    attributes(w, s);
    if (level < NESTING_MAX) {
        nested(w, s, level);
        subclasses(w, s, level);
    }
    jsonw_end_object(w);
}

static void role(struct jsonw *w, const char *name, const struct ser *s)
{
    if (!s)
        return;
    jsonw_key(w, name);
    serializer(w, s, 0);
}

static void state(struct jsonw *w, const struct tree_state *st)
{
    const struct state_info *info = &st->info;
    jsonw_object(w);
    jsonw_member_str(w, "name", st->name);
    jsonw_member_str(w, "kind", kind_name(st->kind));
    if (st->kind == KIND_OPERATOR_LIST)
        jsonw_member_str(w, "mode", op_mode_name(st->mode));
    if (info->v2)
        jsonw_member_bool(w, "asynchronous", true);
    jsonw_member_bool(w, "ttl", info->ttl);
    if (st->differs)
        jsonw_member_bool(w, "differs", true);
    role(w, "namespace", info->ns);
    /* a map's serializer as Flink wrote it holds the user key's; asynchronous and broadcast states have it apart */
    if (info->v2 || st->kind == KIND_BROADCAST)
        role(w, "userKey", st->user_key);
    role(w, "value", info->value);
    jsonw_end_object(w);
}

static const struct ser *key_of(const struct tree_op *op)
{
    for (uint32_t i = 0; i < op->n_states; i++)
        if (op->states[i]->key && op->states[i]->kind != KIND_TIMERS)
            return op->states[i]->key;
    return op->n_states ? op->states[0]->key : NULL;
}

static void operator(struct jsonw *w, const struct tree_op *op)
{
    jsonw_object(w);
    jsonw_member_str(w, "uid", op->uid);
    jsonw_member_str(w, "id", op->meta->hex);
    if (op->meta->name)
        jsonw_member_str(w, "name", op->meta->name);
    jsonw_member_int(w, "maxParallelism", op->meta->max_parallelism);
    role(w, "key", key_of(op));
    jsonw_key(w, "states");
    jsonw_array(w);
    for (uint32_t i = 0; i < op->n_states; i++)
        state(w, op->states[i]);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

void schema_json(const struct tree *t, struct jsonw *w)
{
    jsonw_object(w);
    jsonw_member_int(w, "weir-schema", SCHEMA_FORMAT);
    jsonw_key(w, "operators");
    jsonw_array(w);
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        if (t->ops[i].n_states)
            operator(w, &t->ops[i]);
    jsonw_end_array(w);
    jsonw_end_object(w);
}
