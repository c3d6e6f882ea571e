/* A document of weir schema (inspect/schema.c writes it), read back into a layout. */
#include <stdlib.h>
#include <string.h>

#include "base/jsonr.h"
#include "inspect/layout.h"
#include "inspect/schema.h"
#include "savepoint/ser_facts.h"

enum { NESTING_MAX = 100, LIST_MAX = 1 << 16 };

struct reading {
    struct jsonr r;
    struct arena *a;
    unsigned depth;
};

static bool is(struct bytes key, const char *name) { return key.n == strlen(name) && !memcmp(key.p, name, key.n); }

/* The next value as text in the arena; NULL for null and other kinds. */
static const char *text(struct reading *in)
{
    struct bytes b;
    return jsonr_string(&in->r, &b) ? arena_strn(in->a, (const char *)b.p, b.n) : NULL;
}

static bool boolean(struct reading *in)
{
    bool v = false;
    (void)jsonr_bool(&in->r, &v);
    return v;
}

static int32_t number(struct reading *in)
{
    struct bytes digits;
    int64_t v = 0;
    return jsonr_number(&in->r, &digits) && jsonr_to_int(digits, &v) && v >= INT32_MIN && v <= INT32_MAX ? (int32_t)v : 0;
}

static void fail(struct reading *in, const char *why)
{
    if (!in->r.why)
        in->r.why = why;
}

/* Elements that are gathered before their number is known. */
struct list {
    void *p;
    size_t n, size;
};

static void *list_add(struct reading *in, struct list *l)
{
    if (l->n >= LIST_MAX)
        fail(in, "a list of more than 65536 elements");
    if (in->r.why)
        return NULL;
    if (!(l->n & (l->n - 1)))
        l->p = mem_grow(l->p, l->n ? l->n * 2 : 1, l->size);
    return memset((char *)l->p + l->n++ * l->size, 0, l->size);
}

static void *list_keep(struct reading *in, struct list *l)
{
    void *kept = arena_array(in->a, l->n, l->size);
    if (l->n)
        memcpy(kept, l->p, l->n * l->size);
    free(l->p);
    return kept;
}

static struct ser *serializer(struct reading *in);

static bool is_pojo(const struct ser *s) { return s->row && !strcmp(s->row->name, "POJO"); }

static struct ser_attr attribute(struct reading *in)
{
    struct ser_attr attr = {"", ""};
    struct bytes key;
    for (jsonr_object(&in->r); jsonr_key(&in->r, &key);) {
        const char **to = is(key, "name") ? &attr.name : is(key, "value") ? &attr.value : NULL;
        const char *s = to ? text(in) : (jsonr_skip(&in->r), NULL);
        if (s)
            *to = s;
    }
    return attr;
}

struct field {
    const char *name, *declared_in;
    struct ser *ser;
};

static struct field field(struct reading *in)
{
    struct field f = {"", NULL, NULL};
    struct bytes key;
    for (jsonr_object(&in->r); jsonr_key(&in->r, &key);) {
        if (is(key, "name")) {
            const char *name = text(in);
            f.name = name ? name : "";
        } else if (is(key, "declaredIn")) {
            f.declared_in = text(in);
        } else if (is(key, "serializer")) {
            f.ser = serializer(in);
        } else {
            jsonr_skip(&in->r);
        }
    }
    return f;
}

/* What stands in a serializer's object. */
struct said {
    const char *type, *snapshot, *cls;
    int32_t version;
    bool named;
    struct list fields, attrs, subclasses;
};

static void read_said(struct reading *in, struct said *s)
{
    struct bytes key;
    for (jsonr_object(&in->r); jsonr_key(&in->r, &key);) {
        if (is(key, "type")) {
            s->type = text(in);
        } else if (is(key, "snapshot")) {
            s->snapshot = text(in);
        } else if (is(key, "class")) {
            s->cls = text(in);
        } else if (is(key, "version")) {
            s->version = number(in);
        } else if (is(key, "attributes")) {
            for (jsonr_array(&in->r); jsonr_next(&in->r);) {
                struct ser_attr *attr = list_add(in, &s->attrs), read = attribute(in);
                if (attr)
                    *attr = read;
            }
        } else if (is(key, "subclasses")) {
            for (jsonr_array(&in->r); jsonr_next(&in->r);) {
                struct field read = field(in), *f = list_add(in, &s->subclasses);
                if (f)
                    *f = read;
            }
        } else if (is(key, "fields") || is(key, "nested")) {
            s->named = is(key, "fields");
            for (jsonr_array(&in->r); jsonr_next(&in->r);) {
                struct field read = s->named ? field(in) : (struct field){NULL, NULL, serializer(in)};
                struct field *f = list_add(in, &s->fields);
                if (f)
                    *f = read;
            }
        } else {
            jsonr_skip(&in->r);
        }
    }
}

