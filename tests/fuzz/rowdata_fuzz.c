/* A binary row of every type that one can hold, nested ones too, made JSON and walked without a sink: both must end alike. */
#include "inspect/json_sink.h"
#include "savepoint/rowdata.h"
#include "tests/fuzz/fuzz.h"

enum { TYPES = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ltype flat[TYPES] = {
        {.root = L_BOOLEAN, .slot = SLOT_BOOLEAN, .width = 1},
        {.root = L_SMALLINT, .slot = SLOT_I16, .width = 2},
        {.root = L_BIGINT, .slot = SLOT_I64, .width = 8},
        {.root = L_DOUBLE, .slot = SLOT_DOUBLE, .width = 8},
        {.root = L_VARCHAR, .slot = SLOT_TEXT, .width = 8},
        {.root = L_VARBINARY, .slot = SLOT_BYTES, .width = 8},
        {.root = L_DECIMAL, .slot = SLOT_DECIMAL, .width = 8, .precision = 18, .scale = 4},
        {.root = L_DECIMAL, .slot = SLOT_DECIMAL, .width = 8, .precision = 38, .scale = 10},
        {.root = L_TIMESTAMP, .slot = SLOT_TIMESTAMP, .width = 8, .precision = 3},
        {.root = L_TIMESTAMP_LTZ, .slot = SLOT_TIMESTAMP, .width = 8, .precision = 9},
        {.root = L_RAW, .slot = SLOT_RAW, .width = 8},
        {.root = L_VARIANT, .slot = SLOT_VARIANT, .width = 8},
        {.root = L_BITMAP, .slot = SLOT_BYTES, .width = 8},
        {.root = L_NULL, .slot = SLOT_NONE, .width = 8},
        {.root = L_INTEGER, .slot = SLOT_I32, .width = 4},
        {.root = L_TINYINT, .slot = SLOT_I8, .width = 1},
    };
    const struct ltype *all[TYPES], *of_text[] = {&flat[4]}, *pair[] = {&flat[4], &flat[7]};
    for (int i = 0; i < TYPES; i++)
        all[i] = &flat[i];
    struct ltype row = {.root = L_ROW, .slot = SLOT_ROW, .width = 8, .n = TYPES, .kids = all};
    struct ltype texts = {.root = L_ARRAY, .slot = SLOT_ARRAY, .width = 8, .n = 1, .kids = of_text};
    const struct ltype *of_row[] = {&row}, *of_texts[] = {&texts};
    struct ltype rows = {.root = L_ARRAY, .slot = SLOT_ARRAY, .width = 8, .n = 1, .kids = of_row};
    struct ltype map = {.root = L_MAP, .slot = SLOT_MAP, .width = 8, .n = 2, .kids = pair};
    struct ltype nested = {.root = L_ARRAY, .slot = SLOT_ARRAY, .width = 8, .n = 1, .kids = of_texts};
    const struct ltype *top[] = {&row, &rows, &map, &nested, &flat[4], &flat[13]};
    struct ltypes types = {sizeof top / sizeof *top, top};

    struct rd r = rd_of(data, size, 0), walk = r;
    struct buf b = {0};
    struct json_sink j;
    json_sink_init(&j, &b);
    rowdata_row(&r, (struct bytes){data, size}, &types, &j.sink);
    rowdata_row(&walk, (struct bytes){data, size}, &types, NULL);
    if (r.why != walk.why || r.opaque != walk.opaque || r.depth)
        __builtin_trap();
    json_sink_free(&j);
    buf_free(&b);
    return 0;
}
