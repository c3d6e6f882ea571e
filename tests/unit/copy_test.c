/* Golden snapshots, copied through the writer in every form: what the copy holds, what is refused, what a full disk leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/temp.h"
#include "inspect/dump.h"
#include "savepoint/copy.h"
#include "savepoint/told.h"
#include "tests/support/same_snapshot.h"
#include "tests/unit/made.h"

#define GOLDEN "tests/golden/"

static struct arena arena;
static struct told told;
static const struct snapshot_opts reading = {.told = &told};
static char *dir; /* of the copies */
static char target[200];

static int set_up(void **state)
{
    (void)state;
    struct err e = {0};
    struct store_file f = {0};
    assert_true(store_open(&f, "tests/flink/golden.classes", &e));
    assert_true(told_read(&told, (struct bytes){f.map, f.size}, "golden.classes", &arena, &e));
    store_close(&f);
    dir = temp_dir(&e);
    assert_non_null(dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_remove(dir);
    arena_free(&arena);
    return 0;
}

static const char *new_target(void)
{
    static int n;
    snprintf(target, sizeof target, "%s/copy-%d", dir, n++);
    return target;
}

static struct snapshot *opened(const char *location)
{
    struct err e = {0};
    struct snapshot *s;
    if (!snapshot_open(&s, location, &reading, &e))
        fail_msg("%s", e.text);
    return s;
}

static struct snapshot *golden(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, GOLDEN "%s/snapshot", name);
    return opened(path);
}

/* --- what a snapshot holds: its dump, the lines sorted --- */

struct lines {
    char **v;
    size_t n;
    uint64_t opaque;
};

static bool on_row(void *ctx, const struct dump_row *row, struct err *e)
{
    struct lines *l = ctx;
    (void)e;
    if (row->content.n == 2 && !memcmp(row->content.p, "[]", 2))
        return true; /* empty lists and maps have no entry in canonical state */
    char *line = mem_alloc(row->line.n + 1);
    memcpy(line, row->line.p, row->line.n);
    line[row->line.n] = 0;
    l->v = mem_grow(l->v, l->n + 1, sizeof *l->v);
    l->v[l->n++] = line;
    return true;
}

