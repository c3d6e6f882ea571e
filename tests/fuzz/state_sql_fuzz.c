/* A serializer snapshot and values behind it, as SQL has them: the type's text is read as the same type, and values become cells of it, or texts. */
#include "runtime/state_sql.h"
#include "savepoint/value.h"
#include "tests/fuzz/fuzz.h"

static void check(bool good)
{
    if (!good)
        __builtin_trap();
}

static void same_text(struct arena *a, const struct ltype *t)
{
    struct buf b = {0};
    struct err e = {0};
    ltype_text(t, LTYPE_SUMMARY, 64 << 10, &b);
    if (b.n < 32 << 10) {
        const struct ltype *again = type_parse(a, (const char *)b.p, b.n, &e);
        check(again && type_same(t, again, false));
    }
    buf_free(&b);
}

static void convert(struct arena *a, const struct ltype *wanted, const struct ltype *has, const struct value *v)
{
    struct scratch heap = {0};
    struct err e = {0};
    union cell cell;
    uint8_t null;
    uint32_t opaque = 0;
    const struct state_cells *c = state_cells_make(a, wanted, has, &e);
    check(c != NULL);
    if (state_cell(&heap, c, v, &cell, &null, &opaque, &e)) {
        union cell copy = null ? cell : cell_copy(&heap, wanted, cell);
        check(null || cell_same(wanted, cell, copy));
    } else {
        check(e.kind == ERR_CONVERT);
    }
    scratch_free(&heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct rd r = rd_of(data, size, 0);
    struct ser_in in = {.r = &r, .a = &a, .flink2 = 1};
    struct ser *s = ser_parse(&in);
    if (s && !in.lost) {
        const struct ltype *t = state_sql_type(&a, s), *text = type_length(&a, L_VARCHAR, TYPE_MAX_LENGTH, true);
        struct value_sink sink;
        value_sink_init(&sink, &a);
        same_text(&a, t);
        for (int i = 0; i < 20 && rd_live(&r) && rd_left(&r); i++) {
            struct value v;
            struct err e = {0};
            value_sink_reset(&sink);
            ser_read(s, &r, &sink.sink);
            if (rd_ok(&r) && value_sink_take(&sink, &v, &e)) {
                convert(&a, t, t, &v);
                convert(&a, text, t, &v);
            }
        }
        value_sink_free(&sink);
    }
    arena_free(&a);
    return 0;
}
