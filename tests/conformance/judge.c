#include "tests/conformance/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rd.h"
#include "savepoint/opstate.h"
#include "savepoint/rawtimers.h"
#include "savepoint/savepoint.h"
#include "savepoint/state_decode.h"
#include "savepoint/told.h"

/* A sink that keeps the first reason why a value is opaque. */
struct watcher {
    struct sink sink;
    char why[300];
    unsigned n;
};

static void w_null(struct sink *s) { (void)s; }
static void w_boolean(struct sink *s, bool v) { (void)s, (void)v; }
static void w_integer(struct sink *s, int64_t v) { (void)s, (void)v; }
static void w_real(struct sink *s, double v, bool single) { (void)s, (void)v, (void)single; }
static void w_text(struct sink *s, const char *p, size_t n) { (void)s, (void)p, (void)n; }
static void w_hex(struct sink *s, const char *prefix, const uint8_t *p, size_t n) { (void)s, (void)prefix, (void)p, (void)n; }
static void w_box(struct sink *s, enum sink_box b) { (void)s, (void)b; }
static void w_opaque(struct sink *s, const char *class_name, const uint8_t *p, size_t n, const char *why)
{
    struct watcher *w = (struct watcher *)s;
    (void)p;
    if (!w->n++)
        snprintf(w->why, sizeof w->why, "%s: %zu bytes of %s", why, n, class_name);
}

static const struct sink_ops watcher_ops = {
    .null = w_null,
    .boolean = w_boolean,
    .integer = w_integer,
    .real = w_real,
    .text = w_text,
    .hex = w_hex,
    .begin = w_box,
    .end = w_box,
    .key = w_text,
    .opaque = w_opaque,
};

