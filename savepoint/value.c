#include "savepoint/value.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/ser.h"

/* --- making them --- */

struct value value_text(struct arena *a, const char *s, size_t n)
{
    return (struct value){.kind = VAL_TEXT, .n = (uint32_t)n, .text = arena_strn(a, s, n)};
}

struct value value_bytes(struct arena *a, const uint8_t *p, size_t n)
{
    const char *copy = arena_strn(a, (const char *)p, n);
    return (struct value){.kind = VAL_BYTES, .n = (uint32_t)n, .bytes = (const uint8_t *)copy, .prefix = "hex:"};
}

struct value value_list(struct arena *a, enum value_kind kind, uint32_t n)
{
    return (struct value){.kind = (uint8_t)kind, .n = n, .items = arena_array(a, n, sizeof(struct value))};
}

struct value value_object(struct arena *a, const char *const *names, uint32_t n)
{
    struct value v = value_list(a, VAL_OBJECT, n);
    struct value_name *copy = arena_array(a, n, sizeof *copy);
    for (uint32_t i = 0; i < n; i++)
        copy[i] = (struct value_name){names[i], strlen(names[i])};
    v.names = copy;
    return v;
}

static struct value *named(const struct value *v, const char *name, size_t n)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (v->names[i].n == n && !memcmp(v->names[i].s, name, n))
            return &v->items[i];
    return NULL;
}

struct value *value_member(const struct value *v, const char *name)
{
    if (v->kind != VAL_OBJECT)
        return NULL;
    struct value *found = named(v, name, strlen(name)), *fields;
    if (!found && named(v, "$row", 4) && (fields = named(v, "fields", 6)) != NULL && fields->kind == VAL_OBJECT)
        found = named(fields, name, strlen(name));
    return found;
}

struct value *value_item(const struct value *v, uint32_t i)
{
    bool box = v->kind == VAL_LIST || v->kind == VAL_SET || v->kind == VAL_OBJECT || v->kind == VAL_MAP;
    return box && i < v->n ? &v->items[i] : NULL;
}

static bool has_items(const struct value *v) { return v->kind >= VAL_LIST && v->kind <= VAL_MAP; }

/* Each of a's in turn finds an equal one of b's that nobody has found before. */
static bool same_unordered(const struct value *a, const struct value *b, uint32_t step)
{
    bool *taken = mem_zalloc(b->n);
    bool same = true;
    for (uint32_t i = 0; same && i < a->n; i += step) {
        uint32_t k = 0;
        for (; k < b->n; k += step)
            if (!taken[k] && value_same(&a->items[i], &b->items[k]) &&
                (step == 1 || value_same(&a->items[i + 1], &b->items[k + 1])))
                break;
        same = k < b->n;
        if (same)
            taken[k] = true;
    }
    free(taken);
    return same;
}

bool value_same(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind || a->n != b->n)
        return false;
    switch ((enum value_kind)a->kind) {
    case VAL_NULL:
        return true;
    case VAL_BOOL:
        return a->b == b->b;
    case VAL_INT:
        return a->i == b->i;
    case VAL_REAL:
        return a->single == b->single && !memcmp(&a->d, &b->d, sizeof a->d);
    case VAL_TEXT:
    case VAL_BYTES:
    case VAL_OPAQUE:
        return !a->n || !memcmp(a->bytes, b->bytes, a->n);
    case VAL_SET:
    case VAL_MAP:
        return same_unordered(a, b, a->kind == VAL_MAP ? 2 : 1);
    case VAL_OBJECT:
    case VAL_LIST:
        break;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->kind == VAL_OBJECT && (a->names[i].n != b->names[i].n || memcmp(a->names[i].s, b->names[i].s, a->names[i].n) != 0))
            return false;
        if (!value_same(&a->items[i], &b->items[i]))
            return false;
    }
    return true;
}

