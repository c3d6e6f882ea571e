#include "savepoint/rocks_lib.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/lazy.h"
#include "base/mem.h"

enum { LOG_FATAL = 4, FILES_BESIDE = 128 /* descriptors left to the rest of the program */ };

struct rocksdb_lib rocksdb;

bool rocks_lib_load(struct err *e)
{
    static const struct lazy_symbol symbols[] = {
#define F(name) {"rocksdb_" #name, &rocksdb.name},
        ROCKSDB(F)
#undef F
    };
    return lazy_load(WEIR_ROCKSDB_SONAME, "librocksdb7.8", symbols, sizeof symbols / sizeof *symbols, e);
}

bool rocks_lib_failed(const char *dir, const char *name, char *text, struct err *e)
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
    for (size_t n = strlen(dir); (hit = strstr(p, dir)); p = hit + n) {
        buf_put(&b, p, (size_t)(hit - p));
        buf_puts(&b, "<database>");
    }
    buf_puts(&b, p);
    err_set(e, kind, "%s: RocksDB says: %s", name, buf_cstr(&b));
    buf_free(&b);
    rocksdb.free(text);
    return false;
}

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

/* --- options --- */

/* How many tables may be kept open: all (-1), unless the process' limit is nearer. */
static int max_open_files(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur == RLIM_INFINITY || l.rlim_cur > 1 << 16)
        return -1;
    return l.rlim_cur > 2 * FILES_BESIDE ? (int)l.rlim_cur - FILES_BESIDE : FILES_BESIDE;
}

rocksdb_options_t *rocks_lib_options(void)
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