static struct judged say(enum verdict v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct judged say(enum verdict v, const char *fmt, ...)
{
    struct judged j = {.verdict = v};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(j.why, sizeof j.why, fmt, ap);
    va_end(ap);
    return j;
}

static struct judged not_read(const struct rd *r, const char *what)
{
    return say(FAILED, "%s: %s, at byte %llu", what, r->why, (unsigned long long)r->bad_at);
}

/* Serializers as Flink wrote them before 1.8: a Java object in an envelope of version 1, or beside a TypeSerializerConfigSnapshot
 * (of which ParameterlessTypeSerializerConfig is one). */
static const char *const old_names[] = {"ConfigSnapshot", "ParameterlessTypeSerializerConfig"};

static bool is_old(const char *why, const char *class_name)
{
    if (why && strstr(why, "before 1.7"))
        return true;
    for (size_t i = 0; class_name && i < sizeof old_names / sizeof *old_names; i++)
        if (strstr(class_name, old_names[i]))
            return true;
    return false;
}

static struct judged old(void) { return (struct judged){APART, "a serializer of Flink before 1.8, which only Java can read"}; }

static bool load(const char *path, struct store_file *f, struct buf *bytes, struct err *e)
{
    if (!store_open(f, path, e))
        return false;
    buf_reserve(bytes, (size_t)f->size + 1);
    bytes->n = (size_t)f->size;
    bool ok = !f->size || store_read(f, 0, bytes->p, bytes->n, e);
    store_close(f);
    return ok;
}

static struct judged judge_data(const struct ser *ser, const struct buf *bytes, bool many)
{
    struct rd r = rd_of(bytes->p, bytes->n, 0);
    struct watcher w = {.sink = {.ops = &watcher_ops}};
    struct judged j = {0};
    do
        ser_read(ser, &r, &w.sink);
    while (many && rd_live(&r) && rd_left(&r));
    if (!rd_ok(&r))
        j = not_read(&r, "data");
    else if (rd_left(&r))
        j = say(FAILED, "data: %zu of %zu bytes left over", rd_left(&r), bytes->n);
    else if (w.n || r.opaque)
        j = say(OPAQUE, "%s", w.why);
    buf_free(&w.sink.scratch);
    return j;
}

static struct told told;

bool judge_told(const char *file, struct arena *a, struct err *e)
{
    struct buf text = {0};
    struct store_file f = {0};
    bool ok = load(file, &f, &text, e) && told_read(&told, (struct bytes){text.p, text.n}, file, a, e);
    buf_free(&text);
    return ok;
}

struct judged judge_pair(const char *snapshot, const char *data, bool many, bool flink2)
{
    struct arena a = {0};
    struct buf described = {0}, values = {0};
    struct store_file file = {0};
    struct err e = {0};
    struct judged j;
    if (!load(snapshot, &file, &described, &e) || (data && !load(data, &file, &values, &e))) {
        j = say(FAILED, "%s", e.text);
        goto out;
    }
    struct rd r = rd_of(described.p, described.n, 0);
    struct ser_in in = {.r = &r, .a = &a, .flink2 = flink2, .told = &told};
    const struct ser *ser = ser_parse_p(&in);
    const char *unknown = NULL;
    if (is_old(r.why, in.lost))
        j = old();
    else if (!ser)
        j = not_read(&r, "snapshot");
    else if (in.lost)
        j = say(OPAQUE, "no serializer for %s", in.lost);
    else if (rd_left(&r))
        j = say(FAILED, "snapshot: %zu of %zu bytes left over", rd_left(&r), described.n);
    else if (data)
        j = judge_data(ser, &values, many);
    else
        j = say(EXACT, "%s", "");
    if (j.verdict == EXACT && ser_unknown(ser, &unknown))
        j = say(OPAQUE, "no serializer for %s", unknown);
out:
    buf_free(&described);
    buf_free(&values);
    arena_free(&a);
    return j;
}

/* What OperatorSnapshotUtil#writeStateHandle wrote, taken apart. */
struct harness {
    int32_t version;    /* 0, or 3 with in-flight data behind */
    struct bytes keyed; /* the one managed keyed handle, n = 0 for none */
    struct bytes raw;   /* the one raw keyed handle */
    bool legacy;        /* the operator's own stream, which Flink 1.3 still had */
};

static void skip_utf(struct rd *r) { (void)rd_take(r, rd_u16(r)); }

/* A handle of the kinds that a harness has (metadata.md, "Handles"). */
static void skip_stream(struct rd *r)
{
    switch (rd_u8(r)) {
    case 0:
        break;
    case 1:
        skip_utf(r);
        (void)rd_bytes32(r);
        break;
    default:
        rd_fail(r, "a stream handle that no harness writes");
    }
}

static void skip_keyed(struct rd *r)
{
    uint8_t tag = rd_u8(r);
    bool incremental = tag == 11;
    if (tag != 3 && tag != 12 && !incremental) {
        rd_fail(r, "a keyed handle that no harness writes");
        return;
    }
    if (incremental) {
        (void)rd_i64(r);
        skip_utf(r);
    }
    (void)rd_i32(r);
    uint32_t groups = rd_count(r, incremental ? 0 : 8);
    (void)rd_take(r, incremental ? 8 : (size_t)groups * 8);
    skip_stream(r);
    for (int list = 0; incremental && list < 2; list++)
        for (uint32_t n = rd_count(r, 3); n > 0 && rd_ok(r); n--) {
            skip_utf(r);
            skip_stream(r);
        }
    if (tag != 3)
        skip_utf(r);
}

/* A list of keyed handles: none or one. */
static struct bytes one_keyed(struct rd *r)
{
    int32_t n = rd_i32(r);
    const uint8_t *from = r->p;
    if (n > 1)
        rd_fail(r, "more than one handle in a harness");
    if (n == 1)
        skip_keyed(r);
    return n == 1 && rd_ok(r) ? (struct bytes){from, (size_t)(r->p - from)} : (struct bytes){0};
}

static void none(struct rd *r)
{
    if (rd_i32(r) > 0)
        rd_fail(r, "a harness with state that is not keyed");
}

static void take_apart(struct rd *r, struct harness *h)
{
    h->version = rd_i32(r);
    const uint8_t *from = r->p;
    skip_stream(r);
    h->legacy = r->p > from + 1;
    none(r); /* raw operator state */
    none(r); /* managed operator state */
    h->raw = one_keyed(r);
    h->keyed = one_keyed(r);
    if (h->version == 3) {
        none(r); /* input channels */
        none(r); /* result subpartitions */
    }
}

static void put32(struct buf *b, uint32_t v)
{
    uint8_t be[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    buf_put(b, be, sizeof be);
}

static void put_keyed(struct buf *b, struct bytes handle)
{
    if (handle.n)
        buf_put(b, handle.p, handle.n);
    else
        buf_putc(b, 0);
}

/* The same state as a savepoint of one operator with one subtask: metadata 3, or 5 for Flink 2. */
static void as_metadata(const struct harness *h, bool flink2, struct buf *b)
{
    static const uint8_t zeros[16], null_object[] = {0xac, 0xed, 0, 5, 0x70};
    put32(b, 0x4960672d);
    put32(b, flink2 ? 5 : 3);
    buf_put(b, zeros, 8); /* checkpoint id */
    put32(b, 0);          /* masters */
    put32(b, 1);          /* operators */
    if (flink2)
        buf_put(b, zeros, 4); /* name and uid */
    buf_put(b, zeros, 16);    /* id */
    put32(b, 1);              /* parallelism */
    put32(b, 1);              /* maximum parallelism, as test harnesses have it */
    buf_putc(b, 0);           /* coordinator */
    put32(b, 1);              /* subtasks */
    put32(b, 0);              /* index */
    put32(b, 0);              /* managed operator state */
    put32(b, 0);              /* raw operator state */
    put_keyed(b, h->keyed);
    put_keyed(b, h->raw);
    put32(b, 0); /* in-flight input */
    put32(b, 0); /* in-flight output */
    if (flink2)
        buf_put(b, null_object, sizeof null_object); /* CheckpointProperties */
}

static bool store(const char *path, const struct buf *b)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return false;
    bool ok = fwrite(b->p, 1, b->n, f) == b->n;
    return !fclose(f) && ok;
}

struct judged judge_harness(const char *file, bool flink2)
{
    struct arena a = {0};
    struct buf bytes = {0}, metadata = {0};
    struct store_file f = {0};
    struct err e = {0};
    struct judged j;
    if (!load(file, &f, &bytes, &e)) {
        j = say(FAILED, "%s", e.text);
        goto out;
    }
    struct rd r = rd_of(bytes.p, bytes.n, 0);
    struct harness h = {0};
    take_apart(&r, &h);
    if (!rd_ok(&r)) {
        j = not_read(&r, "harness");
    } else if (rd_left(&r)) {
        j = say(FAILED, "harness: %zu of %zu bytes left over", rd_left(&r), bytes.n);
    } else if (h.legacy) {
        j = say(APART, "the operator's own stream of Flink 1.3, which names no serializer");
    } else {
        as_metadata(&h, flink2, &metadata);
        const char *tmp = getenv("TMPDIR");
        char *dir = arena_printf(&a, "%s/conformance-XXXXXX", tmp && *tmp ? tmp : "/tmp");
        if (!mkdtemp(dir)) {
            j = say(FAILED, "%s: cannot be made", dir);
            goto out;
        }
        char *path = arena_printf(&a, "%s/_metadata", dir);
        j = store(path, &metadata) ? judge_savepoint(dir) : say(FAILED, "%s: cannot be written", path);
        unlink(path);
        rmdir(dir);
    }
out:
    buf_free(&bytes);
    buf_free(&metadata);
    arena_free(&a);
    return j;
}

/* What has been seen of a savepoint. The first thing that is not exact is kept. */
struct look {
    struct watcher w;
    struct judged j;
};

static void note(struct look *l, struct judged j)
{
    if (l->j.verdict == EXACT || (l->j.verdict == OPAQUE && j.verdict != OPAQUE))
        l->j = j;
}

static void note_err(struct look *l, const struct err *e)
{
    if (is_old(e->text, NULL))
        note(l, old());
    else
        note(l, say(FAILED, "%s", e->text));
}

static void note_lost(struct look *l, const char *class_name)
{
    if (is_old(NULL, class_name))
        note(l, old());
    else
        note(l, say(OPAQUE, "no serializer for %s", class_name));
}

static void note_opaque(struct look *l, const struct state_info *info, uint32_t opaque)
{
    if (l->w.n || opaque)
        note(l, say(OPAQUE, "state \"%s\": %s", info->name, l->w.n ? l->w.why : "bytes without a serializer"));
    l->w.n = 0;
}

static bool see_entry(void *ctx, struct entry *en, struct err *e)
{
    struct look *l = ctx;
    uint32_t opaque = 0;
    uint64_t elements = 0;
    if (!entry_split(en, e))
        return false;
    if (en->why) { /* the key takes all that there is, or all behind it */
        note(l, say(OPAQUE, "state \"%s\": %s", en->info->name, en->why));
        return true;
    }
    bool ok;
    if (en->form == FORM_TIMER)
        ok = decode_timer(en, &l->w.sink, &opaque, e);
    else
        ok = decode_key(en, &l->w.sink, &opaque, e) && decode_ns(en, &l->w.sink, &opaque, e) &&
            decode_value(en, &l->w.sink, &opaque, &elements, e);
    note_opaque(l, en->info, opaque);
    return ok;
}

static void see_keyed(struct look *l, const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h)
{
    struct err e = {0};
    struct keyed_part *p = NULL;
    if (h->tag == HANDLE_NULL)
        return;
    if (!keyed_open(&p, s, op, h, &e)) {
        note_err(l, &e);
        return;
    }
    if (p->header->lost)
        note_lost(l, p->header->lost);
    if (!keyed_walk(p, see_entry, l, &e))
        note_err(l, &e);
    if (p->opaque_groups)
        note(l, say(OPAQUE, "%u key groups that could not be framed", p->opaque_groups));
    keyed_close(p);
}

/* Does a file of the folder name a serializer of before 1.8? Behind one, nothing can be framed, and any error may follow. */
static bool names_old(const char *dir)
{
    struct arena a = {0};
    struct err e = {0};
    const char **names;
    uint32_t n = 0;
    bool found = false;
    if (store_list(dir, &a, &names, &n, &e))
        for (uint32_t i = 0; i < n && !found; i++) {
            struct buf bytes = {0};
            struct store_file f = {0};
            if (load(store_join(&a, dir, names[i]), &f, &bytes, &e))
                for (size_t k = 0; k < sizeof old_names / sizeof *old_names; k++)
                    found = found || memmem(bytes.p, bytes.n, old_names[k], strlen(old_names[k]));
            buf_free(&bytes);
        }
    arena_free(&a);
    return found;
}

/* Timers of an operator, or its own bytes for each key group. */
static void see_raw_keyed(struct look *l, const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h)
{
    struct arena a = {0};
    struct err e = {0};
    if (h->tag == HANDLE_NULL)
        return;
    if (!rawtimers_walk(s, op, h, &a, see_entry, l, &e))
        note_err(l, &e);
    arena_free(&a);
}

/* The elements of operator state lie back to back: each must begin where one ended, the last at the end of the stream. */
struct spans {
    struct look *l;
    struct span {
        uint64_t at, n;
    } * p;
    size_t n, cap;
};

static bool see_element(void *ctx, const struct state_info *info, struct bytes b, uint64_t at, struct err *e)
{
    struct spans *spans = ctx;
    struct look *l = spans->l;
    if (spans->n == spans->cap)
        spans->p = mem_grow(spans->p, spans->cap = spans->cap ? 2 * spans->cap : 64, sizeof *spans->p);
    spans->p[spans->n++] = (struct span){at, b.n};
    struct rd r = rd_of(b.p, b.n, at);
    if (info->kind == KIND_BROADCAST) {
        for (uint32_t n = rd_count(&r, 0); n && rd_live(&r); n--) {
            ser_read(info->user_key, &r, &l->w.sink);
            if (rd_live(&r))
                ser_read(info->value, &r, &l->w.sink);
        }
    } else {
        ser_read(info->value, &r, &l->w.sink);
    }
    note_opaque(l, info, r.opaque);
    if (rd_live(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind an element");
    return rd_ok(&r) || err_set(e, ERR_CORRUPT, "state \"%s\": %s, at byte %llu", info->name, r.why, (unsigned long long)r.bad_at);
}

static int by_at(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void see_operator(struct look *l, const struct snapshot *s, const struct meta_operator *op, const struct meta_op_handle *h)
{
    struct err e = {0};
    struct opstate_part *p = NULL;
    struct spans spans = {.l = l};
    if (h->tag == HANDLE_NULL)
        return;
    if (!opstate_open(&p, s, op, h, &e)) {
        note_err(l, &e);
        return;
    }
    if (p->lost)
        note_lost(l, p->lost);
    for (uint32_t i = 0; i < p->n; i++)
        if (!opstate_walk(p, i, see_element, &spans, &e))
            note_err(l, &e);
    if (spans.n && !p->compressed && e.kind == ERR_NONE) {
        qsort(spans.p, spans.n, sizeof *spans.p, by_at);
        uint64_t end = spans.p[0].at;
        for (size_t i = 0; i < spans.n; i++) {
            if (spans.p[i].at != end)
                note(l,
                     say(FAILED, "operator state: bytes that belong to no element, before offset %llu",
                         (unsigned long long)spans.p[i].at));
            end = spans.p[i].at + spans.p[i].n;
        }
        if (end != p->blob.origin + p->blob.size)
            note(l, say(FAILED, "operator state: bytes left over, at offset %llu", (unsigned long long)end));
    }
    free(spans.p);
    opstate_close(p);
}

struct judged judge_savepoint(const char *dir)
{
    struct look l = {.w.sink.ops = &watcher_ops};
    struct snapshot *s = NULL;
    struct err e = {0};
    if (!snapshot_open(&s, dir, &(struct snapshot_opts){.told = &told}, &e)) {
        note_err(&l, &e);
        return l.j;
    }
    for (uint32_t i = 0; i < s->meta.n; i++) {
        const struct meta_operator *op = &s->meta.operators[i];
        for (uint32_t k = 0; k < op->n; k++) {
            const struct meta_subtask *sub = &op->subtasks[k];
            see_operator(&l, s, op, &sub->managed);
            see_keyed(&l, s, op, &sub->keyed);
            see_raw_keyed(&l, s, op, &sub->raw_keyed);
            if (sub->raw.tag != HANDLE_NULL)
                note(&l, say(OPAQUE, "raw operator state, whose bytes are the operator's own"));
        }
    }
    snapshot_close(s);
    buf_free(&l.w.sink.scratch);
    if (l.j.verdict != EXACT && l.j.verdict != APART && names_old(dir))
        l.j = old();
    return l.j;
}
