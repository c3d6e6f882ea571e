/* The entries of one table, in the order of its keys, as they lie: every version of a key, newest first. */
#ifndef WEIR_SAVEPOINT_SST_CURSOR_H
#define WEIR_SAVEPOINT_SST_CURSOR_H

#include "savepoint/sst.h"

enum sst_type { /* db/dbformat.h, ValueType */
                SST_DELETE = 0,
                SST_PUT = 1,
                SST_MERGE = 2,
                SST_SINGLE_DELETE = 7,
                SST_RANGE_DELETE = 15
};

struct sst_cursor {
    /* the present entry */
    uint8_t *key;       /* user key, then the tag's 8 bytes as they lie; owned */
    uint32_t n;         /* of both */
    uint64_t code;      /* the user key as compared with that of the entry before: sst_code */
    uint64_t tag;       /* sequence number << 8 | type */
    struct bytes value; /* valid until the next step */

    const struct sst *table;
    struct bytes lower, upper; /* wanted: lower <= user key < upper (n == 0: no bound); only whole blocks are left out by them */
    size_t cap;
    bool fresh;             /* no entry yet */
    const uint8_t *p, *end; /* rows left in the block */
    struct sst_block block;
    struct sst_block index_block, part_block;
    struct sst_rows index, part; /* two levels: part is the index block that `index` is at */
    bool in_part;
    bool past;                /* the block read last reaches upper */
    uint64_t done, part_done; /* blocks before these positions are behind us */
    struct err *e;
};

/* table and e outlive the cursor. */
bool sst_cursor_open(struct sst_cursor *c, const struct sst *table, struct bytes lower, struct bytes upper, struct err *e);
/* The next entry; false at the end, or with e set. */
bool sst_cursor_next(struct sst_cursor *c);
void sst_cursor_close(struct sst_cursor *c);

static inline struct bytes sst_cursor_key(const struct sst_cursor *c) { return (struct bytes){c->key, c->n - SST_TAG}; }
/* Position of the value in the table's file, or of its block when that is compressed. */
static inline uint64_t sst_cursor_at(const struct sst_cursor *c)
{
    return c->table->in.start + c->block.at + (c->block.plain ? (uint64_t)(c->value.p - c->block.p) : 0);
}

/* Offset-value coding: a key's place above a base that is not greater, as one number. Two keys with codes over the same base
 * compare as their codes do, when these differ; and the greater one has the same code over the lesser one. (What the keys'
 * shared beginnings say about their order is thus never compared again.) 0: the keys are equal. */
static inline uint64_t sst_code(const uint8_t *key, uint32_t common) { return (uint64_t)(UINT32_MAX - common) << 8 | key[common]; }
static inline uint32_t sst_code_common(uint64_t code) { return UINT32_MAX - (uint32_t)(code >> 8); }
enum { SST_CODE_SAME = 0 };

/* How many bytes a and b have in common, of n at most. */
static inline size_t sst_common(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t d = le64(a + i) ^ le64(b + i);
        if (d)
            return i + (size_t)(__builtin_ctzll(d) >> 3);
    }
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* Byte order, shorter first: < 0, 0, > 0. */
static inline int sst_compare(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = sst_common(a.p, b.p, n);
    return i < n ? a.p[i] - b.p[i] : (a.n > b.n) - (a.n < b.n);
}

#endif
