/* A key-group stream: a byte of flags, a byte of key groups, an i64 offset for each, then the stream. */
#include <string.h>

#include "savepoint/savepoint.h"
#include "savepoint/state_decode.h"
#include "tests/fuzz/fuzz.h"

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    unsigned *left = ctx;
    uint32_t opaque = 0;
    uint64_t n;
    if (!entry_split(en, e))
        return false;
    if (en->form == FORM_TIMER)
        return decode_timer(en, NULL, &opaque, e) && --*left;
    return decode_key(en, NULL, &opaque, e) && (!entry_has_ns(en) || decode_ns(en, NULL, &opaque, e)) &&
        decode_value(en, NULL, &opaque, &n, e) && --*left;
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
    struct keyed_part *p;
    struct err e = {0};
    if (keyed_open(&p, &s, &op, &h, &e)) {
        unsigned left = 100000;
        keyed_walk(p, on_entry, &left, &e);
        keyed_close(p);
    }
    return 0;
}
