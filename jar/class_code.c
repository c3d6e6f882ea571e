#include "jar/class_code.h"

enum { LDC = 0x12, LDC_W = 0x13, TABLESWITCH = 0xaa, LOOKUPSWITCH = 0xab, PUTSTATIC = 0xb3, WIDE = 0xc4, IINC = 0x84 };
enum { TEXT_MAX = 4 << 20 };

/* Bytes of operands behind an opcode that has a fixed number of them. */
static unsigned operands(uint8_t op)
{
    static const struct {
        uint8_t from, to, n;
    } ranges[] = {
        {0x10, 0x10, 1}, {0x11, 0x11, 2}, {0x12, 0x12, 1}, {0x13, 0x14, 2}, {0x15, 0x19, 1}, {0x36, 0x3a, 1},
        {0x84, 0x84, 2}, {0x99, 0xa8, 2}, {0xa9, 0xa9, 1}, {0xb2, 0xb8, 2}, {0xb9, 0xba, 4}, {0xbb, 0xbb, 2},
        {0xbc, 0xbc, 1}, {0xbd, 0xbd, 2}, {0xc0, 0xc1, 2}, {0xc5, 0xc5, 3}, {0xc6, 0xc7, 2}, {0xc8, 0xc9, 4},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (op >= ranges[i].from && op <= ranges[i].to)
            return ranges[i].n;
    return 0;
}

static void skip_switch(struct rd *r, uint8_t op)
{
    size_t at = (size_t)(r->p - r->start);
    (void)rd_take(r, (4 - at % 4) % 4 + 4); /* padding, the default's offset */
    int64_t low = rd_i32(r), n = low;
    if (op == TABLESWITCH)
        n = (int64_t)rd_i32(r) - low + 1;
    if (n < 0 || n > (int64_t)rd_left(r))
        rd_fail(r, "a switch that does not fit");
    else
        (void)rd_take(r, (size_t)n * (op == TABLESWITCH ? 4 : 8));
}

const char *class_code_strings_into(struct bytes code, const struct class_pool *pool, const char *field, struct arena *a)
{
    struct rd r = rd_of(code.p, code.n, 0);
    struct buf text = {0};
    const char *found = NULL;
    while (rd_ok(&r) && rd_left(&r) && !found && text.n < TEXT_MAX) {
        uint8_t op = rd_u8(&r);
        if (op == LDC || op == LDC_W) {
            const struct pool_entry *s = class_pool_string(pool, op == LDC ? rd_u8(&r) : rd_u16(&r));
            if (s && s->text.p)
                class_text(&text, s->text);
        } else if (op == PUTSTATIC) {
            bool into = class_pool_is_field(pool, rd_u16(&r), field);
            if (into)
                found = arena_strn(a, text.n ? (const char *)text.p : "", text.n);
            text.n = 0;
        } else if (op == TABLESWITCH || op == LOOKUPSWITCH) {
            skip_switch(&r, op);
        } else if (op == WIDE) {
            (void)rd_take(&r, rd_u8(&r) == IINC ? 4 : 2);
        } else {
            (void)rd_take(&r, operands(op));
        }
    }
    buf_free(&text);
    return found && *found ? found : NULL;
}
