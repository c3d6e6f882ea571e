#include "savepoint/rocks_kv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rd.h"
#include "savepoint/rocks_lib.h"

enum {
    CRC32C = 1,             /* as in rocks_table.c */
    BUFFER = 64 << 20,      /* of changes of a family, in memory: RocksDB's and Flink's default */
    BUFFERS = 128 << 20,    /* … of all families of a database */
    CACHE = 64 << 20,       /* of blocks, of all databases of the process */
    BLOOM = 10,             /* bits a key */
    BATCH_BYTES = 32 << 20, /* gathered changes are written by themselves then */
    KEY_LENGTH = 4,
    READ_AHEAD = 2 << 20
};

struct rocks_kv {
    char *dir;
    uint32_t n; /* the caller's families, which are the first ones */
    size_t n_all;
    char **names;
    rocksdb_options_t **options;
    rocksdb_compactionfilter_t **filters;
    rocksdb_column_family_handle_t **handles;
    rocksdb_options_t *own;
    rocksdb_t *db;
    rocksdb_writebatch_t *batch;
    size_t gathered;   /* bytes in it, about */
    struct err failed; /* a write of what was gathered */
    rocksdb_writeoptions_t *write;
    rocksdb_readoptions_t *point, *prefix, *all;
};

static bool fine(const struct rocks_kv *d, char *text, struct err *e) { return !text || rocks_lib_failed(d->dir, d->dir, text, e); }

/* --- the prefix of a key: its group and the key itself --- */

static uint8_t one_byte = 1, two_bytes = 2; /* of the group: the transform's states */

static size_t prefix_length(const void *state, const char *key, size_t n)
{
    size_t head = *(const uint8_t *)state + (size_t)KEY_LENGTH;
    if (n < head)
        return 0;
    size_t whole = head + be32((const uint8_t *)key + head - KEY_LENGTH);
    return whole <= n ? whole : 0;
}

static char *transform(void *state, const char *key, size_t n, size_t *length)
{
    *length = prefix_length(state, key, n);
    return (char *)(uintptr_t)key;
}

static unsigned char in_domain(void *state, const char *key, size_t n) { return prefix_length(state, key, n) > 0; }

static unsigned char in_range(void *state, const char *key, size_t n) { return prefix_length(state, key, n) == n; }

static const char *transform_name(void *state) { return *(const uint8_t *)state == 1 ? "weir.key.1" : "weir.key.2"; }

static void no_state(void *state) { (void)state; }

/* --- opening --- */

static rocksdb_cache_t *cache; /* for as long as the process lives */

static void make_cache(void) { cache = rocksdb.cache_create_lru(CACHE); }

static rocksdb_options_t *options(uint8_t group, enum rocks_lookup lookup)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_cache);
    rocksdb_options_t *o = rocks_lib_options();
    rocksdb.options_set_create_if_missing(o, 1);
    rocksdb.options_set_create_missing_column_families(o, 1);
    rocksdb.options_set_compression(o, rocksdb_snappy_compression);
    rocksdb.options_set_write_buffer_size(o, BUFFER);
    rocksdb.options_set_stats_dump_period_sec(o, 0);
    rocksdb_block_based_table_options_t *table = rocksdb.block_based_options_create();
    rocksdb.block_based_options_set_checksum(table, CRC32C);
    rocksdb.block_based_options_set_block_cache(table, cache);
    if (lookup != ROCKS_IN_ORDER) {
        rocksdb.block_based_options_set_filter_policy(table, rocksdb.filterpolicy_create_bloom_full(BLOOM));
        rocksdb.block_based_options_set_whole_key_filtering(table, lookup == ROCKS_BY_KEY);
    }
    if (lookup == ROCKS_BY_PREFIX)
        rocksdb.options_set_prefix_extractor(o,
                                             rocksdb.slicetransform_create(group == 1 ? &one_byte : &two_bytes, no_state, transform,
                                                                           in_domain, in_range, transform_name));
    rocksdb.options_set_block_based_table_factory(o, table);
    rocksdb.block_based_options_destroy(table);
    return o;
}

/* Of the database as a whole. What is not in a checkpoint when it is closed is wanted by nobody. */
static rocksdb_options_t *own_options(uint8_t group)
{
    rocksdb_options_t *base = options(group, ROCKS_IN_ORDER), *o = rocksdb.options_create();
    char *trouble = NULL;
    rocksdb.options_set_db_write_buffer_size(base, BUFFERS);
    rocksdb.get_options_from_string(base, "avoid_flush_during_shutdown=true", o, &trouble);
    if (!trouble) {
        rocksdb.options_destroy(base);
        return o;
    }
    rocksdb.free(trouble); /* it takes longer then */
    rocksdb.options_destroy(o);
    return base;
}

