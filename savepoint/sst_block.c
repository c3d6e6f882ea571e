#include "savepoint/sst_block.h"

#include <snappy-c.h>
#include <zstd.h>

#include "base/crc32c.h"
#include "savepoint/sst_xxh3.h"

enum {
    PACKED_NONE = 0,
    PACKED_SNAPPY = 1,
    PACKED_ZSTD = 7,      /* CompressionType */
    READ_AHEAD = 4 << 20, /* where a request takes long */
};
static const uint64_t BLOCK_MAX = 1ull << 30; /* bytes of a block, packed and unpacked */

bool sst_bad(const struct sst_input *in, const struct sst_block *b, const char *why, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "%s: block at %llu: %s", in->name, (unsigned long long)(in->start + b->at), why);
}

const uint8_t *sst_bytes(const struct sst_input *in, uint64_t off, size_t n, bool ahead, struct sst_block *b, struct err *e)
{
    if (off > in->size || n > in->size - off) {
        err_set(e, ERR_CORRUPT, "%s: %zu bytes at %llu lie outside the table, which has %llu", in->name, n,
                (unsigned long long)(in->start + off), (unsigned long long)in->size);
        return NULL;
    }
    if (in->map)
        return in->map + off;
    if (off >= b->window_at && off - b->window_at <= b->window.n && n <= b->window.n - (off - b->window_at))
        return b->window.p + (off - b->window_at);
    uint64_t want = n;
    if (ahead && want < READ_AHEAD)
        want = READ_AHEAD < in->size - off ? READ_AHEAD : in->size - off;
    b->window.n = 0;
    buf_reserve(&b->window, want);
    if (!store_read(in->file, in->start + off, b->window.p, want, e))
        return NULL;
    b->window.n = want;
    b->window_at = off;
    return b->window.p;
}

static bool sum_matches(const struct sst_input *in, const uint8_t *p, const struct sst_handle *h)
{
    uint32_t sum;
    if (in->sum == SST_SUM_CRC32C) {
        uint32_t crc = crc32c(p, h->size + 1);
        sum = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    } else if (in->sum == SST_SUM_XXH3) {
        /* over the content; the type byte is mixed in (table/format.cc, ModifyChecksumForLastByte) */
        sum = (h->size ? (uint32_t)sst_xxh3(p, h->size) : 0) ^ p[h->size] * 0x6b9083d9u;
    } else {
        return true;
    }
    if (in->context)
        sum += in->context ^ ((uint32_t)h->off + (uint32_t)(h->off >> 32));
    return sum == le32(p + h->size + 1);
}

/* Room for `plain` unpacked bytes, when that many can come of `packed` ones: `ratio` bytes of one, at most, and `extra`. */
static bool room_for(const struct sst_input *in, struct sst_block *b, uint64_t plain, size_t packed, uint64_t ratio, uint64_t extra,
                     struct err *e)
{
    if (plain > BLOCK_MAX)
        return err_set(e, ERR_LIMIT, "%s: block at %llu says that it unpacks to %llu bytes (limit 1 GiB)", in->name,
                       (unsigned long long)(in->start + b->at), (unsigned long long)plain);
    if (plain > packed * ratio + extra)
        return sst_bad(in, b, "says that it unpacks to more than it can hold", e);
    b->room.n = 0;
    buf_reserve(&b->room, plain + !plain);
    b->p = b->room.p;
    b->n = plain;
    b->plain = false;
    return true;
}

static bool unpack(const struct sst_input *in, uint8_t type, const uint8_t *p, size_t n, struct sst_block *b, struct err *e)
{
    if (type == PACKED_SNAPPY) {
        size_t plain;
        if (snappy_uncompressed_length((const char *)p, n, &plain) != SNAPPY_OK)
            return sst_bad(in, b, "not Snappy", e);
        /* the densest element: 3 bytes that copy 64 */
        if (!room_for(in, b, plain, n, 22, 64, e))
            return false;
        if (snappy_uncompress((const char *)p, n, (char *)b->room.p, &plain) != SNAPPY_OK || plain != b->n)
            return sst_bad(in, b, "broken Snappy data", e);
        return true;
    }
    if (type == PACKED_ZSTD && in->sized) {
        struct rd r = rd_of(p, n, 0);
        uint32_t plain = rd_varint32(&r);
        /* the densest block: 4 bytes that repeat one 128 Ki times */
        if (!rd_ok(&r) || !room_for(in, b, plain, n, 32 << 10, 128 << 10, e))
            return sst_bad(in, b, "no plain size in front of Zstandard data", e);
        if (ZSTD_decompress(b->room.p, plain, r.p, rd_left(&r)) != plain)
            return sst_bad(in, b, "broken Zstandard data", e);
        return true;
    }
    static const char *const names[] = {"", "Snappy", "zlib", "bzip2", "LZ4", "LZ4HC", "Xpress", "Zstandard"};
    const char *name = type < sizeof names / sizeof *names ? names[type] : "of an unknown kind";
    return err_set(e, ERR_UNSUPPORTED, "%s: block at %llu: compression %s (%u)", in->name, (unsigned long long)(in->start + b->at),
                   name, type);
}

