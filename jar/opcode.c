#include "jar/opcode.h"

enum { WIDE = 0xc4, GOTO_W = 0xc8, JSR_W = 0xc9 };

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

/* Instruction, what it takes from the stack and puts there, in slots: a row is for each opcode from the first one to the last. */
static const struct effect {
    uint8_t from, to, pops, pushes;
} effects[] = {
    {0x00, 0x00, 0, 0}, {0x01, 0x01, 0, 1}, {0x09, 0x0a, 0, 2}, {0x0b, 0x0d, 0, 1}, {0x0e, 0x0f, 0, 2}, {0x14, 0x14, 0, 2},
    {0x2e, 0x2e, 2, 1}, {0x2f, 0x2f, 2, 2}, {0x30, 0x30, 2, 1}, {0x31, 0x31, 2, 2}, {0x32, 0x35, 2, 1}, {0x4f, 0x4f, 3, 0},
    {0x50, 0x50, 4, 0}, {0x51, 0x51, 3, 0}, {0x52, 0x52, 4, 0}, {0x54, 0x56, 3, 0}, {0x57, 0x57, 1, 0}, {0x58, 0x58, 2, 0},
    {0x74, 0x74, 1, 1}, {0x75, 0x75, 2, 2}, {0x76, 0x76, 1, 1}, {0x77, 0x77, 2, 2}, {0x78, 0x78, 2, 1}, {0x79, 0x79, 3, 2},
    {0x7a, 0x7a, 2, 1}, {0x7b, 0x7b, 3, 2}, {0x7c, 0x7c, 2, 1}, {0x7d, 0x7d, 3, 2}, {0x84, 0x84, 0, 0}, {0x85, 0x85, 1, 2},
    {0x86, 0x86, 1, 1}, {0x87, 0x87, 1, 2}, {0x88, 0x89, 2, 1}, {0x8a, 0x8a, 2, 2}, {0x8b, 0x8b, 1, 1}, {0x8c, 0x8d, 1, 2},
    {0x8e, 0x8e, 2, 1}, {0x8f, 0x8f, 2, 2}, {0x90, 0x90, 2, 1}, {0x91, 0x93, 1, 1}, {0x94, 0x94, 4, 1}, {0x95, 0x96, 2, 1},
    {0x97, 0x98, 4, 1}, {0xbc, 0xbc, 1, 1}, {0xbe, 0xbe, 1, 1}, {0xc1, 0xc1, 1, 1}, {0xc2, 0xc3, 1, 0},
};

bool opcode_effect(uint8_t op, unsigned *pops, unsigned *pushes)
{
    if ((op >= 0x60 && op <= 0x73) ||
        (op >= 0x7e && op <= 0x83)) { /* int, long, float, double in turn; the last six int and long */
        bool wide = op & 1;
        *pops = wide ? 4 : 2;
        *pushes = wide ? 2 : 1;
        return true;
    }
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
        if (op >= effects[i].from && op <= effects[i].to) {
            *pops = effects[i].pops;
            *pushes = effects[i].pushes;
            return true;
        }
    return false;
}

static void read_switch(struct rd *r, struct opcode *o)
{
    (void)rd_take(r, 3 - o->at % 4); /* padding */
    o->arg = (int32_t)((int64_t)o->at + rd_i32(r));
    int64_t low = rd_i32(r), n = low;
    if (o->op == OP_TABLESWITCH)
        n = (int64_t)rd_i32(r) - low + 1;
    o->stride = o->op == OP_TABLESWITCH ? 4 : 8;
    if (n < 0 || n > (int64_t)(rd_left(r) / o->stride)) {
        rd_fail(r, "a switch that does not fit");
        n = 0;
    }
    o->more = (int32_t)n;
    o->cases = rd_take(r, (size_t)n * o->stride);
}

int32_t opcode_case(const struct opcode *o, int32_t i)
{
    const uint8_t *p = o->cases + (size_t)i * o->stride + (o->stride - 4);
    return (int32_t)((int64_t)o->at + (int32_t)be32(p));
}

bool opcode_is_jump(const struct opcode *o)
{
    return (o->op >= OP_IFEQ && o->op <= OP_GOTO) || o->op == OP_IFNULL || o->op == OP_IFNONNULL;
}

/* aload_1, iconst_2, wide, goto_w, …: false where it is none of those. */
static bool short_or_wide(struct rd *r, struct opcode *o)
{
    uint8_t op = o->op;
    if (op >= 0x02 && op <= 0x08) {
        *o = (struct opcode){.op = OP_SIPUSH, .at = o->at, .arg = op - 3};
    } else if (op == 0x10) {
        *o = (struct opcode){.op = OP_SIPUSH, .at = o->at, .arg = (int8_t)rd_u8(r)};
    } else if (op == 0x12) {
        *o = (struct opcode){.op = OP_LDC_W, .at = o->at, .arg = rd_u8(r)};
    } else if (op >= 0x1a && op <= 0x2d) {
        *o = (struct opcode){.op = (uint8_t)(OP_ILOAD + (op - 0x1a) / 4), .at = o->at, .arg = (op - 0x1a) % 4};
    } else if (op >= 0x3b && op <= 0x4e) {
        *o = (struct opcode){.op = (uint8_t)(OP_ISTORE + (op - 0x3b) / 4), .at = o->at, .arg = (op - 0x3b) % 4};
    } else if (op == WIDE) {
        o->op = rd_u8(r);
        o->arg = rd_u16(r);
        if (o->op == OP_IINC)
            (void)rd_u16(r);
    } else if (op == GOTO_W) {
        o->op = OP_GOTO;
        o->arg = (int32_t)((int64_t)o->at + rd_i32(r));
    } else {
        return false;
    }
    return true;
}

bool opcode_next(struct rd *r, struct opcode *o)
{
    if (!rd_ok(r) || !rd_left(r))
        return false;
    *o = (struct opcode){.at = (uint32_t)(r->p - r->start)};
    o->op = rd_u8(r);
    if (short_or_wide(r, o))
        return rd_ok(r);
    unsigned n = operands(o->op);
    if (o->op == OP_TABLESWITCH || o->op == OP_LOOKUPSWITCH) {
        read_switch(r, o);
    } else if (opcode_is_jump(o)) {
        o->arg = (int32_t)o->at + (int16_t)rd_u16(r);
    } else if (o->op == OP_IINC || n == 1) {
        o->arg = rd_u8(r);
        (void)rd_take(r, n - 1);
    } else if (n) {
        o->arg = o->op == OP_SIPUSH ? (int16_t)rd_u16(r) : rd_u16(r);
        if (o->op == OP_MULTIANEWARRAY)
            o->more = rd_u8(r);
        else
            (void)rd_take(r, n - 2);
    }
    return rd_ok(r);
}
