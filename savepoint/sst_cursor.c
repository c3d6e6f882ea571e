#include "savepoint/sst_cursor.h"

#include <stdlib.h>
#include <string.h>

enum { SLACK = 32 /* bytes behind a key that may be written, so that short ones are copied at once */ };

bool sst_cursor_open(struct sst_cursor *c, const struct sst *table, struct bytes lower, struct bytes upper, struct err *e)
{
    *c = (struct sst_cursor){.table = table, .lower = lower, .upper = upper, .e = e, .fresh = true, .n = SST_TAG, .cap = 64};
    c->key = mem_zalloc(c->cap + SLACK);
    return sst_block_read(&table->in, table->index, false, &c->index_block, e) &&
        sst_rows_begin(&c->index, &table->in, &c->index_block, table->delta, e);
}

/* One row of an index: its handle, which must lie behind those before. */
static bool index_row(struct sst_cursor *c, struct sst_rows *rows, struct sst_handle *h, uint64_t *done)
{
    const struct sst *t = c->table;
    if (!sst_rows_next(rows, t->first_key, c->e))
        return false;
    if (t->delta) {
        *h = rows->handle;
    } else {
        struct rd r = rd_of(rows->value.p, rows->value.n, rows->block->at);
        *h = sst_handle_read(&r);
        if (!rd_ok(&r))
            return sst_bad(&t->in, rows->block, "an index entry without a block handle", c->e);
    }
    if (rows->key.n < (t->user_keys ? 0 : SST_TAG))
        return sst_bad(&t->in, rows->block, "an index key without sequence number", c->e);
    if (h->off < *done || h->size >= t->in.size)
        return sst_bad(&t->in, rows->block, "blocks overlap, or lie outside the file", c->e);
    *done = h->off + h->size + SST_TRAILER;
    return true;
}

/* An index key: not less than any key of its block, less than those of the next one. */
static struct bytes separator(const struct sst_cursor *c, const struct sst_rows *rows)
{
    return (struct bytes){rows->key.p, rows->key.n - (c->table->user_keys ? 0 : SST_TAG)};
}

/* The handle of the next data block that may hold wanted keys. */
static bool next_handle(struct sst_cursor *c, struct sst_handle *h)
{
    const struct sst *t = c->table;
    for (;;) {
        struct sst_rows *rows = t->two_level ? &c->part : &c->index;
        if (t->two_level && !c->in_part) {
            struct sst_handle part;
            if (c->past || !index_row(c, &c->index, &part, &c->part_done))
                return false;
            if (c->lower.n && sst_compare(separator(c, &c->index), c->lower) < 0)
                continue;
            if (!sst_block_read(&t->in, part, true, &c->part_block, c->e) ||
                !sst_rows_begin(&c->part, &t->in, &c->part_block, t->delta, c->e))
                return false;
            c->in_part = true;
        }
        if (c->past)
            return false;
        if (!index_row(c, rows, h, &c->done)) {
            if (!t->two_level || c->e->kind != ERR_NONE)
                return false;
            c->in_part = false;
            continue;
        }
        struct bytes last = separator(c, rows);
        if (c->lower.n && sst_compare(last, c->lower) < 0)
            continue;
        c->past = c->upper.n && sst_compare(last, c->upper) >= 0;
        return true;
    }
}

static __attribute__((noinline)) bool next_block(struct sst_cursor *c)
{
    struct sst_handle h;
    const struct sst_input *in = &c->table->in;
    do {
        if (!next_handle(c, &h) || !sst_block_read(in, h, true, &c->block, c->e) || !(c->end = sst_rows_end(in, &c->block, c->e)))
            return false;
        c->p = c->block.p;
    } while (c->p == c->end);
    return *c->p == 0 || sst_bad(in, &c->block, "its first key is not whole", c->e);
}

static __attribute__((cold, noinline)) bool bad_row(struct sst_cursor *c, const char *why)
{
    return sst_bad(&c->table->in, &c->block, why, c->e);
}

