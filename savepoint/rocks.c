#include "savepoint/rocks.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/rocks_lib.h"

struct rocks {
    char *dir, *name;
    rocksdb_t *db;
    rocksdb_options_t *options;
    size_t n;
    char **families;
    rocksdb_column_family_handle_t **handles;
};

enum { READ_AHEAD = 2 << 20 };

static bool failed(const struct rocks *r, char *text, struct err *e) { return rocks_lib_failed(r->dir, r->name, text, e); }

struct rocks *rocks_open(const char *dir, const char *name, struct err *e)
{
    if (!rocks_lib_load(e))
        return NULL;
    struct rocks *r = mem_zalloc(sizeof *r);
    char *trouble = NULL;
    r->dir = mem_strdup(dir);
    r->name = mem_strdup(name);
    r->options = rocks_lib_options();
    r->families = rocksdb.list_column_families(r->options, dir, &r->n, &trouble);
    if (trouble) {
        r->n = 0;
        r->families = NULL;
    } else {
        r->handles = mem_zalloc(r->n * sizeof *r->handles);
        const rocksdb_options_t **each = mem_alloc(r->n * sizeof *each);
        for (size_t i = 0; i < r->n; i++)
            each[i] = r->options;
        r->db = rocksdb.open_for_read_only_column_families(r->options, dir, (int)r->n, (const char *const *)r->families, each,
                                                           r->handles, 0, &trouble);
        free(each);
    }
    if (!trouble)
        return r;
    r->db = NULL;
    failed(r, trouble, e);
    rocks_close(r);
    return NULL;
}

void rocks_close(struct rocks *r)
{
    if (!r)
        return;
    if (r->db) {
        for (size_t i = 0; i < r->n; i++)
            rocksdb.column_family_handle_destroy(r->handles[i]);
        rocksdb.close(r->db);
    }
    if (r->families)
        rocksdb.list_column_families_destroy(r->families, r->n);
    rocksdb.options_destroy(r->options);
    free(r->handles);
    free(r->dir);
    free(r->name);
    free(r);
}

bool rocks_walk(struct rocks *r, const char *family, struct bytes lower, struct bytes upper, bool verify, rocks_fn *fn, void *ctx,
                struct err *e)
{
    size_t i = 0;
    while (i < r->n && strcmp(r->families[i], family) != 0)
        i++;
    if (i == r->n)
        return true;
    rocksdb_readoptions_t *o = rocksdb.readoptions_create();
    rocksdb.readoptions_set_verify_checksums(o, verify);
    rocksdb.readoptions_set_fill_cache(o, 0);
    rocksdb.readoptions_set_readahead_size(o, READ_AHEAD);
    if (lower.n)
        rocksdb.readoptions_set_iterate_lower_bound(o, (const char *)lower.p, lower.n);
    if (upper.n)
        rocksdb.readoptions_set_iterate_upper_bound(o, (const char *)upper.p, upper.n);
    rocksdb_iterator_t *it = rocksdb.create_iterator_cf(r->db, o, r->handles[i]);
    bool ok = true;
    for (rocksdb.iter_seek_to_first(it); ok && rocksdb.iter_valid(it); rocksdb.iter_next(it)) {
        struct bytes key, value;
        key.p = (const uint8_t *)rocksdb.iter_key(it, &key.n);
        value.p = (const uint8_t *)rocksdb.iter_value(it, &value.n);
        ok = fn(ctx, key, value, e);
    }
    char *trouble = NULL;
    if (ok)
        rocksdb.iter_get_error(it, &trouble);
    if (trouble)
        ok = failed(r, trouble, e);
    rocksdb.iter_destroy(it);
    rocksdb.readoptions_destroy(o);
    return ok;
}
