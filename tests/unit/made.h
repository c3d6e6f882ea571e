/* A small snapshot made in memory: operator "orders" with two subtasks of canonical keyed state and a list state in the first,
 * operator "no-state", and whatever a test adds. Key groups 0 and 1 of subtask 0, 2 and 3 of subtask 1; keys are strings. */
#ifndef WEIR_TESTS_UNIT_MADE_H
#define WEIR_TESTS_UNIT_MADE_H

#include <stdio.h>

#include "tests/unit/build.h"

struct made {
    struct memory *m;
    struct meta_operator ops[2];
    struct meta_subtask subs[2], none[1];
    struct meta_op_state list;
    uint8_t offsets[2][16], list_offsets[24];
};

static inline void entry_of(struct buf *b, unsigned group, bool last, const char *key, const char *user_key, struct buf value)
{
    struct buf k = {0};
    u8(&k, group | (last ? 0x80u : 0));
    str(&k, key);
    u8(&k, 0);
    if (user_key)
        str(&k, user_key);
    counted(b, k);
    counted(b, value);
}

static inline struct buf long_value(int64_t v)
{
    struct buf b = {0};
    u64(&b, (uint64_t)v);
    return b;
}

/* Of a MAP; null: the user value is. */
static inline struct buf map_value(bool null, int64_t v)
{
    struct buf b = {0};
    u8(&b, null);
    if (!null)
        u64(&b, (uint64_t)v);
    return b;
}

static inline void keyed_head(struct buf *b, const char *total)
{
    u32(b, 6);
    u8(b, 0);
    u32(b, 2);
    snapshot_of(b, S_STRING, NULL, NULL);
    u16(b, 2);
    keyed_info(b, "total", "VALUE", S_VOID, total, NULL, NULL);
    keyed_info(b, "by-day", "MAP", S_VOID, S_MAP, S_STRING, S_LONG);
}

/* Group `group` with one key: its total, and two days, the second of which is null. */
static inline void keyed_group(struct buf *b, unsigned group, const char *key, int64_t total)
{
    u16(b, 0);
    entry_of(b, group, true, key, NULL, long_value(total));
    u16(b, 1);
    entry_of(b, group, false, key, "mon", map_value(false, total * 10));
    entry_of(b, group, true, key, "tue", map_value(true, 0));
    u16(b, 0xFFFF);
}

static inline void put64(uint8_t *p, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        p[i] = (uint8_t)v;
}

static inline struct meta_keyed keyed_handle(struct made *d, unsigned sub, size_t from, size_t to, size_t first, size_t second)
{
    put64(d->offsets[sub], first - from);
    put64(d->offsets[sub] + 8, second - from);
    return (struct meta_keyed){.tag = HANDLE_SAVEPOINT_KEY_GROUPS,
                               .kg_first = (int32_t)sub * 2,
                               .kg_count = 2,
                               .offsets = d->offsets[sub],
                               .stream = inline_stream(d->m, from, to - from)};
}

/* other: the serializer of "total" in subtask 1 (S_LONG: the same). */
static inline struct made *made_new(const char *other)
{
    struct made *d = mem_zalloc(sizeof *d);
    struct buf b = {0};
    size_t at[8];
    at[0] = b.n;
    keyed_head(&b, S_LONG);
    at[1] = b.n;
    keyed_group(&b, 0, "anna", 7);
    at[2] = b.n;
    keyed_group(&b, 1, "bert", -2);
    at[3] = b.n;
    keyed_head(&b, other);
    at[4] = b.n;
    keyed_group(&b, 2, "carla", 40);
    at[5] = b.n;
    keyed_group(&b, 3, "a-long-name", 1);
    at[6] = b.n;
    u32(&b, 5);
    u16(&b, 1);
    operator_info(&b, "offsets", "SPLIT_DISTRIBUTE", NULL, S_LONG);
    u16(&b, 0);
    at[7] = b.n;
    for (int64_t i = 1; i <= 3; i++)
        u64(&b, (uint64_t)i);
    d->m = memory_of(b.p, b.n);
    for (size_t i = 0; i < 3; i++)
        put64(d->list_offsets + 8 * i, at[7] - at[6] + 8 * i);
    d->list = (struct meta_op_state){.name = "offsets", .mode = OP_SPLIT_DISTRIBUTE, .n = 3, .offsets = d->list_offsets};
    d->subs[0] = (struct meta_subtask){
        .index = 0,
        .keyed = keyed_handle(d, 0, at[0], at[3], at[1], at[2]),
        .managed = {.tag = HANDLE_OPERATOR, .n = 1, .states = &d->list, .stream = inline_stream(d->m, at[6], b.n - at[6])}};
    d->subs[1] = (struct meta_subtask){.index = 1, .keyed = keyed_handle(d, 1, at[3], at[6], at[4], at[5])};
    d->ops[0] = (struct meta_operator){.parallelism = 1, .max_parallelism = 4, .n = 1, .subtasks = d->none, .name = "No state"};
    d->ops[1] = (struct meta_operator){.parallelism = 2, .max_parallelism = 4, .n = 2, .subtasks = d->subs};
    operator_id_of_uid("no-state", d->ops[0].id);
    operator_id_of_uid("orders", d->ops[1].id);
    for (int o = 0; o < 2; o++)
        for (int i = 0; i < 16; i++)
            snprintf(d->ops[o].hex + 2 * i, 3, "%02x", d->ops[o].id[i]);
    d->m->s.meta.n = 2;
    d->m->s.meta.operators = d->ops;
    d->m->s.dir = d->m->s.root = (char *)".";
    buf_free(&b);
    return d;
}

static inline void made_free(struct made *d)
{
    memory_free(d->m);
    free(d);
}

#endif
