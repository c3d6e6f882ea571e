#include "savepoint/rocks_table.h"

#include <stdlib.h>

#include "savepoint/rocks_lib.h"

enum { CRC32C = 1 /* FRocksDB 6.20 does not know the default, XXH3 */ };

struct rocks_table {
    char *path;
    rocksdb_options_t *options;
    rocksdb_envoptions_t *env;
    rocksdb_sstfilewriter_t *writer;
};

static bool fine(const struct rocks_table *t, char *text, struct err *e)
{
    return !text || rocks_lib_failed(t->path, t->path, text, e);
}

struct rocks_table *rocks_table_new(const char *path, struct err *e)
{
    char *trouble = NULL;
    if (!rocks_lib_load(e))
        return NULL;
    struct rocks_table *t = mem_zalloc(sizeof *t);
    t->path = mem_strdup(path);
    t->options = rocks_lib_options();
    rocksdb.options_set_compression(t->options, rocksdb_snappy_compression);
    rocksdb_block_based_table_options_t *o = rocksdb.block_based_options_create();
    rocksdb.block_based_options_set_no_block_cache(o, 1);
    rocksdb.block_based_options_set_checksum(o, CRC32C);
    rocksdb.options_set_block_based_table_factory(t->options, o);
    rocksdb.block_based_options_destroy(o);
    t->env = rocksdb.envoptions_create();
    t->writer = rocksdb.sstfilewriter_create(t->env, t->options);
    rocksdb.sstfilewriter_open(t->writer, path, &trouble);
    if (fine(t, trouble, e))
        return t;
    rocks_table_drop(t);
    return NULL;
}

bool rocks_table_put(struct rocks_table *t, struct bytes key, struct bytes value, struct err *e)
{
    char *trouble = NULL;
    rocksdb.sstfilewriter_put(t->writer, (const char *)key.p, key.n, (const char *)value.p, value.n, &trouble);
    return fine(t, trouble, e);
}

uint64_t rocks_table_size(const struct rocks_table *t)
{
    uint64_t size = 0;
    rocksdb.sstfilewriter_file_size(t->writer, &size);
    return size;
}

bool rocks_table_end(struct rocks_table *t, struct err *e)
{
    char *trouble = NULL;
    rocksdb.sstfilewriter_finish(t->writer, &trouble);
    bool ok = fine(t, trouble, e);
    rocks_table_drop(t);
    return ok;
}

void rocks_table_drop(struct rocks_table *t)
{
    if (!t)
        return;
    rocksdb.sstfilewriter_destroy(t->writer);
    rocksdb.envoptions_destroy(t->env);
    rocksdb.options_destroy(t->options);
    free(t->path);
    free(t);
}
