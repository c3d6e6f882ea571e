#include "savepoint/rocks.h"

#include <rocksdb/c.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/lazy.h"

/* The functions of librocksdb that are used; the library is loaded when a database needs it (base/lazy.h). */
/* a list in a macro, which clang-format moves about without end */
/* clang-format off */
#define ROCKSDB(F) \
    F(block_based_options_create) F(block_based_options_destroy) F(block_based_options_set_no_block_cache) F(close) \
    F(column_family_handle_destroy) F(create_iterator_cf) F(free) F(iter_destroy) F(iter_get_error) F(iter_key) \
    F(iter_next) F(iter_seek_to_first) F(iter_valid) F(iter_value) F(list_column_families) \
    F(list_column_families_destroy) F(mergeoperator_create) F(open_for_read_only_column_families) F(options_create) \
    F(options_destroy) F(options_set_block_based_table_factory) F(options_set_info_log_level) \
    F(options_set_max_file_opening_threads) F(options_set_max_open_files) F(options_set_merge_operator) \
    F(options_set_skip_stats_update_on_db_open) F(readoptions_create) F(readoptions_destroy) \
    F(readoptions_set_fill_cache) F(readoptions_set_iterate_lower_bound) F(readoptions_set_iterate_upper_bound) \
    F(readoptions_set_readahead_size) F(readoptions_set_verify_checksums)
/* clang-format on */

static struct {
#define F(name) __typeof__(&rocksdb_##name) name;
    ROCKSDB(F)
#undef F
} rocksdb;

static bool load(struct err *e)
{
    static const struct lazy_symbol symbols[] = {
#define F(name) {"rocksdb_" #name, &rocksdb.name},
        ROCKSDB(F)
#undef F
    };
    return lazy_load(WEIR_ROCKSDB_SONAME, "librocksdb7.8", symbols, sizeof symbols / sizeof *symbols, e);
}

struct rocks {
    char *dir, *name;
    rocksdb_t *db;
    rocksdb_options_t *options;
    size_t n;
    char **families;
    rocksdb_column_family_handle_t **handles;
};

enum { READ_AHEAD = 2 << 20, LOG_FATAL = 4, FILES_BESIDE = 128 /* descriptors left to the rest of the program */ };

/* --- the merge operator of Flink's lists: existing value and operands joined with ',' --- */

static char *join(const char *existing, size_t existing_n, const char *const *operands, const size_t *sizes, int n, size_t *length)
{
    size_t total = existing ? existing_n + 1 : 0, at = 0;
    for (int i = 0; i < n; i++)
        total += sizes[i] + 1;
    char *out = mem_alloc(total);
    if (existing) {
        memcpy(out, existing, existing_n);
        out[existing_n] = ',';
        at = existing_n + 1;
    }
    for (int i = 0; i < n; i++) {
        memcpy(out + at, operands[i], sizes[i]);
        at += sizes[i];
        out[at++] = ',';
    }
    *length = at ? at - 1 : 0;
    return out;
}

static char *full_merge(void *state, const char *key, size_t key_n, const char *existing, size_t existing_n,
                        const char *const *operands, const size_t *sizes, int n, unsigned char *success, size_t *length)
{
    (void)state, (void)key, (void)key_n;
    *success = 1;
    return join(existing, existing_n, operands, sizes, n, length);
}

static char *partial_merge(void *state, const char *key, size_t key_n, const char *const *operands, const size_t *sizes, int n,
                           unsigned char *success, size_t *length)
{
    (void)state, (void)key, (void)key_n;
    *success = 1;
    return join(NULL, 0, operands, sizes, n, length);
}

static void delete_value(void *state, const char *value, size_t n)
{
    (void)state, (void)n;
    free((void *)value);
}

static const char *merge_name(void *state)
{
    (void)state;
    return "StringAppendTESTOperator";
}

static void no_state(void *state) { (void)state; }

/* --- opening --- */

/* Takes over librocksdb's error text, with the name for the directory that the user never saw. */
static bool failed(const struct rocks *r, char *text, struct err *e)
{
    static const struct {
        const char *begin;
        enum err_kind kind;
    } kinds[] = {{"Corruption", ERR_CORRUPT},
                 {"Not implemented", ERR_UNSUPPORTED},
                 {"Invalid argument", ERR_UNSUPPORTED},
                 {"NotFound", ERR_MISSING},
                 {"IO error: No such", ERR_MISSING}};
    enum err_kind kind = ERR_IO;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(text, kinds[i].begin, strlen(kinds[i].begin)) == 0)
            kind = kinds[i].kind;
    struct buf b = {0};
    const char *p = text, *hit;
    for (size_t n = strlen(r->dir); (hit = strstr(p, r->dir)); p = hit + n) {
        buf_put(&b, p, (size_t)(hit - p));
        buf_puts(&b, "<database>");
    }
    buf_puts(&b, p);
    err_set(e, kind, "%s: RocksDB says: %s", r->name, buf_cstr(&b));
    buf_free(&b);
    rocksdb.free(text);
    return false;
}

/* How many tables may be kept open: all (-1), unless the process' limit is nearer. */
static int max_open_files(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur == RLIM_INFINITY || l.rlim_cur > 1 << 16)
        return -1;
    return l.rlim_cur > 2 * FILES_BESIDE ? (int)l.rlim_cur - FILES_BESIDE : FILES_BESIDE;
}

static rocksdb_options_t *make_options(void)
{
    rocksdb_options_t *o = rocksdb.options_create();
    rocksdb.options_set_info_log_level(o, LOG_FATAL);
    rocksdb.options_set_max_open_files(o, max_open_files());
    rocksdb.options_set_max_file_opening_threads(o, 1);
    rocksdb.options_set_skip_stats_update_on_db_open(o, 1);
    rocksdb.options_set_merge_operator(
        o, rocksdb.mergeoperator_create(NULL, no_state, full_merge, partial_merge, delete_value, merge_name));
    rocksdb_block_based_table_options_t *table = rocksdb.block_based_options_create();
    rocksdb.block_based_options_set_no_block_cache(table, 1); /* each block is read once */
    rocksdb.options_set_block_based_table_factory(o, table);
    rocksdb.block_based_options_destroy(table);
    return o;
}

struct rocks *rocks_open(const char *dir, const char *name, struct err *e)
{
    if (!load(e))
        return NULL;
    struct rocks *r = mem_zalloc(sizeof *r);
    char *trouble = NULL;
    r->dir = mem_strdup(dir);
    r->name = mem_strdup(name);
    r->options = make_options();
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
