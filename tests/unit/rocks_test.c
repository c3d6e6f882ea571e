#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "savepoint/sst_merge.h"
#include "savepoint/sst_xxh3.h"
#include "tests/support/rocks_db.h"

static void no(char *trouble)
{
    if (trouble)
        fail_msg("%s", trouble);
}

struct seen {
    struct rocks_db *m;
    uint32_t n[DB_FAMILIES], stop_after, total;
    int last_family;
    struct buf last_key;
};

static int index_of(const struct rocks_db *m, struct bytes key)
{
    char want[80];
    for (uint32_t k = 0; k < DB_KEYS; k++)
        if (rocks_db_key(m, k, want) == key.n && !memcmp(want, key.p, key.n))
            return (int)k;
    return -1;
}

static bool see(void *ctx, struct entry *en, struct err *e)
{
    struct seen *s = ctx;
    struct rocks_db *m = s->m;
    (void)e;
    int f = (int)(en->info - m->states), k = index_of(m, en->raw_key);
    assert_true(k >= 0);
    assert_true(m->present[f][k]);
    assert_int_equal(en->value.n, m->model[f][k].n);
    if (en->value.n)
        assert_memory_equal(en->value.p, m->model[f][k].p, en->value.n);
    assert_int_equal(en->key_group, k / 4);
    assert_int_equal(en->prefix, m->shape.prefix);
    assert_int_equal(en->form, f == 0 ? FORM_VALUE : f == 1 ? FORM_LIST_DELIM : FORM_MAP_ENTRY);
    assert_non_null(en->file);
    assert_true(f >= s->last_family);
    if (f == s->last_family && s->last_key.n)
        assert_true(sst_compare((struct bytes){s->last_key.p, s->last_key.n}, en->raw_key) < 0);
    s->last_family = f;
    s->last_key.n = 0;
    buf_put(&s->last_key, en->raw_key.p, en->raw_key.n);
    s->n[f]++;
    return ++s->total != s->stop_after;
}

static void compare(struct rocks_db *m, enum native_reader reader)
{
    struct seen s = {.m = m};
    struct err e = {0};
    m->native.reader = reader;
    if (!native_walk(&m->native, see, &s, &e))
        fail_msg("%s", e.text);
    for (int f = 0; f < DB_FAMILIES; f++) {
        uint32_t want = 0;
        for (uint32_t k = 0; k < DB_KEYS; k++)
            want += m->present[f][k] && k / 4 >= m->native.kg_first && k / 4 - m->native.kg_first < m->native.kg_count;
        assert_int_equal(s.n[f], want);
    }
    buf_free(&s.last_key);
}

static void compare_all(struct rocks_db *m)
{
    compare(m, NATIVE_OWN);
    compare(m, NATIVE_ROCKSDB);
    m->native.kg_first = 17;
    m->native.kg_count = 30;
    compare(m, NATIVE_OWN);
    compare(m, NATIVE_ROCKSDB);
    m->native.kg_first = 0;
    m->native.kg_count = 128;
}

enum { CRC32C = 1, XXH32, XXH64, XXH3 };
static const struct rocks_shape plain = {rocksdb_no_compression, CRC32C, 5, 0, 16, 1, false, 4096, 1};

