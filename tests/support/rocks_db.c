#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/temp.h"
#include "tests/support/rocks_db.h"

static const char *const family_names[DB_FAMILIES] = {"values", "lists", "maps"};

static uint32_t rnd(struct rocks_db *m, uint32_t below)
{
    m->seed = m->seed * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)m->seed * below) >> 32);
}

static void no(char *trouble)
{
    if (trouble)
        fail_msg("%s", trouble);
}

static char *join(const char *existing, size_t existing_n, const char *const *operands, const size_t *sizes, int n, size_t *length)
{
    struct buf b = {0};
    buf_reserve(&b, 1);
    if (existing)
        buf_put(&b, existing, existing_n);
    for (int i = 0; i < n; i++) {
        if (existing || i)
            buf_putc(&b, ',');
        buf_put(&b, operands[i], sizes[i]);
    }
    *length = b.n;
    return (char *)b.p;
}

static char *full(void *s, const char *key, size_t key_n, const char *existing, size_t existing_n, const char *const *operands,
                  const size_t *sizes, int n, unsigned char *ok, size_t *length)
{
    (void)s, (void)key, (void)key_n;
    *ok = 1;
    return join(existing, existing_n, operands, sizes, n, length);
}

static char *partial(void *s, const char *key, size_t key_n, const char *const *operands, const size_t *sizes, int n,
                     unsigned char *ok, size_t *length)
{
    (void)s, (void)key, (void)key_n;
    *ok = 1;
    return join(NULL, 0, operands, sizes, n, length);
}

static void release(void *s, const char *value, size_t n)
{
    (void)s, (void)n;
    free((void *)value);
}

static const char *merge_name(void *s)
{
    (void)s;
    return "StringAppendTESTOperator";
}

static void nothing(void *s) { (void)s; }

struct rocks_db *rocks_db_make(struct rocks_shape shape, uint32_t seed)
{
    struct rocks_db *m = mem_zalloc(sizeof *m);
    struct err e = {0};
    char *trouble = NULL;
    m->shape = shape;
    m->seed = seed;
    m->dir = temp_dir(&e);
    assert_non_null(m->dir);
    rocksdb_options_t *o = m->options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(o, 1);
    rocksdb_options_set_compression(o, shape.compression);
    rocksdb_options_set_disable_auto_compactions(o, 1);
    rocksdb_options_set_target_file_size_base(o, 16 << 10);
    rocksdb_options_set_info_log_level(o, 4);
    rocksdb_options_set_prefix_extractor(o, rocksdb_slicetransform_create_fixed_prefix(1)); /* for the hash index */
    rocksdb_options_set_merge_operator(o, rocksdb_mergeoperator_create(NULL, nothing, full, partial, release, merge_name));
    rocksdb_block_based_table_options_t *t = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_format_version(t, shape.format);
    rocksdb_block_based_options_set_checksum(t, (char)shape.checksum);
    rocksdb_block_based_options_set_index_type(t, shape.index);
    rocksdb_block_based_options_set_block_size(t, shape.block);
    rocksdb_block_based_options_set_metadata_block_size(t, 256);
    rocksdb_block_based_options_set_block_restart_interval(t, shape.restart);
    rocksdb_block_based_options_set_index_block_restart_interval(t, shape.index_restart);
    rocksdb_block_based_options_set_data_block_index_type(t, shape.hash_in_blocks);
    rocksdb_block_based_options_set_data_block_hash_ratio(t, 0.75);
    rocksdb_options_set_block_based_table_factory(o, t);
    rocksdb_block_based_options_destroy(t);
    m->db = rocksdb_open(o, m->dir, &trouble);
    no(trouble);
    for (int i = 0; i < DB_FAMILIES; i++) {
        m->handles[i] = rocksdb_create_column_family(m->db, o, family_names[i], &trouble);
        no(trouble);
    }
    m->handles[DB_FAMILIES] = rocksdb_create_column_family(m->db, o, "no state has this name", &trouble);
    no(trouble);
    m->write = rocksdb_writeoptions_create();
    rocksdb_writeoptions_disable_WAL(m->write, 1);
    m->flush = rocksdb_flushoptions_create();
    return m;
}

size_t rocks_db_key(const struct rocks_db *m, uint32_t k, char *to)
{
    uint32_t group = k / 4; /* four keys a key group */
    int n = 0;
    if (m->shape.prefix == 2)
        to[n++] = (char)(group >> 8);
    to[n++] = (char)group;
    return (
        size_t)(n +
                sprintf(to + n, "%skey-%u", k % 3 ? "" : "some longer beginning that is not often shared ", k * 2654435761u >> 12));
}

static size_t value_of(struct rocks_db *m, char *to)
{
    size_t n = rnd(m, 10) ? rnd(m, 40) : rnd(m, 700);
    for (size_t i = 0; i < n; i++)
        to[i] = (char)(i % 7 ? 'a' + n % 26 : rnd(m, 256));
    return n;
}

