/* The instructions of a method, one by one (JVMS 6.5). */
#ifndef WEIR_JAR_OPCODE_H
#define WEIR_JAR_OPCODE_H

#include "base/rd.h"

enum opcodes {
    OP_SIPUSH = 0x11,
    OP_LDC_W = 0x13,
    OP_ILOAD = 0x15,
    OP_ALOAD = 0x19,
    OP_ISTORE = 0x36,
    OP_ASTORE = 0x3a,
    OP_AASTORE = 0x53,
    OP_DUP = 0x59,
    OP_DUP2_X2 = 0x5e,
    OP_SWAP = 0x5f,
    OP_IINC = 0x84,
    OP_IFEQ = 0x99,
    OP_IF_ICMPEQ = 0x9f,
    OP_IF_ACMPNE = 0xa6,
    OP_GOTO = 0xa7,
    OP_TABLESWITCH = 0xaa,
    OP_LOOKUPSWITCH = 0xab,
    OP_IRETURN = 0xac,
    OP_ARETURN = 0xb0,
    OP_RETURN = 0xb1,
    OP_GETSTATIC = 0xb2,
    OP_PUTSTATIC = 0xb3,
    OP_GETFIELD = 0xb4,
    OP_PUTFIELD = 0xb5,
    OP_INVOKEVIRTUAL = 0xb6,
    OP_INVOKESPECIAL = 0xb7,
    OP_INVOKESTATIC = 0xb8,
    OP_INVOKEINTERFACE = 0xb9,
    OP_INVOKEDYNAMIC = 0xba,
    OP_NEW = 0xbb,
    OP_ANEWARRAY = 0xbd,
    OP_ATHROW = 0xbf,
    OP_CHECKCAST = 0xc0,
    OP_MULTIANEWARRAY = 0xc5,
    OP_IFNULL = 0xc6,
    OP_IFNONNULL = 0xc7
};

/* One in its plain form: short and wide ones are the general one of their kind (aload_1: OP_ALOAD, 1), constants that fit OP_SIPUSH. */
struct opcode {
    uint8_t op;
    uint32_t at;
    int32_t arg;  /* a constant, a variable, an index of the pool, where a jump leads to (a switch: otherwise) */
    int32_t more; /* OP_MULTIANEWARRAY: dimensions; of a switch, how many cases */
    const uint8_t *cases;
    uint32_t stride;
};

/* False at the end; r fails where the code is malformed. r->start is the beginning of the code. */
bool opcode_next(struct rd *r, struct opcode *o);
/* Where the i-th case of a switch leads to. */
int32_t opcode_case(const struct opcode *o, int32_t i);
bool opcode_is_jump(const struct opcode *o); /* but for switches */
/* What an instruction that is none of those above does to the stack. False: jsr, ret, or none. */
bool opcode_effect(uint8_t op, unsigned *pops, unsigned *pushes);

#endif
