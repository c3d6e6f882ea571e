/* A serializer snapshot, and behind it values of that serializer until the bytes end. */
#include "inspect/json_sink.h"
#include "savepoint/keyhash.h"
#include "savepoint/ser.h"
#include "tests/fuzz/fuzz.h"

static void read_values(const uint8_t *data, size_t size, int flink2)
{
    struct arena a = {0};
    struct rd r = rd_of(data, size, 0);
    struct ser_in in = {.r = &r, .a = &a, .flink2 = flink2};
    struct ser *s = ser_parse(&in);
    if (s && !in.lost) {
        struct buf type = {0}, text = {0};
        ser_type(s, &type);
        struct json_sink json;
        json_sink_init(&json, &text);
        for (int i = 0; i < 100 && rd_live(&r) && rd_left(&r); i++) {
            struct rd walk = r, hash = r;
            int32_t h;
            ser_read(s, &walk, NULL);
            (void)keyhash_read(s, &hash, &h);
            ser_read(s, &r, &json.sink);
            if (rd_ok(&walk) != rd_ok(&r) || walk.p != r.p)
                __builtin_trap(); /* walking and decoding must agree on where a value ends */
            text.n = 0;
        }
        json_sink_free(&json);
        buf_free(&text);
        buf_free(&type);
    }
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_values(data, size, 0);
    read_values(data, size, 1);
    return 0;
}