static void databases(void **state)
{
    (void)state;
    static const struct rocks_shape shapes[] = {
        {rocksdb_no_compression, CRC32C, 5, 0, 16, 1, false, 4096, 1},
        {rocksdb_snappy_compression, CRC32C, 5, 0, 16, 1, false, 1024, 1},
        {rocksdb_snappy_compression, XXH3, 5, 2, 16, 4, false, 300, 2},
        {rocksdb_zstd_compression, XXH3, 4, 0, 4, 16, true, 2000, 1},
        {rocksdb_snappy_compression, XXH64, 3, 1, 1, 1, false, 100, 2},
        {rocksdb_no_compression, XXH32, 2, 2, 16, 1, false, 200, 1},
        {rocksdb_snappy_compression, CRC32C, 0, 0, 16, 1, false, 500, 1},
        {rocksdb_snappy_compression, XXH64, 1, 0, 8, 1, false, 700, 2},
        {rocksdb_no_compression, XXH3, 5, 0, 16, 8, true, 64, 2},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (uint32_t seed = 1; seed <= 3; seed++) {
            struct rocks_db *m = rocks_db_random(shapes[i], seed * 100 + (uint32_t)i, seed == 1 ? 300 : 4000);
            compare_all(m);
            rocks_db_drop(m);
        }
}

/* Compression that the own reader does not know: it says so, and the other one takes over, also in the middle. */
static void falls_back(void **state)
{
    (void)state;
    struct rocks_db *m = rocks_db_make(plain, 5);
    char *trouble = NULL;
    const char *option = "compression", *lz4 = "kLZ4Compression";
    rocksdb_set_options_cf(m->db, m->handles[1], 1, &option, &lz4, &trouble);
    no(trouble);
    for (int i = 0; i < 1000; i++)
        rocks_db_write(m);
    rocks_db_finish(m);
    compare(m, NATIVE_BEST);
    struct seen s = {.m = m};
    struct err e = {0};
    m->native.reader = NATIVE_OWN;
    assert_false(native_walk(&m->native, see, &s, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_true(s.n[0] && !s.n[1] && !s.n[2]);
    buf_free(&s.last_key);
    rocks_db_drop(m);
}

static void stops(void **state)
{
    (void)state;
    struct rocks_db *m = rocks_db_random(plain, 6, 2000);
    for (int reader = NATIVE_OWN; reader <= NATIVE_ROCKSDB; reader++) {
        struct seen s = {.m = m, .stop_after = 7};
        struct err e = {0};
        m->native.reader = (enum native_reader)reader;
        assert_false(native_walk(&m->native, see, &s, &e));
        assert_int_equal(e.kind, ERR_NONE);
        assert_int_equal(s.total, 7);
        buf_free(&s.last_key);
    }
    rocks_db_drop(m);
}

static struct buf slurp(const char *path)
{
    struct buf b = {0};
    struct store_file f;
    struct err e = {0};
    assert_true(store_open(&f, path, &e));
    buf_reserve(&b, f.size + 1);
    assert_true(store_read(&f, 0, b.p, f.size, &e));
    b.n = f.size;
    store_close(&f);
    return b;
}

/* All files inline, or all in one merged file. */
static void inline_and_segments(void **state)
{
    (void)state;
    struct rocks_shape shape = plain;
    shape.compression = rocksdb_snappy_compression;
    struct rocks_db *m = rocks_db_random(shape, 7, 3000);
    struct buf all = {0};
    buf_puts(&all, "in front");
    char *merged = arena_printf(&m->arena, "%s/merged", m->dir);
    for (uint32_t i = 0; i < m->native.n; i++) {
        struct buf b = slurp(m->files[i].location);
        m->files[i].start = all.n;
        m->files[i].location = merged;
        buf_put(&all, b.p, b.n);
        buf_free(&b);
    }
    FILE *f = fopen(merged, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(all.p, 1, all.n, f), all.n);
    fclose(f);
    compare_all(m);
    for (uint32_t i = 0; i < m->native.n; i++)
        m->files[i].inl = (struct bytes){all.p + m->files[i].start, m->files[i].size};
    compare_all(m);
    buf_free(&all);
    rocks_db_drop(m);
}

/* Tables whose entries all have one sequence number that stands elsewhere. */
static void ingested(void **state)
{
    (void)state;
    struct rocks_db *m = rocks_db_make(plain, 8);
    char key[80], *trouble = NULL;
    for (int i = 0; i < 1000; i++)
        rocks_db_write(m);
    rocks_db_flush(m);
    rocksdb_envoptions_t *env = rocksdb_envoptions_create();
    rocksdb_sstfilewriter_t *w = rocksdb_sstfilewriter_create(env, m->options);
    char *path = arena_printf(&m->arena, "%s/outside.sst", m->dir);
    const char *paths[] = {path};
    rocksdb_sstfilewriter_open(w, path, &trouble);
    no(trouble);
    uint32_t order[DB_KEYS / 5], n_order = 0;
    for (uint32_t k = 0; k < DB_KEYS; k += 5)
        order[n_order++] = k;
    for (uint32_t i = 0; i < n_order; i++) /* in byte order */
        for (uint32_t j = i + 1; j < n_order; j++) {
            char a[80], b[80];
            size_t an = rocks_db_key(m, order[i], a), bn = rocks_db_key(m, order[j], b);
            if (sst_compare((struct bytes){(uint8_t *)a, an}, (struct bytes){(uint8_t *)b, bn}) > 0) {
                uint32_t t = order[i];
                order[i] = order[j];
                order[j] = t;
            }
        }
    for (uint32_t i = 0; i < n_order; i++) {
        size_t n = rocks_db_key(m, order[i], key);
        rocksdb_sstfilewriter_put(w, key, n, "ingested", 8, &trouble);
        no(trouble);
        m->model[2][order[i]].n = 0;
        buf_put(&m->model[2][order[i]], "ingested", 8);
        m->present[2][order[i]] = true;
    }
    rocksdb_sstfilewriter_finish(w, &trouble);
    no(trouble);
    rocksdb_ingestexternalfileoptions_t *o = rocksdb_ingestexternalfileoptions_create();
    rocksdb_ingestexternalfileoptions_set_move_files(o, 1);
    rocksdb_ingest_external_file_cf(m->db, m->handles[2], paths, 1, o, &trouble);
    no(trouble);
    rocksdb_ingestexternalfileoptions_destroy(o);
    rocksdb_sstfilewriter_destroy(w);
    rocksdb_envoptions_destroy(env);
    for (int i = 0; i < 300; i++)
        rocks_db_write(m);
    rocks_db_finish(m);
    compare_all(m);
    rocks_db_drop(m);
}

/* --- tables that cannot be mapped --- */

struct unmapped {
    struct rocks_db *m;
    struct seen seen;
    struct store_file *file;
};

static bool unmapped_read(struct store_file *f, uint64_t off, void *to, size_t n, struct err *e)
{
    int fd = open(f->location, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && pread(fd, to, n, (off_t)off) == (ssize_t)n;
    close(fd);
    return ok || err_set(e, ERR_IO, "%s: cannot be read", f->location);
}

static void unmapped_close(struct store_file *f) { (void)f; }

static const struct store_ops unmapped_ops = {.read = unmapped_read, .close = unmapped_close};

static bool unmapped_open(void *ctx, const struct sst_live *live, struct sst_input *in, struct err *e)
{
    struct unmapped *u = ctx;
    (void)e;
    for (uint32_t i = 0; i < u->m->native.n; i++)
        if (strtoull(u->m->files[i].name, NULL, 10) == live->number) {
            in->file = mem_zalloc(sizeof *in->file);
            *in->file =
                (struct store_file){.ops = &unmapped_ops, .location = mem_strdup(u->m->files[i].location), .size = live->size};
            in->name = in->file->location;
            in->size = live->size;
            in->verify = true;
            return true;
        }
    return false;
}

static void unmapped_done(void *ctx, struct sst_input *in)
{
    (void)ctx;
    store_close(in->file);
    free(in->file);
}

static bool unmapped_see(void *ctx, const struct sst_entry *se, struct err *e)
{
    struct unmapped *u = ctx;
    struct entry en = {.info = &u->m->states[0],
                       .raw_key = se->key,
                       .value = se->value,
                       .key_group = se->key.p[0],
                       .prefix = 1,
                       .form = FORM_VALUE,
                       .file = se->file};
    return see(&u->seen, &en, e);
}

static const struct native_file *find(const struct rocks_db *m, const char *part)
{
    for (uint32_t i = 0; i < m->native.n; i++)
        if (strstr(m->files[i].name, part))
            return &m->files[i];
    fail_msg("no %s", part);
    return NULL;
}

static void unmapped(void **state)
{
    (void)state;
    struct rocks_db *m = rocks_db_random(plain, 9, 5000);
    struct buf b = slurp(find(m, "MANIFEST-")->location);
    struct sst_manifest manifest;
    struct err e = {0};
    assert_true(sst_manifest_read(&manifest, (struct bytes){b.p, b.n}, "MANIFEST", &m->arena, &e));
    assert_int_equal(manifest.n, DB_FAMILIES + 2);
    assert_string_equal(manifest.families[0].name, "default");
    assert_string_equal(manifest.families[1].name, "values");
    struct unmapped u = {.m = m, .seen.m = m};
    struct sst_walk w = {
        .family = &manifest.families[1], .ctx = &u, .open = unmapped_open, .close = unmapped_done, .each = unmapped_see};
    if (!sst_walk(&w, &e))
        fail_msg("%s", e.text);
    uint32_t want = 0;
    for (uint32_t k = 0; k < DB_KEYS; k++)
        want += m->present[0][k];
    assert_int_equal(u.seen.total, want);
    buf_free(&u.seen.last_key);
    buf_free(&b);
    rocks_db_drop(m);
}

/* --- damage --- */

static void expect(struct rocks_db *m, enum err_kind kind, const char *text)
{
    for (int reader = NATIVE_BEST; reader <= NATIVE_OWN; reader++) {
        struct seen s = {.m = m};
        struct err e = {0};
        m->native.reader = (enum native_reader)reader;
        assert_false(native_walk(&m->native, see, &s, &e));
        assert_int_equal(e.kind, kind);
        if (!strstr(e.text, text))
            fail_msg("'%s' lacks '%s'", e.text, text);
        buf_free(&s.last_key);
    }
}

static void missing_and_cut(void **state)
{
    (void)state;
    struct rocks_db *m = rocks_db_random(plain, 10, 1500);
    struct native_file *sst = (struct native_file *)find(m, ".sst"), *current = (struct native_file *)find(m, "CURRENT");
    struct native_file *manifest = (struct native_file *)find(m, "MANIFEST-");
    struct native_file was = *sst;
    sst->name = "elsewhere.sst";
    expect(m, ERR_MISSING, "is not in the snapshot");
    *sst = was;
    sst->size--;
    expect(m, ERR_CORRUPT, "but the MANIFEST says");
    sst->size += 2;
    expect(m, ERR_CORRUPT, "is the copy complete?");
    *sst = was;

    was = *current;
    current->inl = (struct bytes){(const uint8_t *)"MANIFEST-../x\n", 14};
    expect(m, ERR_CORRUPT, "does not name a MANIFEST");
    current->inl = (struct bytes){(const uint8_t *)"MANIFEST-1", 10};
    expect(m, ERR_CORRUPT, "does not name a MANIFEST");
    current->inl = (struct bytes){(const uint8_t *)"", 0};
    expect(m, ERR_CORRUPT, "does not name a MANIFEST");
    current->inl = (struct bytes){(const uint8_t *)"MANIFEST-999999\n", 16};
    expect(m, ERR_MISSING, "MANIFEST-999999");
    *current = was;

    manifest->size -= 3;
    expect(m, ERR_CORRUPT, "ends inside a record");
    manifest->size += 3;

    struct native_file log = {.name = "000099.log", .location = "x", .inl = {(const uint8_t *)"x", 1}};
    m->files[m->native.n++] = log;
    m->native.reader = NATIVE_OWN;
    struct seen s = {.m = m};
    struct err e = {0};
    assert_false(native_walk(&m->native, see, &s, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    m->native.n--;

    m->files[m->native.n++] = (struct native_file){.name = "../000099.sst", .location = "x", .inl = log.inl};
    e = (struct err){0};
    assert_null(native_stage(&m->native, &e));
    assert_int_equal(e.kind, ERR_CORRUPT);
    rocks_db_drop(m);
}

static bool count(void *ctx, struct entry *en, struct err *e)
{
    (void)en, (void)e;
    ++*(uint32_t *)ctx;
    return true;
}

/* Every byte of a small database changed: found by a checksum, or without effect; without checksums at least harmless. */
static void flipped(void **state)
{
    (void)state;
    static const struct rocks_shape shapes[] = {{rocksdb_snappy_compression, XXH3, 5, 2, 16, 4, true, 150, 1},
                                                {rocksdb_no_compression, CRC32C, 5, 0, 4, 1, false, 300, 1}};
    for (size_t v = 0; v < 4; v++) {
        struct rocks_db *m = rocks_db_make(shapes[v / 2], 11);
        for (int i = 0; i < 60; i++)
            rocks_db_write(m);
        rocks_db_finish(m);
        m->native.reader = NATIVE_OWN;
        m->native.verify = v % 2;
        struct err e = {0};
        uint32_t want = 0;
        assert_true(native_walk(&m->native, count, &want, &e));
        for (uint32_t i = 0; i < m->native.n; i++) {
            struct native_file *f = &m->files[i];
            if (!strncmp(f->name, "OPTIONS", 7) || !strcmp(f->name, "IDENTITY"))
                continue;
            struct buf b = slurp(f->location);
            f->inl = (struct bytes){b.p, b.n};
            for (size_t at = 0; at < b.n; at++) {
                uint8_t was = b.p[at];
                b.p[at] ^= (uint8_t)(at % 3 ? 1u << at % 8 : 0xff);
                uint32_t n = 0;
                e = (struct err){0};
                bool ok = native_walk(&m->native, count, &n, &e);
                assert_true(ok || e.kind != ERR_NONE);
                if (ok && m->native.verify)
                    assert_int_equal(n, want);
                b.p[at] = was;
            }
            for (size_t n = 0; n < b.n; n += 1 + b.n / 200) { /* and cut off */
                uint32_t got = 0;
                f->inl.n = n;
                e = (struct err){0};
                bool ok = native_walk(&m->native, count, &got, &e);
                assert_true(!ok || (n && !strncmp(f->name, "MANIFEST", 8))); /* that may end behind any record */
            }
            f->inl = (struct bytes){0};
            buf_free(&b);
        }
        rocks_db_drop(m);
    }
}

/* Format 6, which Debian 12's librocksdb cannot read: written by RocksDB 10 (rocksdict 0.3.29), Snappy, two-level index. 60 keys,
 * "key-N" in group N / 4; a first table with "old" for all of them, groups 5 to 7 deleted as a range; then "value N " five times
 * for the even ones, and key 1 deleted. */
static bool see_format6(void *ctx, struct entry *en, struct err *e)
{
    (void)e;
    uint64_t *seen = ctx;
    char want[80];
    int n = atoi((const char *)en->raw_key.p + 5);
    assert_int_equal(en->key_group, n / 4);
    assert_false(*seen >> n & 1);
    *seen |= 1ull << n;
    size_t len =
        (size_t)(n % 2 ? sprintf(want, "old") : sprintf(want, "value %d value %d value %d value %d value %d ", n, n, n, n, n));
    assert_int_equal(en->value.n, len);
    assert_memory_equal(en->value.p, want, len);
    return true;
}

static void format6(void **state)
{
    (void)state;
    struct native_file files[] = {{.name = "000010.sst"}, {.name = "000011.sst"}, {.name = "CURRENT"}, {.name = "MANIFEST-000005"}};
    struct arena a = {0};
    struct err e = {0};
    for (int i = 0; i < 4; i++) {
        files[i].location = arena_printf(&a, "tests/unit/rocks_format6/%s", files[i].name);
        struct store_file f;
        if (!store_open(&f, files[i].location, &e))
            fail_msg("%s", e.text);
        files[i].size = f.size;
        store_close(&f);
    }
    struct state_info info = {.name = "values", .kind = KIND_VALUE};
    struct keyed_header header = {.n = 1, .states = &info};
    struct native_db db = {
        .name = "format 6", .n = 4, .files = files, .header = &header, .kg_count = 128, .prefix = 1, .verify = true};
    uint64_t seen = 0, want = 0;
    if (!native_walk(&db, see_format6, &seen, &e))
        fail_msg("%s", e.text);
    for (int i = 0; i < 60; i++)
        if (i % 2 == 0 || (i != 1 && (i < 20 || i >= 32)))
            want |= 1ull << i;
    assert_true(seen == want);
    arena_free(&a);
}

static void xxh3(void **state)
{
    (void)state; /* longer inputs: the tables above */
    assert_true(sst_xxh3("", 0) == 0x2D06800538D394C2ull);
    assert_true(sst_xxh3("a", 1) == 0xE6C632B61E964E1Full);
    assert_true(sst_xxh3("abc", 3) == 0x78AF5F94892F3950ull);
}

int main(void)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* librocksdb waits for the disk after every flush */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xxh3),
        cmocka_unit_test(databases),
        cmocka_unit_test(falls_back),
        cmocka_unit_test(stops),
        cmocka_unit_test(ingested),
        cmocka_unit_test(unmapped),
        cmocka_unit_test(inline_and_segments),
        cmocka_unit_test(missing_and_cut),
        cmocka_unit_test(flipped),
        cmocka_unit_test(format6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