static void gone(struct rocks_db *m, int f, uint32_t k)
{
    m->present[f][k] = false;
    m->model[f][k].n = 0;
}

void rocks_db_write(struct rocks_db *m)
{
    char key[80], end[80], value[700], *trouble = NULL;
    int f = (int)rnd(m, DB_FAMILIES);
    uint32_t k = rnd(m, DB_KEYS), what = rnd(m, 100);
    size_t n = rocks_db_key(m, k, key), v = value_of(m, value);
    struct buf *model = &m->model[f][k];
    rocksdb_column_family_handle_t *h = m->handles[f];
    if (what < 50) {
        rocksdb_put_cf(m->db, m->write, h, key, n, value, v, &trouble);
        model->n = 0;
        buf_put(model, value, v);
        m->present[f][k] = true;
    } else if (what < 75) {
        rocksdb_merge_cf(m->db, m->write, h, key, n, value, v, &trouble);
        if (m->present[f][k])
            buf_putc(model, ',');
        buf_put(model, value, v);
        m->present[f][k] = true;
    } else if (what < 95) {
        rocksdb_delete_cf(m->db, m->write, h, key, n, &trouble);
        gone(m, f, k);
    } else if (what < 98) { /* some key groups */
        uint32_t first = k / 4, last = first + rnd(m, 4);
        key[0] = end[0] = 0;
        if (m->shape.prefix == 1) {
            key[0] = (char)first;
            end[0] = (char)last;
        } else {
            key[1] = (char)first;
            end[1] = (char)last;
        }
        rocksdb_delete_range_cf(m->db, m->write, h, key, (size_t)m->shape.prefix, end, (size_t)m->shape.prefix, &trouble);
        for (uint32_t i = first * 4; i < last * 4 && i < DB_KEYS; i++)
            gone(m, f, i);
    } else if (what == 98) {
        rocksdb_flush_cf(m->db, m->flush, h, &trouble);
    } else { /* part of the keys goes down a level, the rest stays */
        char from[2] = {0}, to[2] = {0};
        from[m->shape.prefix - 1] = (char)rnd(m, 50);
        to[m->shape.prefix - 1] = (char)(50 + rnd(m, 50));
        rocksdb_compact_range_cf(m->db, h, from, 2, to, 2);
    }
    no(trouble);
}

void rocks_db_flush(struct rocks_db *m)
{
    char *trouble = NULL;
    for (int i = 0; i <= DB_FAMILIES; i++)
        rocksdb_flush_cf(m->db, m->flush, m->handles[i], &trouble);
    no(trouble);
}

void rocks_db_finish(struct rocks_db *m)
{
    rocks_db_flush(m);
    for (int i = 0; i <= DB_FAMILIES; i++)
        rocksdb_column_family_handle_destroy(m->handles[i]);
    rocksdb_close(m->db);
    rocksdb_writeoptions_destroy(m->write);
    rocksdb_flushoptions_destroy(m->flush);
    rocksdb_options_destroy(m->options);

    DIR *d = opendir(m->dir);
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));) {
        struct native_file *f = &m->files[m->native.n];
        size_t n = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || !strncmp(entry->d_name, "LO", 2) || (n > 4 && !strcmp(entry->d_name + n - 4, ".log")))
            continue;
        assert_true(m->native.n < 256);
        f->name = arena_str(&m->arena, entry->d_name);
        f->location = arena_printf(&m->arena, "%s/%s", m->dir, entry->d_name);
        struct store_file in;
        struct err e = {0};
        assert_true(store_open(&in, f->location, &e));
        f->size = in.size;
        store_close(&in);
        m->native.n++;
    }
    closedir(d);
    static const enum state_kind kinds[DB_FAMILIES] = {KIND_VALUE, KIND_LIST, KIND_MAP};
    for (int i = 0; i < DB_FAMILIES; i++)
        m->states[i] = (struct state_info){.name = family_names[i], .kind = kinds[i]};
    m->header = (struct keyed_header){.n = DB_FAMILIES, .states = m->states};
    m->native.name = "the database";
    m->native.files = m->files;
    m->native.header = &m->header;
    m->native.prefix = (uint8_t)m->shape.prefix;
    m->native.kg_count = 128;
    m->native.verify = true;
}

void rocks_db_drop(struct rocks_db *m)
{
    temp_remove(m->dir);
    for (int f = 0; f < DB_FAMILIES; f++)
        for (int k = 0; k < DB_KEYS; k++)
            buf_free(&m->model[f][k]);
    arena_free(&m->arena);
    free(m);
}

struct rocks_db *rocks_db_random(struct rocks_shape shape, uint32_t seed, int writes)
{
    struct rocks_db *m = rocks_db_make(shape, seed);
    for (int i = 0; i < writes; i++)
        rocks_db_write(m);
    rocks_db_finish(m);
    return m;
}