static bool is_there(const char *dir)
{
    struct buf path = {0};
    buf_printf(&path, "%s/CURRENT", dir);
    bool is = !access(buf_cstr(&path), F_OK);
    buf_free(&path);
    return is;
}

/* The caller's, "default", and those that the database has besides. */
static bool list_families(struct rocks_kv *d, const struct rocks_family *families, uint32_t n, struct err *e)
{
    char *trouble = NULL;
    size_t n_there = 0;
    char **there = is_there(d->dir) ? rocksdb.list_column_families(d->own, d->dir, &n_there, &trouble) : NULL;
    if (trouble) {
        rocksdb.list_column_families_destroy(there, n_there); /* there are none, but it has been allocated */
        return fine(d, trouble, e);
    }
    d->names = mem_zalloc((n + n_there + 1) * sizeof *d->names);
    for (uint32_t i = 0; i < n; i++)
        d->names[d->n_all++] = mem_strdup(families[i].name);
    d->names[d->n_all++] = mem_strdup("default");
    for (size_t i = 0; i < n_there; i++) {
        size_t k = 0;
        while (k < d->n_all && strcmp(d->names[k], there[i]) != 0)
            k++;
        if (k == d->n_all)
            d->names[d->n_all++] = mem_strdup(there[i]);
    }
    if (there)
        rocksdb.list_column_families_destroy(there, n_there);
    return true;
}

static rocksdb_readoptions_t *reading(bool fill_cache)
{
    rocksdb_readoptions_t *o = rocksdb.readoptions_create();
    rocksdb.readoptions_set_fill_cache(o, fill_cache);
    return o;
}

static unsigned char is_gone(void *state, int level, const char *key, size_t key_n, const char *value, size_t n, char **new_value,
                             size_t *new_n, unsigned char *changed)
{
    const struct rocks_family *f = state;
    (void)level, (void)key, (void)key_n, (void)new_value, (void)new_n;
    *changed = 0;
    return f->gone(f->ctx, (struct bytes){(const uint8_t *)value, n});
}

static const char *filter_name(void *state)
{
    (void)state;
    return "weir.gone";
}

static void filter(struct rocks_kv *d, size_t i, const struct rocks_family *f)
{
    if (!f->gone)
        return;
    d->filters[i] = rocksdb.compactionfilter_create((void *)(uintptr_t)f, no_state, is_gone, filter_name);
    rocksdb.options_set_compaction_filter(d->options[i], d->filters[i]);
}

static bool open_all(struct rocks_kv *d, uint8_t group, const struct rocks_family *families, struct err *e)
{
    char *trouble = NULL;
    d->options = mem_zalloc(d->n_all * sizeof *d->options);
    d->handles = mem_zalloc(d->n_all * sizeof *d->handles);
    d->filters = mem_zalloc(d->n_all * sizeof(rocksdb_compactionfilter_t *));
    for (size_t i = 0; i < d->n_all; i++)
        d->options[i] = options(group, i < d->n ? families[i].lookup : ROCKS_IN_ORDER);
    for (uint32_t i = 0; i < d->n; i++)
        filter(d, i, &families[i]);
    d->db = rocksdb.open_column_families(d->own, d->dir, (int)d->n_all, (const char *const *)d->names,
                                         (const rocksdb_options_t *const *)d->options, d->handles, &trouble);
    return fine(d, trouble, e);
}

struct rocks_kv *rocks_kv_open(const char *dir, uint8_t group, const struct rocks_family *families, uint32_t n, struct err *e)
{
    if (!rocks_lib_load(e))
        return NULL;
    struct rocks_kv *d = mem_zalloc(sizeof *d);
    d->dir = mem_strdup(dir);
    d->n = n;
    d->own = own_options(group);
    d->batch = rocksdb.writebatch_create();
    d->write = rocksdb.writeoptions_create();
    rocksdb.writeoptions_disable_WAL(d->write, 1);
    d->point = reading(true);
    d->prefix = reading(true);
    d->all = reading(false);
    rocksdb.readoptions_set_prefix_same_as_start(d->prefix, 1);
    rocksdb.readoptions_set_total_order_seek(d->all, 1);
    rocksdb.readoptions_set_readahead_size(d->all, READ_AHEAD);
    if (list_families(d, families, n, e) && open_all(d, group, families, e))
        return d;
    rocks_kv_close(d);
    return NULL;
}

