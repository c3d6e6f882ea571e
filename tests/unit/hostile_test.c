/* Damaged snapshots: every golden one is cut, flipped and overwritten in many places, and read whole each time. Whatever the bytes
 * are, the reading comes back; what was cut is reported, unless nothing of it was needed; undamaged bytes read as before. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/temp.h"
#include "inspect/dump.h"

struct reading {
    struct dump_figures figures;
    uint64_t hash; /* over all rows */
    bool ok;       /* nothing was reported */
};

static bool on_row(void *ctx, const struct dump_row *row, struct err *e)
{
    (void)e;
    struct reading *r = ctx;
    for (size_t i = 0; i < row->line.n; i++)
        r->hash = (r->hash ^ row->line.p[i]) * UINT64_C(0x100000001b3);
    return true;
}

static void on_trouble(void *ctx, const struct err *e)
{
    struct reading *r = ctx;
    assert_int_not_equal(e->kind, ERR_NONE);
    assert_true(*e->text);
    assert_null(strchr(e->text, '\n'));
    r->ok = false;
}

static struct reading read_all(const char *dir)
{
    struct reading r = {.hash = UINT64_C(0xcbf29ce484222325), .ok = true};
    struct snapshot *s;
    struct err e = {0};
    if (!snapshot_open(&s, dir, NULL, &e)) {
        on_trouble(&r, &e);
        return r;
    }
    struct names names = {0};
    struct dump_opts opts = {.jobs = 1};
    if (!dump(s, &names, &opts, on_row, on_trouble, &r, &r.figures, &e))
        on_trouble(&r, &e);
    snapshot_close(s);
    return r;
}

struct file {
    char *path;
    uint8_t *bytes;
    size_t n;
};

static void write_file(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Copies the files directly in `from` to `to`; returns how many. */
static size_t copy_files(const char *from, const char *to, struct file *files, size_t max)
{
    size_t n = 0;
    DIR *d = opendir(from);
    assert_non_null(d);
    for (struct dirent *de; (de = readdir(d)) && n < max;) {
        char path[4096];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", from, de->d_name);
        if (stat(path, &st) || !S_ISREG(st.st_mode))
            continue;
        struct file *f = &files[n++];
        f->n = (size_t)st.st_size;
        f->bytes = malloc(f->n + 1);
        FILE *in = fopen(path, "rb");
        assert_non_null(in);
        assert_int_equal(fread(f->bytes, 1, f->n, in), f->n);
        fclose(in);
        assert_true(asprintf(&f->path, "%s/%s", to, de->d_name) > 0);
        write_file(f->path, f->bytes, f->n);
    }
    closedir(d);
    return n;
}

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void damage(const struct file *f, uint64_t *seed, const char *dir)
{
    static const uint8_t big[] = {0x7f, 0xff, 0xff, 0xff}, negative[] = {0xff, 0xff, 0xff, 0xff};
    uint8_t *copy = malloc(f->n + 1);
    memcpy(copy, f->bytes, f->n);
    size_t at = next(seed) % f->n;
    switch (next(seed) % 4) {
    case 0:
        copy[at] ^= (uint8_t)(1U << next(seed) % 8);
        break;
    case 1:
        copy[at] = (uint8_t)next(seed);
        break;
    case 2:
        memcpy(copy + at, big, f->n - at < 4 ? f->n - at : 4);
        break;
    default:
        memcpy(copy + at, negative, f->n - at < 4 ? f->n - at : 4);
    }
    write_file(f->path, copy, f->n);
    (void)read_all(dir);
    free(copy);
}

static void check_golden(const char *from)
{
    enum { MAX_FILES = 64, ROUNDS = 150 };
    struct file files[MAX_FILES];
    struct err e = {0};
    char *dir = temp_dir(&e);
    assert_non_null(dir);
    size_t n = copy_files(from, dir, files, MAX_FILES);
    struct reading whole = read_all(dir);
    assert_true(whole.ok);
    assert_true(whole.figures.rows > 0);

    uint64_t seed = 88172645463325252;
    for (size_t i = 0; i < n; i++) {
        unsigned rounds = files[i].n ? ROUNDS / (unsigned)n + 4 : 0;
        bool metadata = strstr(files[i].path, "_metadata") != NULL;
        for (unsigned k = 0; k < rounds; k++) {
            write_file(files[i].path, files[i].bytes, next(&seed) % files[i].n);
            struct reading cut = read_all(dir);
            assert_true(!cut.ok || cut.hash == whole.hash); /* RocksDB's OPTIONS file, say, is not needed */
            assert_false(metadata && cut.ok);
            if (metadata)
                assert_int_equal(cut.figures.rows, 0);
            damage(&files[i], &seed, dir);
        }
        write_file(files[i].path, files[i].bytes, files[i].n);
    }
    struct reading again = read_all(dir);
    assert_true(again.ok);
    assert_true(again.hash == whole.hash);
    for (size_t i = 0; i < n; i++) {
        free(files[i].path);
        free(files[i].bytes);
    }
    temp_remove(dir);
}

static void damaged_goldens(void **state)
{
    (void)state;
    unsigned tried = 0;
    DIR *d = opendir("tests/golden");
    assert_non_null(d);
    for (struct dirent *de; (de = readdir(d));) {
        char path[4096], meta[4200];
        snprintf(path, sizeof path, "tests/golden/%s/snapshot", de->d_name);
        snprintf(meta, sizeof meta, "%s/_metadata", path);
        if (access(meta, R_OK))
            continue; /* a checkpoint directory: its files are named by absolute paths */
        check_golden(path);
        tried++;
    }
    closedir(d);
    printf("%u golden snapshots damaged\n", tried);
    assert_true(tried > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_goldens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