/* The label such that ser_type gives the document's text again: it writes named fields behind the label itself. */
static const char *label(struct reading *in, const struct said *s)
{
    const char *brace = s->type && s->named ? strchr(s->type, '{') : NULL;
    return brace ? arena_strn(in->a, s->type, (size_t)(brace - s->type)) : s->type;
}

/* What a POJO's fields do not say. */
static void set_pojo(struct reading *in, struct ser *s, const struct field *fields, struct said *said)
{
    struct pojo_facts *p = arena_alloc(in->a, sizeof *p);
    p->declaring = arena_array(in->a, s->n, sizeof *p->declaring);
    for (uint32_t i = 0; i < s->n; i++)
        p->declaring[i] = fields[i].declared_in ? fields[i].declared_in : s->cls;
    p->n_registered = (uint32_t)said->subclasses.n;
    const struct field *subclasses = list_keep(in, &said->subclasses);
    p->registered = arena_array(in->a, p->n_registered, sizeof *p->registered);
    for (uint32_t i = 0; i < p->n_registered; i++)
        p->registered[i] =
            (struct pojo_subclass){subclasses[i].name, subclasses[i].ser ? subclasses[i].ser : ser_make_unknown(in->a, "?")};
    s->extra = p;
}

/* NULL only for null. */
static struct ser *serializer(struct reading *in)
{
    struct said said = {.fields = {.size = sizeof(struct field)},
                        .attrs = {.size = sizeof(struct ser_attr)},
                        .subclasses = {.size = sizeof(struct field)}};
    if (jsonr_peek(&in->r) == JSONR_NULL) {
        jsonr_skip(&in->r);
        return NULL;
    }
    if (in->depth >= NESTING_MAX)
        fail(in, "serializers nested more than 100 deep");
    in->depth++;
    read_said(in, &said);
    in->depth--;
    uint32_t n = (uint32_t)said.fields.n;
    const struct field *fields = list_keep(in, &said.fields);
    struct ser **kids = arena_array(in->a, n, sizeof *kids);
    const char **names = arena_array(in->a, n, sizeof *names);
    for (uint32_t i = 0; i < n; i++) {
        kids[i] = fields[i].ser ? fields[i].ser : ser_make_unknown(in->a, "?");
        names[i] = fields[i].name;
    }
    if (!said.snapshot)
        fail(in, "a serializer without \"snapshot\"");
    struct ser *s = ser_make(in->a, said.snapshot ? said.snapshot : "?", n, kids);
    s->n_attrs = (uint32_t)said.attrs.n;
    s->attrs = list_keep(in, &said.attrs);
    bool facts = is_pojo(s) && said.named;
    if (!facts)
        list_keep(in, &said.subclasses);
    if (!s->row)
        return s;
    s->version = said.version;
    s->cls = said.cls;
    s->names = said.named ? names : NULL;
    s->label = s->row->body == BODY_SIMPLE ? NULL : label(in, &said);
    if (facts)
        set_pojo(in, s, fields, &said);
    return s;
}

static bool kind_of(const char *word, enum state_kind *kind)
{
    for (int k = KIND_VALUE; word && k <= KIND_BROADCAST; k++)
        if (!strcmp(word, kind_name((enum state_kind)k))) {
            *kind = (enum state_kind)k;
            return true;
        }
    return false;
}

static bool named(const struct ser *s, const char *name) { return s && s->row && !strcmp(s->row->name, name); }

static const struct ser *unwrapped(const struct ser *s)
{
    while (s && s->row && s->row->length == LEN_INNER && s->n == 1)
        s = s->kids[0];
    return s;
}

/* The parts of the value's serializer, as keyed.c finds them in a snapshot. */
static void set_parts(struct layout_state *st, struct arena *a)
{
    const struct ser *value = unwrapped(st->value);
    bool map = st->kind == KIND_MAP && !st->v2, list = st->kind == KIND_LIST && !st->v2;
    uint32_t n = map ? 2 : list ? 1 : 0;
    if (n && (!value || value->n != n))
        st->element = st->user_key = ser_make_unknown(a, "?");
    else
        st->element = n ? value->kids[n - 1] : value;
    if (n && value && value->n == n)
        st->user_key = map ? value->kids[0] : NULL;
    if (list)
        st->user_key = NULL;
    if (st->kind == KIND_TIMERS)
        st->element = st->value;
    if (st->ttl && named(st->element, "Ttl") && st->element->n == 2)
        st->element = st->element->kids[1];
    if (named(st->ns, "VoidNamespace"))
        st->ns = NULL;
}

