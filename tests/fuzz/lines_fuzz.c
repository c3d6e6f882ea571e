/* Lines of a file in every format, and what unpacks files: the first byte says which, the rest is the file. */
#include "tests/fuzz/fuzz.h"
#include "tests/support/lines_job.h"

#define COLUMN(name, type) "{\"name\":\"" name "\",\"dataType\":\"" type "\"}"
#define SIMPLE \
    COLUMN("a", "BIGINT") "," COLUMN("b", "VARCHAR(2147483647)") "," COLUMN("d", "DECIMAL(10, 2)") "," COLUMN("t", "TIMESTAMP(3)")
#define SIMPLE_ROW "`a` BIGINT, `b` VARCHAR(2147483647), `d` DECIMAL(10, 2), `t` TIMESTAMP(3)"
#define NESTED                                                                                           \
    SIMPLE "," COLUMN("l", "ARRAY<INT>") "," COLUMN("m", "MAP<VARCHAR(2147483647), DOUBLE>") "," COLUMN( \
        "v", "VARBINARY(9)") "," COLUMN("r", "ROW<`x` BOOLEAN, `y` DATE, `z` TIME(0), `f` FLOAT, `u` TIMESTAMP_LTZ(6)>")
#define NESTED_ROW                                                                                  \
    SIMPLE_ROW ", `l` ARRAY<INT>, `m` MAP<VARCHAR(2147483647), DOUBLE>, `v` VARBINARY(9), `r` ROW<" \
               "`x` BOOLEAN, `y` DATE, `z` TIME(0), `f` FLOAT, `u` TIMESTAMP_LTZ(6)>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *columns, *row, *options;
    } forms[] = {
        {"[" NESTED "]", "ROW<" NESTED_ROW ">", "\"format\":\"json\",\"json.ignore-parse-errors\":\"true\""},
        {"[" NESTED "]", "ROW<" NESTED_ROW ">", "\"format\":\"changelog-json\""},
        {"[" NESTED "]", "ROW<" NESTED_ROW ">", "\"format\":\"debezium-json\",\"debezium-json.ignore-parse-errors\":\"true\""},
        {"[" NESTED "]", "ROW<" NESTED_ROW ">", "\"format\":\"debezium-json\",\"debezium-json.schema-include\":\"true\""},
        {"[" SIMPLE "]", "ROW<" SIMPLE_ROW ">", "\"format\":\"csv\",\"csv.ignore-parse-errors\":\"true\""},
        {"[" COLUMN("v", "VARBINARY(2147483647)") "]", "ROW<`v` VARBINARY(2147483647)>", "\"format\":\"raw\""},
    };
    static const char *const files[] = {"in", "in.gz", "in.zst", "in.deflate"};
    if (!size)
        return 0;
    uint32_t which = data[0] & 7;
    if (which >= sizeof forms / sizeof *forms)
        return 0;
    const struct lines_job l = {.name = files[data[0] >> 5 & 3],
                                .content = {data + 1, size - 1},
                                .chunk = data[0] & 8 ? 7 : 0,
                                .columns = forms[which].columns,
                                .row = forms[which].row,
                                .options = forms[which].options,
                                .batch_rows = data[0] & 16 ? 1 : 0};
    struct buf out = {0};
    struct err e = {0};
    if (!lines_job_run(&l, &out, &e) && e.kind != ERR_CONVERT && e.kind != ERR_CORRUPT && e.kind != ERR_LIMIT)
        __builtin_trap();
    buf_free(&out);
    return 0;
}
