/* A serializer snapshot and values behind it: the snapshot written from its tree is read as the same type; a value that was read, made a
 * tree and encoded without the help of its own bytes prints as before; and so does what is read from the JSON of it. */
#include <string.h>

#include "inspect/json_sink.h"
#include "savepoint/keyhash_guess.h"
#include "savepoint/ser_write.h"
#include "savepoint/value_encode.h"
#include "tests/fuzz/fuzz.h"

static void check(bool good)
{
    if (!good)
        __builtin_trap();
}

static void print(const struct value *v, struct buf *to)
{
    struct json_sink j;
    to->n = 0;
    json_sink_init(&j, to);
    value_report(v, &j.sink);
    json_sink_free(&j);
}

static bool same(const struct buf *a, const struct buf *b) { return a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n)); }

/* The bytes, not the classes. */
static void forget_origins(struct value *v, struct arena *a)
{
    if (v->origin) {
        struct value_origin *o = arena_alloc(a, sizeof *o);
        o->class_name = v->origin->class_name;
        v->origin = o;
    }
    for (uint32_t i = 0; value_item(v, i); i++)
        forget_origins(value_item(v, i), a);
}

static void again(const struct ser *s, struct value v, struct arena *a)
{
    struct buf text = {0}, text2 = {0}, bytes = {0};
    struct value_sink sink;
    struct value from;
    struct err e = {0};
    value_sink_init(&sink, a);
    forget_origins(&v, a);
    print(&v, &text);
    if (value_encode(s, &v, &bytes, &e)) {
        check(value_decode(&sink, s, (struct bytes){bytes.p, bytes.n}, &from, &e));
        print(&from, &text2);
        check(same(&text, &text2));
    } else {
        check(e.kind == ERR_CONVERT || e.kind == ERR_UNSUPPORTED);
    }
    e = (struct err){0};
    check(value_from_json(&from, text.p, text.n, a, &e));
    print(&from, &text2);
    bytes.n = 0;
    e = (struct err){0};
    if (value_encode(s, &from, &bytes, &e))
        check(value_decode(&sink, s, (struct bytes){bytes.p, bytes.n}, &from, &e));
    value_sink_free(&sink);
    buf_free(&text);
    buf_free(&text2);
    buf_free(&bytes);
}

static void written(const struct ser *s, int flink2, struct arena *a)
{
    struct buf b = {0};
    struct err e = {0};
    if (ser_put(ser_clone_all(a, s), &b, &e) && b.n == s->raw.n) { /* names end at a U+0000 */
        struct rd r = rd_of(b.p, b.n, 0);
        struct ser_in in = {.r = &r, .a = a, .flink2 = flink2};
        const struct ser *read = ser_parse(&in);
        check(read && !in.lost && !rd_left(&r) && ser_same(s, read));
    }
    buf_free(&b);
}

static void try(const uint8_t *data, size_t size, int flink2)
{
    struct arena a = {0};
    struct rd r = rd_of(data, size, 0);
    struct ser_in in = {.r = &r, .a = &a, .flink2 = flink2};
    struct ser *s = ser_parse(&in);
    if (s && !in.lost) {
        struct value_sink sink;
        value_sink_init(&sink, &a);
        written(s, flink2, &a);
        for (int i = 0; i < 20 && rd_live(&r) && rd_left(&r); i++) {
            struct rd walk = r;
            struct value v;
            struct err e = {0};
            int32_t hash;
            ser_read(s, &walk, NULL);
            struct bytes b = {r.p, (size_t)(walk.p - r.p)};
            (void)keyhash_read(s, &(struct rd){.p = b.p, .end = b.p + b.n, .start = b.p}, &hash);
            if (rd_ok(&walk) && value_decode(&sink, s, b, &v, &e))
                again(s, v, &a);
            r = walk;
        }
        value_sink_free(&sink);
    }
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try(data, size, 0);
    try(data, size, 1);
    return 0;
}