static void on_trouble(void *ctx, const struct err *e)
{
    (void)ctx;
    fail_msg("%s", e->text);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static struct lines dumped(const struct snapshot *s)
{
    struct names names = {0};
    struct lines l = {0};
    struct err e = {0};
    struct dump_figures f;
    const struct dump_opts opts = {.jobs = 1};
    assert_true(dump(s, &names, &opts, on_row, on_trouble, &l, &f, &e));
    assert_int_equal(f.failed, 0);
    l.opaque = f.opaque;
    names_free(&names);
    if (l.n)
        qsort(l.v, l.n, sizeof *l.v, by_text);
    return l;
}

static void free_lines(struct lines l)
{
    for (size_t i = 0; i < l.n; i++)
        free(l.v[i]);
    free(l.v);
}

static void same_content(const struct snapshot *a, const struct snapshot *b)
{
    struct lines x = dumped(a), y = dumped(b);
    assert_int_equal(x.n, y.n);
    assert_true(x.n > 0);
    for (size_t i = 0; i < x.n; i++)
        assert_string_equal(x.v[i], y.v[i]);
    free_lines(x);
    free_lines(y);
}

/* --- copies --- */

static struct snapshot *copied(const struct snapshot *s, struct copy_opts opts)
{
    struct err e = {0};
    if (!snapshot_copy(s, new_target(), &opts, &e))
        fail_msg("%s", e.text);
    return opened(target);
}

static bool has_format(const struct snapshot *s, enum keyed_format format)
{
    for (uint32_t i = 0; i < s->meta.n; i++)
        for (uint32_t j = 0; j < s->meta.operators[i].n; j++) {
            struct err e = {0};
            struct keyed_part *p;
            const struct meta_keyed *h = &s->meta.operators[i].subtasks[j].keyed;
            if (h->tag == HANDLE_NULL)
                continue;
            assert_true(keyed_open(&p, s, &s->meta.operators[i], h, &e));
            bool ok = p->format == format;
            keyed_close(p);
            if (!ok)
                return false;
        }
    return true;
}

/* There and back again: the same bytes. */
static void same_bytes(const struct snapshot *a, const struct snapshot *b)
{
    struct err e = {0};
    if (!same_snapshot(a, b, &e))
        fail_msg("%s", e.text);
}

static void check_golden(const char *path)
{
    static const struct copy_opts all[] = {
        {COPY_FORM_KEEP, COPY_COMPRESS_KEEP, 0}, {COPY_CANONICAL, COPY_COMPRESS, 0}, {COPY_HEAP, COPY_PLAIN, 0},
        {COPY_HEAP, COPY_COMPRESS, 0},           {COPY_CANONICAL, COPY_PLAIN, 0},    {COPY_DATABASE, COPY_COMPRESS_KEEP, 0}};
    struct snapshot *s = opened(path);
    bool database = has_format(s, KEYED_DATABASE);
    struct lines l = dumped(s);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (l.opaque && all[i].form == COPY_HEAP)
            continue; /* it cannot be read as well, since nothing frames values there */
        struct snapshot *copy = copied(s, all[i]);
        same_content(s, copy);
        bool files = all[i].form == COPY_DATABASE || (database && all[i].form == COPY_FORM_KEEP);
        assert_true(has_format(copy, files ? KEYED_DATABASE : all[i].form == COPY_HEAP ? KEYED_HEAP : KEYED_CANONICAL));
        struct snapshot *again = copied(copy, (struct copy_opts){0});
        files ? same_content(copy, again) : same_bytes(copy, again); /* RocksDB gives its files random ids */
        if (!l.opaque) {
            struct snapshot *other =
                copied(copy, (struct copy_opts){.form = all[i].form == COPY_HEAP ? COPY_CANONICAL : COPY_HEAP});
            same_content(s, other);
            snapshot_close(other);
        }
        snapshot_close(copy);
        snapshot_close(again);
    }
    free_lines(l);
    if (strstr(path, "canonical")) {
        struct snapshot *copy = copied(s, (struct copy_opts){0});
        same_bytes(s, copy);
        snapshot_close(copy);
    }
    snapshot_close(s);
}

static void goldens(void **state)
{
    (void)state;
    DIR *d = opendir(GOLDEN);
    unsigned n = 0;
    assert_non_null(d);
    for (struct dirent *de; (de = readdir(d));) {
        char path[400];
        snprintf(path, sizeof path, GOLDEN "%s/snapshot", de->d_name);
        struct stat st;
        if (de->d_name[0] == '.' || stat(path, &st))
            continue;
        check_golden(path);
        n++;
    }
    closedir(d);
    assert_true(n >= 7);
}

/* --- versions --- */

static void metadata_versions(void **state)
{
    (void)state;
    static const char *const names[] = {"1.20.5-hashmap-checkpoint-basic-changelog", "2.3.0-rocksdb-native-basic"};
    for (int i = 0; i < 2; i++)
        for (int32_t version = 3; version <= 6; version++) {
            struct snapshot *s = golden(names[i]), *copy = copied(s, (struct copy_opts){.version = version});
            assert_int_equal(copy->meta.version, version);
            assert_true(copy->meta.is_savepoint);
            assert_int_equal(copy->meta.n, s->meta.n);
            struct snapshot *back = copied(copy, (struct copy_opts){.version = s->meta.version});
            if (version >= 5 || s->meta.version < 5) /* names are lost before */
                same_content(s, back);
            snapshot_close(s);
            snapshot_close(copy);
            snapshot_close(back);
        }
}

/* CheckpointProperties are made as Flink makes them. */
static void properties(void **state)
{
    (void)state;
    struct snapshot *s = golden("1.20.5-hashmap-canonical-types"), *v3 = copied(s, (struct copy_opts){.version = 3});
    assert_int_equal(v3->meta.properties.n, 0);
    v3->meta.is_savepoint = true;
    v3->meta.type_name = s->meta.type_name;
    v3->meta.post_action = s->meta.post_action;
    struct snapshot *v4 = copied(v3, (struct copy_opts){.version = 4});
    assert_int_equal(v4->meta.properties.n, s->meta.properties.n);
    assert_memory_equal(v4->meta.properties.p, s->meta.properties.p, s->meta.properties.n);
    snapshot_close(s);
    snapshot_close(v3);
    snapshot_close(v4);
}