struct value value_copy_to(struct arena *a, const struct value *v)
{
    struct value to = *v;
    if (v->kind == VAL_TEXT || v->kind == VAL_BYTES || v->kind == VAL_OPAQUE)
        to.text = arena_strn(a, v->text, v->n);
    if (v->kind == VAL_BYTES)
        to.prefix = arena_str(a, v->prefix);
    if (v->kind == VAL_OPAQUE) {
        struct value_opaque *o = arena_alloc(a, sizeof *o);
        *o = (struct value_opaque){arena_str(a, v->opaque->class_name), arena_str(a, v->opaque->why)};
        to.opaque = o;
    }
    if (v->kind == VAL_OBJECT) {
        struct value_name *names = arena_array(a, v->n, sizeof *names);
        for (uint32_t i = 0; i < v->n; i++)
            names[i] = (struct value_name){arena_strn(a, v->names[i].s, v->names[i].n), v->names[i].n};
        to.names = names;
    }
    if (has_items(v)) {
        to.items = arena_array(a, v->n, sizeof *to.items);
        for (uint32_t i = 0; i < v->n; i++)
            to.items[i] = value_copy_to(a, &v->items[i]);
    }
    if (v->origin) {
        struct value_origin *o = arena_alloc(a, sizeof *o);
        struct bytes b = v->origin->bytes;
        *o = (struct value_origin){v->origin->ser, {(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n}, NULL};
        if (v->origin->class_name)
            o->class_name = arena_str(a, v->origin->class_name);
        to.origin = o;
    }
    return to;
}

/* --- from events --- */

struct value_pending {
    struct value v;
    struct value_name name;
};

struct value_box {
    enum sink_box box;
    uint32_t first;         /* of its values, in pending */
    struct value_name name; /* inside BOX_OBJECT: of the value to come */
};

static struct value_sink *self(struct sink *s) { return (struct value_sink *)s; }

static void put(struct value_sink *s, struct value v)
{
    if (s->why)
        return;
    if (s->n == VALUE_MAX_PARTS) {
        s->why = "a value of more parts than weir changes";
        return;
    }
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->pending = mem_grow(s->pending, s->cap, sizeof *s->pending);
    }
    s->pending[s->n++] = (struct value_pending){v, s->depth ? s->boxes[s->depth - 1].name : (struct value_name){0}};
}

static void on_null(struct sink *s) { put(self(s), value_null()); }
static void on_boolean(struct sink *s, bool v) { put(self(s), value_bool(v)); }
static void on_integer(struct sink *s, int64_t v) { put(self(s), value_int(v)); }

static void on_real(struct sink *s, double v, bool single)
{
    put(self(s), (struct value){.kind = VAL_REAL, .d = v, .single = single});
}

static void on_text(struct sink *s, const char *p, size_t n) { put(self(s), value_text(self(s)->a, p, n)); }

static void on_hex(struct sink *s, const char *prefix, const uint8_t *p, size_t n)
{
    struct value v = value_bytes(self(s)->a, p, n);
    if (strcmp(prefix, v.prefix) != 0)
        v.prefix = arena_str(self(s)->a, prefix);
    put(self(s), v);
}

static void on_begin(struct sink *sink, enum sink_box box)
{
    struct value_sink *s = self(sink);
    if (s->depth == VALUE_MAX_DEPTH)
        s->why = "a value nested too deeply to be changed (limit 256)";
    if (s->depth == s->cap_boxes) {
        s->cap_boxes = s->cap_boxes ? s->cap_boxes * 2 : 16;
        s->boxes = mem_grow(s->boxes, s->cap_boxes, sizeof *s->boxes);
    }
    s->boxes[s->depth++] = (struct value_box){.box = box, .first = s->n};
}

static void on_end(struct sink *sink, enum sink_box box)
{
    static const uint8_t kinds[] = {
        [BOX_ARRAY] = VAL_LIST, [BOX_SET] = VAL_SET, [BOX_OBJECT] = VAL_OBJECT, [BOX_MAP] = VAL_MAP, [BOX_PAIRS] = VAL_MAP};
    struct value_sink *s = self(sink);
    uint32_t first = s->boxes[--s->depth].first, n = s->why ? 0 : s->n - first;
    struct value v = value_list(s->a, (enum value_kind)kinds[box], n + (n & (kinds[box] == VAL_MAP))); /* half a pair: null */
    for (uint32_t i = 0; i < n; i++)
        v.items[i] = s->pending[first + i].v;
    if (box == BOX_OBJECT) {
        struct value_name *names = arena_array(s->a, n, sizeof *names);
        for (uint32_t i = 0; i < n; i++)
            names[i] = s->pending[first + i].name;
        v.names = names;
    }
    v.pairs = box == BOX_PAIRS;
    s->n = s->why ? s->n : first;
    put(s, v);
}

static void on_key(struct sink *s, const char *p, size_t n)
{
    struct value_sink *v = self(s);
    v->boxes[v->depth - 1].name = (struct value_name){arena_strn(v->a, p, n), n};
}

static void on_opaque(struct sink *s, const char *class_name, const uint8_t *p, size_t n, const char *why)
{
    struct arena *a = self(s)->a;
    struct value v = value_bytes(a, p, n);
    struct value_opaque *o = arena_alloc(a, sizeof *o);
    *o = (struct value_opaque){arena_str(a, class_name), arena_str(a, why)};
    v.kind = VAL_OPAQUE;
    v.opaque = o;
    put(self(s), v);
}