bool sst_block_read(const struct sst_input *in, struct sst_handle h, bool ahead, struct sst_block *b, struct err *e)
{
    b->at = h.off;
    if (h.size > BLOCK_MAX)
        return sst_bad(in, b, "larger than 1 GiB", e);
    const uint8_t *p = sst_bytes(in, h.off, h.size + SST_TRAILER, ahead, b, e);
    if (!p)
        return false;
    if (in->verify && !sum_matches(in, p, &h))
        return sst_bad(in, b, "its checksum does not match", e);
    if (p[h.size] != PACKED_NONE)
        return unpack(in, p[h.size], p, h.size, b, e);
    b->p = p;
    b->n = h.size;
    b->plain = true;
    return true;
}

void sst_block_free(struct sst_block *b)
{
    buf_free(&b->window);
    buf_free(&b->room);
}

const uint8_t *sst_rows_end(const struct sst_input *in, const struct sst_block *b, struct err *e)
{
    if (b->n < 4) {
        sst_bad(in, b, "too short for its restart points", e);
        return NULL;
    }
    uint32_t restarts = le32(b->p + b->n - 4);
    uint64_t tail = 4;
    if (restarts >> 31) { /* a hash index in front of the count: buckets, u16 number of them (data_block_footer.cc) */
        restarts &= 0x7fffffff;
        if (b->n < 6) {
            sst_bad(in, b, "too short for its hash index", e);
            return NULL;
        }
        tail += 2u + (b->p[b->n - 6] | b->p[b->n - 5] << 8);
    }
    tail += 4ull * restarts;
    if (tail > b->n) {
        sst_bad(in, b, "more restart points than it has bytes", e);
        return NULL;
    }
    return b->p + (b->n - tail);
}

struct sst_handle sst_handle_read(struct rd *r)
{
    uint64_t off = rd_varint64(r);
    return (struct sst_handle){off, rd_varint64(r)};
}

bool sst_rows_begin(struct sst_rows *rows, const struct sst_input *in, const struct sst_block *block, bool delta, struct err *e)
{
    const uint8_t *end = sst_rows_end(in, block, e);
    if (!end)
        return false;
    rows->in = in;
    rows->block = block;
    rows->r = rd_of(block->p, (size_t)(end - block->p), block->at);
    rows->delta = delta;
    rows->key.n = 0;
    return true;
}

bool sst_rows_next(struct sst_rows *rows, bool first_key, struct err *e)
{
    struct rd *r = &rows->r;
    if (!rd_left(r))
        return false;
    uint32_t shared = rd_varint32(r), unshared = rd_varint32(r), size = rows->delta ? 0 : rd_varint32(r);
    const uint8_t *p = rd_take(r, unshared);
    if (!p || shared > rows->key.n)
        return sst_bad(rows->in, rows->block, "a row's key does not fit", e);
    rows->key.n = shared;
    buf_put(&rows->key, p, unshared);
    if (!rows->delta) {
        rows->value = (struct bytes){rd_take(r, size), size};
    } else if (!shared) {
        rows->handle = sst_handle_read(r);
    } else { /* behind the block before it; its size as a signed difference (index_builder.cc) */
        uint64_t d = rd_varint64(r);
        rows->handle.off += rows->handle.size + SST_TRAILER;
        rows->handle.size += (d >> 1) ^ -(d & 1);
    }
    if (rows->delta && first_key)
        rd_take(r, rd_varint32(r));
    return rd_ok(r) || sst_bad(rows->in, rows->block, "a row's value does not fit", e);
}

void sst_rows_free(struct sst_rows *rows) { buf_free(&rows->key); }
