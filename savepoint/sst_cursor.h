/* The entries of one table, in the order of its keys, as they lie: every version of a key, newest first. */
#ifndef WEIR_SAVEPOINT_SST_CURSOR_H
#define WEIR_SAVEPOINT_SST_CURSOR_H

#include "savepoint/sst.h"

enum sst_type { /* db/dbformat.h, ValueType */
    SST_DELETE = 0, SST_PUT = 1, SST_MERGE = 2, SST_SINGLE_DELETE = 7, SST_RANGE_DELETE = 15
};

struct sst_cursor {
    /* the present entry */
    uint8_t *key;              /* user key, then the tag's 8 bytes as they lie */
    uint32_t n;                /* of both */
    bool same;                 /* the user key is that of the entry before */
    uint64_t tag;              /* sequence number << 8 | type */
    struct bytes value;        /* valid until the next step */

    const struct sst *table;
    struct bytes lower, upper; /* wanted: lower <= user key < upper (n == 0: no bound); only whole blocks are left out by them */
    uint8_t *keys;             /* owned */
    size_t cap;
    bool fresh;                /* no entry yet */
    const uint8_t *p, *end;    /* rows left in the block */
    struct sst_block block;
    struct sst_block index_block, part_block;
    struct sst_rows index, part; /* two levels: part is the index block that `index` is at */
    bool in_part;
    bool past;                 /* the block read last reaches upper */
    uint64_t done, part_done;  /* blocks before these positions are behind us */
    struct err *e;
};

/* table and e outlive the cursor. */
bool sst_cursor_open(struct sst_cursor *c, const struct sst *table, struct bytes lower, struct bytes upper, struct err *e);
/* The next entry; false at the end, or with e set. */
bool sst_cursor_next(struct sst_cursor *c);
void sst_cursor_close(struct sst_cursor *c);

static inline uint8_t sst_cursor_type(const struct sst_cursor *c) { return (uint8_t)c->tag; }
static inline uint64_t sst_cursor_seq(const struct sst_cursor *c) { return c->tag >> 8; }
static inline struct bytes sst_cursor_key(const struct sst_cursor *c) { return (struct bytes){c->key, c->n - SST_TAG}; }
/* Position of the value in the table's file, or of its block when that is compressed. */
static inline uint64_t sst_cursor_at(const struct sst_cursor *c)
{
    return c->table->in.start + c->block.at + (c->block.plain ? (uint64_t)(c->value.p - c->block.p) : 0);
}

/* Byte order, shorter first: < 0, 0, > 0. */
static inline int sst_compare(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
    if (__builtin_expect(an >= 8 && bn >= 8, 1)) {
        uint64_t x = be64(a), y = be64(b);
        if (x != y)
            return x < y ? -1 : 1;
    }
    size_t n = an < bn ? an : bn;
    int c = n ? memcmp(a, b, n) : 0;
    return c ? c : (an > bn) - (an < bn);
}

#endif