static enum op_mode mode_of(const char *word)
{
    return word && !strcmp(word, op_mode_name(OP_UNION))    ? OP_UNION
        : word && !strcmp(word, op_mode_name(OP_BROADCAST)) ? OP_BROADCAST
                                                            : OP_SPLIT_DISTRIBUTE;
}

static struct layout_state state(struct reading *in)
{
    struct layout_state st = {0};
    const char *kind = NULL, *mode = NULL;
    struct bytes key;
    for (jsonr_object(&in->r); jsonr_key(&in->r, &key);) {
        if (is(key, "name"))
            st.name = text(in);
        else if (is(key, "kind"))
            kind = text(in);
        else if (is(key, "mode"))
            mode = text(in);
        else if (is(key, "asynchronous"))
            st.v2 = boolean(in);
        else if (is(key, "ttl"))
            st.ttl = boolean(in);
        else if (is(key, "namespace"))
            st.ns = serializer(in);
        else if (is(key, "userKey"))
            st.user_key = serializer(in);
        else if (is(key, "value"))
            st.value = serializer(in);
        else
            jsonr_skip(&in->r);
    }
    if (!st.name || !kind_of(kind, &st.kind) || !st.value)
        fail(in, "a state without \"name\", a known \"kind\", or \"value\"");
    st.mode = st.kind == KIND_BROADCAST ? OP_BROADCAST : mode_of(mode);
    set_parts(&st, in->a);
    return st;
}

static int by_name(const void *a, const void *b)
{
    const struct layout_state *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->kind > y->kind) - (x->kind < y->kind);
}

static struct layout_op operator(struct reading *in)
{
    struct layout_op op = {.stateful = true};
    struct list states = {.size = sizeof(struct layout_state)};
    struct bytes key;
    for (jsonr_object(&in->r); jsonr_key(&in->r, &key);) {
        if (is(key, "uid")) {
            op.uid = text(in);
        } else if (is(key, "id")) {
            op.id = text(in);
        } else if (is(key, "name")) {
            op.name = text(in);
        } else if (is(key, "maxParallelism")) {
            op.max_parallelism = number(in);
        } else if (is(key, "key")) {
            op.key = serializer(in);
        } else if (is(key, "states")) {
            for (jsonr_array(&in->r); jsonr_next(&in->r);) {
                struct layout_state read = state(in), *st = list_add(in, &states);
                if (st)
                    *st = read;
            }
        } else {
            jsonr_skip(&in->r);
        }
    }
    if (!op.id)
        fail(in, "an operator without \"id\"");
    op.label = op.uid ? op.uid : op.id;
    op.n = (uint32_t)states.n;
    op.states = list_keep(in, &states);
    if (op.n && !in->r.why)
        qsort(op.states, op.n, sizeof *op.states, by_name);
    return op;
}

static int by_label(const void *a, const void *b)
{
    const struct layout_op *x = a, *y = b;
    int c = strcmp(x->label, y->label);
    return c ? c : strcmp(x->id, y->id);
}

bool layout_read(struct layout *l, struct bytes document, const char *name, struct err *e)
{
    *l = (struct layout){.name = name};
    struct reading in = {.a = &l->arena};
    struct list ops = {.size = sizeof(struct layout_op)};
    struct bytes key;
    int32_t format = 0;
    jsonr_start(&in.r, document.p, document.n);
    for (jsonr_object(&in.r); jsonr_key(&in.r, &key);) {
        if (is(key, "weir-schema")) {
            format = number(&in);
        } else if (is(key, "operators")) {
            for (jsonr_array(&in.r); jsonr_next(&in.r);) {
                struct layout_op read = operator(&in), *op = list_add(&in, &ops);
                if (op)
                    *op = read;
            }
        } else {
            jsonr_skip(&in.r);
        }
    }
    bool ok = jsonr_end(&in.r);
    if (!ok)
        err_set(e, ERR_CORRUPT, "%s: not a document of weir schema: %s, at offset %zu", name, in.r.why, jsonr_at(&in.r));
    else if (format != SCHEMA_FORMAT)
        ok = err_set(e, ERR_UNSUPPORTED, "%s: a schema document of form %d; this weir reads form %d (\"weir-schema\": %d)", name,
                     format, SCHEMA_FORMAT, SCHEMA_FORMAT);
    l->n = (uint32_t)ops.n;
    l->ops = list_keep(&in, &ops);
    if (ok && l->n)
        qsort(l->ops, l->n, sizeof *l->ops, by_label);
    jsonr_free(&in.r);
    if (!ok)
        layout_free(l);
    return ok;
}

bool layout_is_document(struct bytes b)
{
    size_t i = 0;
    while (i < b.n && strchr(" \t\r\n", b.p[i]) && b.p[i])
        i++;
    return i < b.n && b.p[i] == '{';
}
