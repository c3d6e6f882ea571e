#include "savepoint/ser.h"

#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/javaio.h"
#include "savepoint/told.h"

/* CompositeTypeSerializerSnapshot.MAGIC_NUMBER and NestedSerializersSnapshotDelegate.MAGIC_NUMBER (flink-core). */
enum { COMPOSITE_MAGIC = 911108, NESTED_MAGIC = 1333245 };

static const struct ser_row rows[] = {
#define SER(cls, name, body, outer, put, length, read, write) {cls, name, body, outer, put, length, read, write},
#include "savepoint/serializers.def"
#undef SER
};

uint32_t ser_rows(const struct ser_row **all)
{
    *all = rows;
    return sizeof rows / sizeof rows[0];
}

const struct ser_row *ser_find(const char *snapshot_class)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!strcmp(rows[i].snapshot_class, snapshot_class))
            return &rows[i];
    return NULL;
}

void no_body(struct ser_in *in, struct ser *s)
{
    (void)in;
    (void)s;
}

static void read_unknown(const struct ser *s, struct rd *r, struct sink *out)
{
    ser_opaque_rest(r, out, s ? s->snapshot_class : NULL, "serializer not known to weir");
}

void ser_opaque_rest(struct rd *r, struct sink *out, const char *class_name, const char *why)
{
    if (!rd_live(r)) {
        sink_null(out); /* a value all the same: events are balanced */
        return;
    }
    sink_opaque(out, class_name ? class_name : "?", r->p, rd_left(r), why);
    r->p = r->end;
    r->opaque++;
    r->cut = true;
}

const char *ser_utf(struct ser_in *in) { return java_utf(in->r, in->a); }

void ser_add_attr(struct ser_in *in, struct ser *s, const char *name, const char *value)
{
    struct ser_attr *attrs = arena_array(in->a, s->n_attrs + 1, sizeof *attrs);
    if (s->n_attrs)
        memcpy(attrs, s->attrs, s->n_attrs * sizeof *attrs);
    attrs[s->n_attrs++] = (struct ser_attr){name, value};
    s->attrs = attrs;
}

struct ser *ser_make_unknown(struct arena *a, const char *snapshot_class)
{
    struct ser *s = arena_alloc(a, sizeof *s);
    s->snapshot_class = snapshot_class;
    s->read = read_unknown;
    s->write = write_shown;
    s->length = LEN_VAR;
    return s;
}

void ser_set_length(struct ser *s)
{
    if (!s->row)
        return;
    int rule = s->row->length, sum = 0;
    if (rule == LEN_OWN)
        return;
    if (rule == LEN_TIMER) {
        int key = s->n == 2 ? s->kids[0]->length : LEN_VAR, ns = s->n == 2 ? s->kids[1]->length : LEN_VAR;
        s->length = key >= 0 && ns >= 0 && key < 1 << 20 && ns < 1 << 20 ? 8 + key + ns : LEN_VAR;
        return;
    }
    if (rule >= LEN_VAR) {
        s->length = rule;
        return;
    }
    uint32_t n = rule == LEN_INNER ? (s->n ? 1 : 0) : s->n;
    bool fixed = rule != LEN_INNER || s->n;
    for (uint32_t i = 0; i < n && fixed; i++) {
        int len = s->kids[i]->length;
        fixed = rule == LEN_TUPLE ? len > 0 : len >= 0;
        fixed = fixed && !__builtin_add_overflow(sum, len, &sum);
    }
    s->length = fixed ? sum : LEN_VAR;
}

void ser_parse_nested(struct ser_in *in, struct ser *s)
{
    struct rd *r = in->r;
    if (rd_i32(r) != NESTED_MAGIC) {
        rd_fail(r, "no nested-serializers magic where a composite serializer must have it");
        return;
    }
    if (rd_i32(r) != 1) {
        rd_fail(r, "nested serializers of a version that is not known");
        return;
    }
    uint32_t n = rd_count(r, 6); /* utf length, i32 version */
    s->kids = arena_array(in->a, n, sizeof *s->kids);
    s->n = n;
    for (uint32_t i = 0; i < n; i++)
        s->kids[i] = in->lost || !rd_ok(r) ? ser_make_unknown(in->a, in->lost ? in->lost : "?") : ser_parse(in);
}

static void parse_composite(struct ser_in *in, struct ser *s)
{
    s->outer_version = s->version;
    if (s->version > 2) {
        if (rd_i32(in->r) != COMPOSITE_MAGIC) {
            rd_fail(in->r, "no composite-serializer magic where it must stand");
            return;
        }
        s->outer_version = rd_i32(in->r);
    }
    s->row->outer(in, s);
    if (rd_ok(in->r) && !in->lost)
        ser_parse_nested(in, s);
}

struct ser *ser_parse(struct ser_in *in)
{
    struct rd *r = in->r;
    const uint8_t *from = r->p;
    const char *cls = ser_utf(in);
    int32_t version = rd_i32(r);
    if (!rd_ok(r) || !rd_enter(r))
        return NULL;

