/* JSON as people may write it for values: what is read prints, and what is printed is read as the same. */
#include <string.h>

#include "inspect/json_sink.h"
#include "savepoint/ser_write.h"
#include "savepoint/value_encode.h"
#include "tests/fuzz/fuzz.h"

static void print(const struct value *v, struct buf *to)
{
    struct json_sink j;
    to->n = 0;
    json_sink_init(&j, to);
    value_report(v, &j.sink);
    json_sink_free(&j);
}

/* Whatever it is, held against some types. */
static void encode(const struct value *v, struct arena *a)
{
    struct err ignored = {0};
    struct ser *kids[] = {ser_plain(a, "BigDecimal"), ser_plain(a, "Instant"), ser_plain(a, "Date"), ser_plain(a, "byte[]")};
    const struct ltype *columns[] = {ltype_make(a, L_DECIMAL, 0, 20, 4), ltype_make(a, L_TIMESTAMP, 0, 9, 0),
                                     ltype_make(a, L_CHAR, 2, 0, 0), ltype_make(a, L_TINYINT, 0, 0, 0)};
    const struct ser *types[] = {
        ser_row(a, kids, 4), ser_map(a, ser_plain(a, "String"), ser_plain(a, "Double")), ser_list(a, ser_plain(a, "LocalDateTime")),
        ser_rowdata(a, columns, 4, NULL, &ignored),
        ser_avro(a, NULL, "[\"null\",{\"type\":\"fixed\",\"name\":\"F\",\"size\":2},\"long\",\"string\"]", &ignored)};
    struct value_sink sink;
    value_sink_init(&sink, a);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct buf b = {0};
        struct err e = {0};
        struct value again;
        if (types[i] && value_encode(types[i], v, &b, &e) && !value_decode(&sink, types[i], (struct bytes){b.p, b.n}, &again, &e))
            __builtin_trap(); /* what weir writes it reads */
        buf_free(&b);
    }
    value_sink_free(&sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct value v, again;
    struct err e = {0};
    if (value_from_json(&v, data, size, &a, &e)) {
        struct buf text = {0}, text2 = {0};
        print(&v, &text);
        if (!value_from_json(&again, text.p, text.n, &a, &e))
            __builtin_trap();
        print(&again, &text2);
        if (text.n != text2.n || memcmp(text.p, text2.p, text.n) != 0)
            __builtin_trap();
        encode(&v, &a);
        buf_free(&text);
        buf_free(&text2);
    } else if (e.kind == ERR_NONE) {
        __builtin_trap();
    }
    arena_free(&a);
    return 0;
}