/* A varint of 32 bits, not beyond end; NULL when there is none. */
static const uint8_t *varint(const uint8_t *p, const uint8_t *end, uint32_t *v)
{
    *v = 0;
    for (int shift = 0; shift < 35 && p < end; shift += 7) {
        uint8_t b = *p++;
        *v |= (uint32_t)(b & 0x7f) << shift;
        if (b < 0x80)
            return p;
    }
    return NULL;
}

/* The three lengths in front of a row, any of which may take several bytes. */
static __attribute__((noinline)) const uint8_t *lengths(const uint8_t *p, const uint8_t *end, uint32_t n[3])
{
    for (int i = 0; i < 3; i++)
        if (!(p = varint(p, end, &n[i])))
            return NULL;
    return p;
}

/* How many bytes the new user key has in common with the old one, of which it takes its first `shared` bytes; the others are at p.
 * Both lengths without tag. False: the new one is less. */
static bool compare_in_place(const struct sst_cursor *c, uint32_t old, uint32_t now, uint32_t shared, const uint8_t *p,
                             uint32_t *common)
{
    uint32_t n = old < now ? old : now;
    *common = n;
    if (shared < n) {
        uint32_t more = (uint32_t)sst_common(p, c->key + shared, n - shared);
        *common = shared + more;
        if (*common < n)
            return p[more] > c->key[*common];
    }
    return now >= old;
}

bool sst_cursor_next(struct sst_cursor *c)
{
    const uint8_t *p = c->p, *end = c->end;
    if (p == end) {
        if (!next_block(c))
            return false;
        p = c->p;
        end = c->end;
    }
    uint32_t n3[3];
    if (end - p >= 3 && (p[0] | p[1] | p[2]) < 0x80) {
        n3[0] = p[0];
        n3[1] = p[1];
        n3[2] = p[2];
        p += 3;
    } else if (!(p = lengths(p, end, n3))) {
        return bad_row(c, "a row without its lengths");
    }
    uint32_t shared = n3[0], unshared = n3[1], size = n3[2];
    uint64_t n = (uint64_t)shared + unshared;
    if (shared > c->n || n < SST_TAG || (uint64_t)unshared + size > (uint64_t)(end - p))
        return bad_row(c, "a row does not fit");
    uint32_t old = c->n - SST_TAG, now = (uint32_t)n - SST_TAG, common = shared;
    if (!(shared < old && shared < now && c->key[shared] < *p) && !compare_in_place(c, old, now, shared, p, &common))
        return bad_row(c, "keys are not in order");
    if (n > c->cap) {
        c->cap = n + n / 2;
        c->key = mem_grow(c->key, c->cap + SLACK, 1);
    }
    if (unshared <= SLACK && end - p >= SLACK)
        memcpy(c->key + shared, p, SLACK);
    else
        memcpy(c->key + shared, p, unshared);
    c->n = (uint32_t)n;
    c->value = (struct bytes){p + unshared, size};
    c->p = p + unshared + size;
    /* from where it was copied, if possible: reading across the two writes just made would wait for them */
    uint64_t tag = unshared >= SST_TAG ? le64(p + unshared - SST_TAG) : le64(c->key + now), before = c->tag;
    c->tag = c->table->seq == UINT64_MAX ? tag : c->table->seq << 8 | (tag & 0xff);
    if (common < now || c->fresh) {
        c->fresh = false;
        c->code = sst_code(c->key, common);
        return true;
    }
    c->code = SST_CODE_SAME;
    return c->tag <= before || bad_row(c, "versions of a key are not in order");
}

void sst_cursor_close(struct sst_cursor *c)
{
    sst_block_free(&c->block);
    sst_block_free(&c->index_block);
    sst_block_free(&c->part_block);
    sst_rows_free(&c->index);
    sst_rows_free(&c->part);
    free(c->key);
    *c = (struct sst_cursor){0};
}
