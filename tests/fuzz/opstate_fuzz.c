/* Operator state: a byte of flags, one of offsets, an i64 for each, then the stream. Flags: 1 Flink 2, 2 the offsets are key groups
 * of raw timers; else they belong in turn to a list, a union and a broadcast state. */
#include <string.h>

#include "savepoint/opstate.h"
#include "savepoint/rawtimers.h"
#include "savepoint/wellknown.h"
#include "tests/fuzz/fuzz.h"

static bool on_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    (void)e;
    unsigned *left = ctx;
    struct rd r = rd_of(element.p, element.n, at);
    ser_read(info->element, &r, NULL);
    wellknown_decode(info->name, element, NULL);
    wellknown_coordinator(element, NULL);
    return --*left;
}

static bool on_timer(void *ctx, struct entry *en, struct err *e)
{
    (void)e;
    unsigned *left = ctx;
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    ser_read(en->info->value, &r, NULL);
    return --*left;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || (size - 2) / 8 < data[1])
        return 0;
    uint32_t n = data[1], each = (n + 2) / 3;
    size_t head = 2 + (size_t)8 * n;
    struct snapshot s = {
        .location = "fuzz", .dir = "fuzz", .root = "fuzz", .bytes = {data, size}, .meta = {.version = data[0] & 1 ? 6 : 4}};
    struct meta_operator op = {.hex = "00", .parallelism = 1, .max_parallelism = 128};
    struct meta_stream stream = {.tag = HANDLE_BYTE_STREAM, .path = "", .size = size - head, .inl = {data + head, size - head}};
    struct err e = {0};
    unsigned left = 10000;
    if (data[0] & 2) {
        struct arena a = {0};
        struct meta_keyed h = {.tag = HANDLE_KEY_GROUPS_V2, .kg_count = n, .offsets = data + 2, .stream = stream};
        rawtimers_walk(&s, &op, &h, &a, on_timer, &left, &e);
        arena_free(&a);
        return 0;
    }
    static const char *const names[] = {"SourceReaderState", "writer_raw_states", "rules"};
    struct meta_op_state states[3];
    uint32_t used = 0;
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t count = i == 2 ? n - used : used + each > n ? n - used : each;
        states[i] =
            (struct meta_op_state){.name = names[i], .mode = (enum op_mode)i, .n = count, .offsets = data + 2 + (size_t)8 * used};
        used += count;
    }
    struct meta_op_handle h = {.tag = HANDLE_OPERATOR, .states = states, .stream = stream};
    while (h.n < 3 && states[h.n].n)
        h.n++;
    struct opstate_part *p;
    if (opstate_open(&p, &s, &op, &h, &e)) {
        for (uint32_t i = 0; i < p->n; i++)
            if (!opstate_walk(p, i, on_element, &left, &e))
                break;
        opstate_close(p);
    }
    return 0;
}
