/* The input of keyed_fuzz.c, written anew in one of the forms: what could be written can be read, and as many entries. */
#include <stdlib.h>

#include "savepoint/savepoint.h"
#include "savepoint/writer.h"
#include "tests/fuzz/fuzz.h"

struct counted {
    struct keyed_out *to;
    unsigned n;
};

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct counted *c = ctx;
    return (!c->to || keyed_out_entry(c->to, en, e)) && ++c->n < 100000;
}

static bool walk(const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h, struct err *e)
{
    struct keyed_part *p;
    struct counted c = {0};
    if (!keyed_open(&p, s, op, h, e))
        return false;
    bool ok = keyed_walk(p, on_entry, &c, e);
    keyed_close(p);
    return ok;
}

static bool guessed(const struct keyed_header *h)
{
    const char *cls;
    bool any = ser_unknown(h->key, &cls);
    for (uint32_t i = 0; i < h->n && !any; i++)
        any = ser_unknown(h->states[i].value, &cls) || ser_unknown(h->states[i].ns, &cls);
    return any;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || (size - 2) / 8 < data[1])
        return 0;
    struct snapshot s = {
        .location = "fuzz", .dir = "fuzz", .root = "fuzz", .bytes = {data, size}, .meta = {.version = data[0] & 1 ? 6 : 4}};
    struct meta_operator op = {.hex = "00", .parallelism = 1, .max_parallelism = data[0] & 2 ? 720 : 128};
    struct meta_keyed h = {
        .tag = data[0] & 4 ? HANDLE_SAVEPOINT_KEY_GROUPS : HANDLE_KEY_GROUPS_V2, .kg_count = data[1], .offsets = data + 2};
    size_t head = 2 + (size_t)8 * data[1];
    h.stream = (struct meta_stream){.tag = HANDLE_BYTE_STREAM, .path = "", .size = size - head, .inl = {data + head, size - head}};
    const struct keyed_out_opts opts = {.form = data[0] & 8 ? OUT_HEAP : OUT_CANONICAL,
                                        .compress = data[0] & 16,
                                        .sort = data[0] & 32,
                                        .max_parallelism = op.max_parallelism,
                                        .kg_count = h.kg_count};
    const struct out_place place = {.dir = "fuzz", .inline_max = UINT32_MAX};
    struct keyed_part *p;
    struct counted c = {0};
    struct arena a = {0};
    struct err e = {0};
    struct meta_keyed written;
    if (!keyed_open(&p, &s, &op, &h, &e))
        return 0;
    if (!keyed_out_open(&c.to, &place, p->header, &opts, &e) || !keyed_walk(p, on_entry, &c, &e)) {
        keyed_out_drop(c.to);
    } else if (keyed_out_end(c.to, &written, &a, &e)) {
        s.bytes = written.stream.inl;
        /* what must be guessed when a heap stream is read: the form of one group alone, the end of values of an unknown class */
        if (!walk(&s, &op, &written, &e) && written.kg_count != 1 && !guessed(p->header))
            abort();
    }
    keyed_close(p);
    arena_free(&a);
    return 0;
}
