/* A changelog: a byte of flags, a u16 length of a canonical stream, that stream, then a log file. Flags: 1 Flink 2, 2 nothing is
 * materialized, 4 the stream's handle is of the kind that may hold a heap stream. The one key group starts where an i64 in front
 * of the stream says. */
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
    if (size < 11 || size - 11 < be16(data + 1))
        return 0;
    size_t n = be16(data + 1);
    const uint8_t *base = data + 11, *log = base + n;
    struct snapshot s = {
        .location = "fuzz", .dir = "fuzz", .root = "fuzz", .bytes = {data, size}, .meta = {.version = data[0] & 1 ? 6 : 4}};
    struct meta_operator op = {.hex = "00", .parallelism = 1, .max_parallelism = 128};
    struct meta_keyed stream = {
        .tag = data[0] & 4 ? HANDLE_KEY_GROUPS_V2 : HANDLE_SAVEPOINT_KEY_GROUPS, .kg_count = 1, .offsets = data + 3};
    stream.stream = (struct meta_stream){.tag = HANDLE_BYTE_STREAM, .path = "", .size = n, .inl = {base, n}};
    struct meta_part part = {0, {.tag = HANDLE_BYTE_STREAM, .path = "", .size = size - 11 - n, .inl = {log, size - 11 - n}}};
    struct meta_keyed file = {.tag = HANDLE_CHANGELOG_FILE_V2, .kg_count = 1, .n_parts = 1, .parts = &part};
    struct meta_keyed h = {.tag = HANDLE_CHANGELOG_V2,
                           .kg_count = 1,
                           .n_materialized = data[0] & 2 ? 0 : 1,
                           .materialized = &stream,
                           .n_log = 1,
                           .log = &file};
    struct keyed_part *p;
    struct err e = {0};
    if (keyed_open(&p, &s, &op, &h, &e)) {
        unsigned left = 10000;
        keyed_walk(p, on_entry, &left, &e);
        keyed_close(p);
    }
    return 0;
}