/* --- refusals --- */

static void refused(const struct snapshot *s, const char *to, struct copy_opts opts, enum err_kind kind, const char *text)
{
    struct err e = {0};
    assert_false(snapshot_copy(s, to, &opts, &e));
    assert_int_equal(e.kind, kind);
    if (!strstr(e.text, text))
        fail_msg("\"%s\" is not in: %s", text, e.text);
}

static unsigned entries_of(const char *path)
{
    unsigned n = 0;
    DIR *d = opendir(path);
    while (d && readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void refusals(void **state)
{
    (void)state;
    const struct copy_opts keep = {0};
    struct snapshot *s = golden("1.20.5-hashmap-canonical-types");
    unsigned before = entries_of(dir);
    refused(s, dir, keep, ERR_REFUSED, "is there already");
    refused(s, "tests/golden/README.md/x", keep, ERR_MISSING, "Not a directory");
    refused(s, "/nowhere/at/all", keep, ERR_IO, "/nowhere/at");
    refused(s, "s3://bucket/x", keep, ERR_UNSUPPORTED, "local directories only");
    refused(s, new_target(), (struct copy_opts){.version = 2}, ERR_UNSUPPORTED, "weir writes 3 to 6");
    refused(s, new_target(), (struct copy_opts){.version = 7}, ERR_UNSUPPORTED, "weir writes 3 to 6");
    refused(s, new_target(), (struct copy_opts){.version = 5}, ERR_UNSUPPORTED, "held by Kryo");
    s->opts.told = NULL;
    refused(s, new_target(), (struct copy_opts){.form = COPY_HEAP}, ERR_UNSUPPORTED, "where a list's element ends cannot be told");
    assert_int_equal(entries_of(dir), before);
    snapshot_close(s);
}

/* A file that may not grow is what a full disk is: an error, and nothing is left. */
static void full_disk(void **state)
{
    (void)state;
    struct snapshot *s = golden("2.3.0-rocksdb-native-basic");
    struct rlimit was, little;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    signal(SIGXFSZ, SIG_IGN);
    unsigned before = entries_of(dir), failed = 0;
    for (rlim_t limit = 0;; limit += 5003) {
        struct err e = {0};
        little = was;
        little.rlim_cur = limit;
        const struct copy_opts opts = {.form = limit % 2 ? COPY_HEAP : limit % 3 ? COPY_CANONICAL : COPY_DATABASE};
        setrlimit(RLIMIT_FSIZE, &little);
        bool ok = snapshot_copy(s, new_target(), &opts, &e);
        setrlimit(RLIMIT_FSIZE, &was);
        if (ok)
            break;
        assert_int_equal(e.kind, ERR_IO);
        assert_int_equal(err_exit(&e), WEIR_TROUBLE);
        assert_int_equal(entries_of(dir), before);
        failed++;
    }
    assert_true(failed > 3);
    struct snapshot *copy = opened(target);
    same_content(s, copy);
    snapshot_close(copy);
    snapshot_close(s);
}

/* --- classes that weir does not know --- */

/* The made snapshot with an unknown value class in subtask 1: canonical bytes are bounded, so they and the class survive. */
static void unknown_class(void **state)
{
    (void)state;
    struct made *d = made_new("com.example.Unknown$Snapshot");
    d->m->s.meta.version = 5;
    struct snapshot *copy = copied(&d->m->s, (struct copy_opts){0});
    same_bytes(&d->m->s, copy);
    struct snapshot *heap = copied(&d->m->s, (struct copy_opts){.form = COPY_HEAP});
    struct snapshot *again = copied(heap, (struct copy_opts){0});
    same_bytes(heap, again);
    refused(heap, new_target(), (struct copy_opts){.form = COPY_CANONICAL}, ERR_UNSUPPORTED, "cannot be framed");
    snapshot_close(heap);
    snapshot_close(again);
    snapshot_close(copy);
    made_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goldens),    cmocka_unit_test(metadata_versions),
                                       cmocka_unit_test(properties), cmocka_unit_test(refusals),
                                       cmocka_unit_test(full_disk),  cmocka_unit_test(unknown_class)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