/* Of the value that has come last; what it has already is kept. */
static struct value_origin *origin_of_last(struct value_sink *s)
{
    if (s->why || !s->n)
        return NULL;
    struct value_origin *o = arena_alloc(s->a, sizeof *o);
    struct value *v = &s->pending[s->n - 1].v;
    if (v->origin)
        *o = *v->origin;
    v->origin = o;
    return o;
}

static void on_origin(struct sink *sink, const struct ser *ser, const uint8_t *p, size_t n)
{
    struct value_origin *o = origin_of_last(self(sink));
    if (!o)
        return;
    o->ser = ser;
    o->bytes = (struct bytes){(const uint8_t *)arena_strn(self(sink)->a, (const char *)p, n), n};
}

static void on_class(struct sink *sink, const char *class_name)
{
    struct arena *a = self(sink)->a;
    struct value_origin *o = origin_of_last(self(sink));
    if (o) /* an Optional shows what it holds: both classes are kept */
        o->class_name = o->class_name ? arena_printf(a, "%s\n%s", class_name, o->class_name) : arena_str(a, class_name);
}

static const struct sink_ops ops = {on_null,  on_boolean, on_integer, on_real,   on_text,   on_hex,
                                    on_begin, on_end,     on_key,     on_opaque, on_origin, on_class};

void value_sink_init(struct value_sink *s, struct arena *a) { *s = (struct value_sink){.sink = {.ops = &ops}, .a = a}; }

void value_sink_reset(struct value_sink *s)
{
    s->n = s->depth = 0;
    s->why = NULL;
}

bool value_sink_take(struct value_sink *s, struct value *v, struct err *e)
{
    const char *why = s->why;
    *v = !why && s->n ? s->pending[s->n - 1].v : value_null();
    value_sink_reset(s);
    return !why || err_set(e, ERR_LIMIT, "%s", why);
}

void value_sink_free(struct value_sink *s)
{
    free(s->pending);
    free(s->boxes);
    buf_free(&s->sink.scratch);
    *s = (struct value_sink){0};
}

/* A value that has opaque bytes in it does not show what stood around them; as long as nobody changes it, it has its bytes. */
static void keep_whole(struct value_sink *to, const struct ser *s, struct bytes b, struct value *v)
{
    struct value_origin *o = arena_alloc(to->a, sizeof *o);
    *o = (struct value_origin){s, {(const uint8_t *)arena_strn(to->a, (const char *)b.p, b.n), b.n}, NULL};
    v->origin = o;
}

bool value_decode(struct value_sink *to, const struct ser *s, struct bytes b, struct value *v, struct err *e)
{
    struct rd r = rd_of(b.p, b.n, 0);
    *v = value_null();
    ser_read(s, &r, &to->sink);
    if (rd_live(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind it");
    if (!rd_ok(&r)) {
        value_sink_reset(to);
        return err_set(e, ERR_CORRUPT, "a value of %s: %s, at its byte %llu", s->row ? s->row->name : s->snapshot_class, r.why,
                       (unsigned long long)r.bad_at);
    }
    if (!value_sink_take(to, v, e))
        return false;
    if (r.opaque)
        keep_whole(to, s, b, v);
    return true;
}

/* --- back to events --- */

void value_report(const struct value *v, struct sink *out)
{
    static const enum sink_box boxes[] = {
        [VAL_LIST] = BOX_ARRAY, [VAL_SET] = BOX_SET, [VAL_OBJECT] = BOX_OBJECT, [VAL_MAP] = BOX_MAP};
    switch ((enum value_kind)v->kind) {
    case VAL_NULL:
        sink_null(out);
        return;
    case VAL_BOOL:
        sink_bool(out, v->b);
        return;
    case VAL_INT:
        sink_int(out, v->i);
        return;
    case VAL_REAL:
        sink_real(out, v->d, v->single);
        return;
    case VAL_TEXT:
        sink_text(out, v->text, v->n);
        return;
    case VAL_BYTES:
        sink_hex(out, v->prefix, v->bytes, v->n);
        return;
    case VAL_OPAQUE:
        sink_opaque(out, v->opaque->class_name, v->bytes, v->n, v->opaque->why);
        return;
    default:
        break;
    }
    enum sink_box box = v->kind == VAL_MAP && v->pairs ? BOX_PAIRS : boxes[v->kind];
    sink_begin(out, box);
    for (uint32_t i = 0; i < v->n; i++) {
        if (box == BOX_OBJECT)
            sink_key(out, v->names[i].s, v->names[i].n);
        value_report(&v->items[i], out);
    }
    sink_end(out, box);
}