    const struct ser_row *row = ser_find(cls);
    struct ser *s = ser_make_unknown(in->a, cls);
    s->version = version;
    if (!row) {
        if (!told_serializer(in, s))
            in->lost = cls;
        rd_leave(r);
        s->raw = (struct bytes){from, (size_t)(r->p - from)};
        return rd_ok(r) ? s : NULL;
    }
    s->row = row;
    s->read = row->read;
    s->write = row->write;
    switch (row->body) {
    case BODY_SIMPLE:
        if (version <= 2)
            (void)ser_utf(in);
        break;
    case BODY_COMPOSITE:
        parse_composite(in, s);
        break;
    case BODY_OWN:
        row->outer(in, s);
        break;
    }
    rd_leave(r);
    if (!rd_ok(r))
        return NULL;
    s->raw = (struct bytes){from, (size_t)(r->p - from)};
    ser_set_length(s);
    return s;
}

struct ser *ser_parse_p(struct ser_in *in)
{
    int32_t v = rd_i32(in->r);
    if (rd_ok(in->r) && v != 2)
        rd_fail(in->r,
                v == 1 ? "a serializer written by Flink before 1.7, which needs Java to be read"
                       : "a serializer snapshot of an unknown envelope version");
    return rd_ok(in->r) ? ser_parse(in) : NULL;
}

uint32_t optmap_begin(struct ser_in *in)
{
    if (rd_i64(in->r) != 0x000004F2C69A3D70) {
        rd_fail(in->r, "no optional-map magic where it must stand");
        return 0;
    }
    return rd_count(in->r, 4);
}

static bool optmap_frame(struct rd *r, struct rd *frame)
{
    bool has = rd_bool(r);
    uint32_t n = has ? rd_count(r, 1) : 0;
    *frame = rd_sub(r, n);
    return has;
}

void optmap_next(struct ser_in *in, struct optmap_entry *e)
{
    e->name = ser_utf(in);
    e->has_key = optmap_frame(in->r, &e->key);
    e->has_value = optmap_frame(in->r, &e->value);
}

struct ser *optmap_snapshot(struct ser_in *in, struct optmap_entry *e)
{
    struct ser_in sub = {.r = &e->value, .a = in->a, .flink2 = in->flink2, .told = in->told};
    struct bytes frame = {e->value.p, rd_left(&e->value)};
    struct ser *s = e->has_value ? ser_parse(&sub) : NULL;
    if (!s)
        s = ser_make_unknown(in->a, "?");
    if (e->has_value && (sub.lost || !s->row))
        s->raw = frame; /* of what weir does not know, as it is */
    return s;
}

struct ser *ser_make(struct arena *a, const char *snapshot_class, uint32_t n, struct ser **kids)
{
    struct ser *s = ser_make_unknown(a, snapshot_class);
    s->row = ser_find(snapshot_class);
    if (!s->row)
        return s;
    s->read = s->row->read;
    s->write = s->row->write;
    s->version = s->outer_version = 3;
    s->n = n;
    s->kids = arena_array(a, n, sizeof *s->kids);
    if (n)
        memcpy(s->kids, kids, n * sizeof *kids);
    ser_set_length(s);
    return s;
}

bool ser_unknown(const struct ser *s, const char **class_name)
{
    if (!s)
        return false;
    if (!s->row) {
        *class_name = s->snapshot_class;
        return true;
    }
    for (uint32_t i = 0; i < s->n; i++)
        if (ser_unknown(s->kids[i], class_name))
            return true;
    return false;
}

const char *class_simple(const char *cls)
{
    const char *dot = strrchr(cls, '.');
    return dot ? dot + 1 : cls;
}

void ser_type(const struct ser *s, struct buf *b)
{
    if (!s) {
        buf_puts(b, "?");
        return;
    }
    if (!s->row) {
        buf_printf(b, "?%s", class_simple(s->snapshot_class));
        return;
    }
    buf_puts(b, s->label ? s->label : s->row->name);
    if (!s->n || (s->label && strchr(s->label, '<')))
        return;
    if (s->names) {
        buf_puts(b, "{");
        for (uint32_t i = 0; i < s->n; i++) {
            buf_printf(b, "%s%s ", i ? ", " : "", s->names[i]);
            ser_type(s->kids[i], b);
        }
        buf_puts(b, "}");
        return;
    }
    buf_puts(b, "<");
    for (uint32_t i = 0; i < s->n; i++) {
        if (i)
            buf_puts(b, ", ");
        ser_type(s->kids[i], b);
    }
    buf_puts(b, ">");
}

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

bool ser_same(const struct ser *a, const struct ser *b)
{
    if (a == b)
        return true;
    if (!a || !b || strcmp(a->snapshot_class, b->snapshot_class) || a->n != b->n || !same_text(a->cls, b->cls) ||
        !same_text(a->label, b->label) || a->n_attrs != b->n_attrs || !a->names != !b->names)
        return false;
    for (uint32_t i = 0; i < a->n_attrs; i++)
        if (strcmp(a->attrs[i].name, b->attrs[i].name) || strcmp(a->attrs[i].value, b->attrs[i].value))
            return false;
    for (uint32_t i = 0; i < a->n; i++)
        if ((a->names && strcmp(a->names[i], b->names[i])) || !ser_same(a->kids[i], b->kids[i]))
            return false;
    return true;
}