void rocks_kv_close(struct rocks_kv *d)
{
    if (!d)
        return;
    if (d->db)
        rocksdb.cancel_all_background_work(d->db, 1);
    for (size_t i = 0; d->db && i < d->n_all; i++)
        rocksdb.column_family_handle_destroy(d->handles[i]);
    if (d->db)
        rocksdb.close(d->db);
    for (size_t i = 0; i < d->n_all; i++) {
        free(d->names[i]);
        if (d->options)
            rocksdb.options_destroy(d->options[i]);
        if (d->filters && d->filters[i])
            rocksdb.compactionfilter_destroy(d->filters[i]);
    }
    rocksdb.options_destroy(d->own);
    rocksdb.writebatch_destroy(d->batch);
    rocksdb.writeoptions_destroy(d->write);
    rocksdb.readoptions_destroy(d->point);
    rocksdb.readoptions_destroy(d->prefix);
    rocksdb.readoptions_destroy(d->all);
    free(d->names);
    free(d->options);
    free(d->filters);
    free(d->handles);
    free(d->dir);
    free(d);
}

/* --- reading --- */

bool rocks_kv_get(struct rocks_kv *d, uint32_t family, struct bytes key, struct buf *value, bool *found, struct err *e)
{
    char *trouble = NULL;
    rocksdb_pinnableslice_t *p = rocksdb.get_pinned_cf(d->db, d->point, d->handles[family], (const char *)key.p, key.n, &trouble);
    *found = p != NULL;
    if (p) {
        size_t n;
        const char *bytes = rocksdb.pinnableslice_value(p, &n);
        buf_put(value, bytes, n);
        rocksdb.pinnableslice_destroy(p);
    }
    return fine(d, trouble, e);
}

static bool begins(struct bytes key, struct bytes prefix) { return key.n >= prefix.n && !memcmp(key.p, prefix.p, prefix.n); }

bool rocks_kv_walk(struct rocks_kv *d, uint32_t family, struct bytes prefix, rocks_fn *fn, void *ctx, struct err *e)
{
    rocksdb_iterator_t *it = rocksdb.create_iterator_cf(d->db, prefix.n ? d->prefix : d->all, d->handles[family]);
    bool ok = true;
    if (prefix.n)
        rocksdb.iter_seek(it, (const char *)prefix.p, prefix.n);
    else
        rocksdb.iter_seek_to_first(it);
    for (; ok && rocksdb.iter_valid(it); rocksdb.iter_next(it)) {
        struct bytes key, value;
        key.p = (const uint8_t *)rocksdb.iter_key(it, &key.n);
        if (prefix.n && !begins(key, prefix))
            break;
        value.p = (const uint8_t *)rocksdb.iter_value(it, &value.n);
        ok = fn(ctx, key, value, e);
    }
    char *trouble = NULL;
    rocksdb.iter_get_error(it, &trouble);
    rocksdb.iter_destroy(it);
    return fine(d, trouble, e) && ok;
}

/* --- writing --- */

static void count(struct rocks_kv *d, size_t n)
{
    d->gathered += n;
    if (d->gathered >= BATCH_BYTES)
        rocks_kv_write(d, &d->failed);
}

void rocks_kv_put(struct rocks_kv *d, uint32_t family, struct bytes key, struct bytes value)
{
    rocksdb.writebatch_put_cf(d->batch, d->handles[family], (const char *)key.p, key.n, (const char *)value.p, value.n);
    count(d, key.n + value.n + 1);
}

void rocks_kv_delete(struct rocks_kv *d, uint32_t family, struct bytes key)
{
    rocksdb.writebatch_delete_cf(d->batch, d->handles[family], (const char *)key.p, key.n);
    count(d, key.n + 1);
}

size_t rocks_kv_gathered(const struct rocks_kv *d) { return d->gathered; }

bool rocks_kv_write(struct rocks_kv *d, struct err *e)
{
    char *trouble = NULL;
    if (d->failed.kind != ERR_NONE) {
        *e = d->failed;
        return false;
    }
    if (!d->gathered)
        return true;
    rocksdb.write(d->db, d->write, d->batch, &trouble);
    rocksdb.writebatch_clear(d->batch);
    d->gathered = 0;
    return fine(d, trouble, e);
}

bool rocks_kv_checkpoint(struct rocks_kv *d, const char *dir, struct err *e)
{
    char *trouble = NULL;
    if (!rocks_kv_write(d, e))
        return false;
    rocksdb_checkpoint_t *c = rocksdb.checkpoint_object_create(d->db, &trouble);
    if (!trouble) {
        rocksdb.checkpoint_create(c, dir, 0, &trouble);
        rocksdb.checkpoint_object_destroy(c);
    }
    return fine(d, trouble, e);
}
