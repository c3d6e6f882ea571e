#include "savepoint/sst.h"

#include <string.h>

static const uint64_t MAGIC_OLD = 0xdb4775248b80fb57ull, MAGIC = 0x88e241b785f4cff7ull;
enum { FOOTER_OLD = 48, FOOTER = 53, FORMAT_MAX = 6, EXTENDED_MAGIC = 0x007a003e };
enum { TAIL = 64 << 10 /* where metaindex and properties mostly are: read at once where a request takes long */ };
enum { INDEX_BINARY, INDEX_HASH, INDEX_TWO_LEVEL, INDEX_FIRST_KEY };

static bool bad_footer(const struct sst *t, const char *why, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "%s: footer at %llu: %s", t->in.name,
                   (unsigned long long)(t->in.start + (t->in.size < FOOTER ? 0 : t->in.size - FOOTER)), why);
}

/* The footer: where metaindex and (before format 6) index are. */
static bool read_footer(struct sst *t, struct sst_block *b, struct sst_handle *meta, struct err *e)
{
    uint64_t size = t->in.size;
    size_t n = size < FOOTER ? (size_t)size : FOOTER;
    if (n < FOOTER_OLD)
        return bad_footer(t, "the file is too short for a table", e);
    size_t tail = size < TAIL ? (size_t)size : TAIL;
    const uint8_t *p = sst_bytes(&t->in, size - tail, tail, false, b, e);
    if (!p)
        return false;
    p += tail - n;
    uint64_t magic = le64(p + n - 8);
    if (magic == MAGIC_OLD) { /* LevelDB's */
        struct rd r = rd_of(p + n - FOOTER_OLD, FOOTER_OLD - 8, size - FOOTER_OLD);
        *meta = sst_handle_read(&r);
        t->index = sst_handle_read(&r);
        t->in.sum = SST_SUM_CRC32C;
        return rd_ok(&r) || bad_footer(t, "broken block handles", e);
    }
    if (magic != MAGIC || n < FOOTER)
        return bad_footer(t, "not a block-based table (wrong magic number); is the copy complete?", e);
    t->in.sum = p[0];
    t->format = le32(p + n - 12);
    if (t->format > FORMAT_MAX)
        return err_set(e, ERR_UNSUPPORTED, "%s: table format %u (up to %d is known)", t->in.name, t->format, FORMAT_MAX);
    t->in.sized = t->format >= 2;
    if (t->format < 6) {
        struct rd r = rd_of(p + 1, FOOTER - 13, size - FOOTER + 1);
        *meta = sst_handle_read(&r);
        t->index = sst_handle_read(&r);
        return rd_ok(&r) || bad_footer(t, "broken block handles", e);
    }
    /* checksum type, extended magic, footer checksum, context, metaindex size; the metaindex stands in front of the footer */
    if (le32(p + 1) != EXTENDED_MAGIC)
        return bad_footer(t, "wrong extended magic number", e);
    t->in.context = le32(p + 9);
    meta->size = le32(p + 13);
    if (meta->size + SST_TRAILER + FOOTER > size)
        return bad_footer(t, "the metaindex is longer than the file", e);
    meta->off = size - FOOTER - SST_TRAILER - meta->size;
    return true;
}

static bool key_is(const struct buf *key, const char *name) { return key->n == strlen(name) && memcmp(key->p, name, key->n) == 0; }

static uint64_t number(struct bytes v)
{
    struct rd r = rd_of(v.p, v.n, 0);
    return rd_varint64(&r);
}

static bool value_is(struct bytes v, const char *text) { return v.n == strlen(text) && memcmp(v.p, text, v.n) == 0; }

static bool read_properties(struct sst *t, struct sst_handle h, struct sst_block *b, struct sst_rows *rows, uint64_t last_seq,
                            struct err *e)
{
    uint32_t external = 0;
    uint64_t global = 0;
    if (!sst_block_read(&t->in, h, false, b, e) || !sst_rows_begin(rows, &t->in, b, false, e))
        return false;
    while (sst_rows_next(rows, false, e)) {
        const struct buf *k = &rows->key;
        struct bytes v = rows->value;
        if (key_is(k, "rocksdb.index.value.is.delta.encoded"))
            t->delta = number(v) != 0;
        else if (key_is(k, "rocksdb.index.key.is.user.key"))
            t->user_keys = number(v) != 0;
        else if (key_is(k, "rocksdb.external_sst_file.version") && v.n == 4)
            external = le32(v.p);
        else if (key_is(k, "rocksdb.external_sst_file.global_seqno") && v.n == 8)
            global = le64(v.p);
        else if (key_is(k, "rocksdb.comparator") && !value_is(v, "leveldb.BytewiseComparator"))
            return err_set(e, ERR_UNSUPPORTED, "%s: keys are not in byte order (another comparator)", t->in.name);
        else if (key_is(k, "rocksdb.block.based.table.index.type") && v.n == 4) {
            uint32_t type = le32(v.p);
            if (type > INDEX_FIRST_KEY)
                return err_set(e, ERR_UNSUPPORTED, "%s: index type %u", t->in.name, type);
            t->two_level = type == INDEX_TWO_LEVEL;
            t->first_key = type == INDEX_FIRST_KEY;
        }
    }
    if (external >= 2) /* the manifest knows better than the file, which newer versions leave as it is */
        t->seq = global || last_seq == UINT64_MAX ? global : last_seq;
    return e->kind == ERR_NONE;
}

bool sst_open(struct sst *t, uint64_t last_seq, struct err *e)
{
    struct sst_block b = {0};
    struct sst_rows rows = {0};
    struct sst_handle meta = {0}, properties = {0};
    t->seq = UINT64_MAX;
    bool compressed_with_dictionary = false;
    bool ok =
        read_footer(t, &b, &meta, e) && sst_block_read(&t->in, meta, false, &b, e) && sst_rows_begin(&rows, &t->in, &b, false, e);
    while (ok && sst_rows_next(&rows, false, e)) {
        struct rd r = rd_of(rows.value.p, rows.value.n, b.at);
        struct sst_handle h = sst_handle_read(&r);
        if (!rd_ok(&r))
            continue; /* of a kind that is not looked at */
        if (key_is(&rows.key, "rocksdb.properties") || key_is(&rows.key, "rocksdb.stats"))
            properties = h;
        else if (key_is(&rows.key, "rocksdb.range_del"))
            t->range_del = h;
        else if (key_is(&rows.key, "rocksdb.index") && t->format >= 6)
            t->index = h;
        else if (key_is(&rows.key, "rocksdb.compression_dict"))
            compressed_with_dictionary = true;
    }
    ok = ok && e->kind == ERR_NONE;
    if (ok && compressed_with_dictionary)
        ok = err_set(e, ERR_UNSUPPORTED, "%s: compressed with a dictionary", t->in.name);
    if (ok && properties.size)
        ok = read_properties(t, properties, &b, &rows, last_seq, e);
    sst_rows_free(&rows);
    sst_block_free(&b);
    return ok;
}
