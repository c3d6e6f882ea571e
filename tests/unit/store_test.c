#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "savepoint/store.h"

static char dir[] = "/tmp/weir-store-XXXXXX";

static char *put(struct arena *a, const char *name, const void *p, size_t n)
{
    char *path = arena_printf(a, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return path;
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static void opens_and_reads(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e = {0};
    struct store_file f;
    char *path = put(&a, "file", "0123456789", 10);
    assert_true(store_open(&f, path, &e));
    assert_int_equal(f.size, 10);
    assert_memory_equal(f.map, "0123456789", 10);
    char to[4];
    assert_true(store_read(&f, 6, to, 4, &e));
    assert_memory_equal(to, "6789", 4);
    assert_true(store_read(&f, 10, to, 0, &e));
    assert_false(store_read(&f, 7, to, 4, &e));
    assert_int_equal(e.kind, ERR_CORRUPT);
    e = (struct err){0};
    assert_false(store_read(&f, UINT64_MAX, to, 2, &e));
    store_close(&f);
    store_close(&f);

    e = (struct err){0};
    assert_true(store_open(&f, arena_printf(&a, "file://%s", path), &e));
    assert_string_equal(f.location, path);
    assert_true(f.ops->read(&f, 3, to, 4, &e)); /* where nothing could be mapped */
    assert_memory_equal(to, "3456", 4);
    store_close(&f);

    assert_true(store_open(&f, put(&a, "empty", "", 0), &e));
    assert_int_equal(f.size, 0);
    assert_null(f.map);
    store_close(&f);
    arena_free(&a);
}

static void expect_no(const char *location, enum err_kind kind, const char *part)
{
    struct err e = {0};
    struct store_file f;
    assert_false(store_open(&f, location, &e));
    assert_int_equal(e.kind, kind);
    assert_non_null(strstr(e.text, part));
    assert_non_null(strstr(e.text, location));
    store_close(&f);
}

static void says_no(void **state)
{
    (void)state;
    struct arena a = {0};
    char *file = put(&a, "plain", "x", 1);
    expect_no(arena_printf(&a, "%s/none", dir), ERR_MISSING, "no such file");
    expect_no(arena_printf(&a, "%s/none", file), ERR_MISSING, "no such file");
    expect_no(dir, ERR_MISSING, "is a directory");
    expect_no("/dev/null", ERR_UNSUPPORTED, "not a regular file");
    char *fifo = arena_printf(&a, "%s/fifo", dir);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_no(fifo, ERR_UNSUPPORTED, "not a regular file");
    unlink(fifo);
    expect_no("hdfs://nn:8020/sp/_metadata", ERR_UNSUPPORTED, "hdfs dfs -get");
    expect_no("GS://bucket/sp/_metadata", ERR_UNSUPPORTED, "not supported");
    expect_no("what+ever://x", ERR_UNSUPPORTED, "what+ever://");
    expect_no("file://host/x", ERR_UNSUPPORTED, "names a host");
    expect_no("none:1/x", ERR_MISSING, "no such file");
    arena_free(&a);
}

static void lists(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e = {0};
    const char **names;
    uint32_t n;
    char *sub = arena_printf(&a, "%s/sub", dir);
    assert_int_equal(mkdir(sub, 0700), 0);
    assert_true(store_list(sub, &a, &names, &n, &e));
    assert_int_equal(n, 0);
    put(&a, "sub/b", "", 0);
    put(&a, "sub/a", "", 0);
    mkdir(arena_printf(&a, "%s/c", sub), 0700);
    assert_int_equal(symlink("c", arena_printf(&a, "%s/d", sub)), 0);
    assert_int_equal(symlink("nowhere", arena_printf(&a, "%s/e", sub)), 0);
    assert_true(store_list(arena_printf(&a, "file:%s", sub), &a, &names, &n, &e));
    const char *want[] = {"a", "b", "c/", "d/", "e"};
    assert_int_equal(n, 5);
    for (uint32_t i = 0; i < n; i++)
        assert_string_equal(names[i], want[i]);
    assert_false(store_list(arena_printf(&a, "%s/none", dir), &a, &names, &n, &e));
    assert_int_equal(e.kind, ERR_MISSING);
    e = (struct err){0};
    assert_false(store_list("hdfs://nn/sp", &a, &names, &n, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    arena_free(&a);
}

static void joins(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *want;
    } t[] = {
        {"/a", "b", "/a/b"},
        {"/a/", "b/c", "/a/b/c"},
        {"/", "b", "/b"},
        {"", "b", "b"},
        {".", "b", "./b"},
        {"a//", "b", "a/b"},
        {"/a", "/b", "/b"},
        {"/a", "s3://k/b", "s3://k/b"},
        {"s3://k", "b", "s3://k/b"},
        {"s3://k/", "b", "s3://k/b"},
        {"s3://k/x/", "b", "s3://k/x/b"},
        {"file:///a", "b", "/a/b"},
        {"/a", "file:/b", "/b"},
        {"/a", "b:c", "/a/b:c"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        assert_string_equal(store_join(&a, t[i].dir, t[i].name), t[i].want);
    arena_free(&a);
}

static void splits(void **state)
{
    (void)state;
    static const struct {
        const char *location, *dir, *base;
    } t[] = {
        {"/a/b", "/a", "b"},
        {"/a", "/", "a"},
        {"a", ".", "a"},
        {"a/b/c", "a/b", "c"},
        {"/a//b", "/a", "b"},
        {"/a/b/", "/a", "b/"},
        {"s3://k/a/b", "s3://k/a", "b"},
        {"s3://k/a", "s3://k", "a"},
        {"s3://k", "s3://k", ""},
        {"s3://k/", "s3://k", ""},
        {"/", "/", ""},
        {"", ".", ""},
        {"file:///a/b", "/a", "b"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        assert_string_equal(store_dir(&a, t[i].location), t[i].dir);
        assert_string_equal(store_base(t[i].location), t[i].base);
    }
    arena_free(&a);
}

static void normalizes(void **state)
{
    (void)state;
    static const struct {
        const char *location, *want;
        bool local;
    } t[] = {
        {"file:/x", "/x", true},
        {"file:///x%20y", "/x%20y", true},
        {"FILE:/x", "/x", true},
        {"file://localhost/x", "/x", true},
        {"/x", "/x", true},
        {"x:y", "x:y", true},
        {"s3://b/k", "s3://b/k", false},
        {"file://host/x", "file://host/x", false},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        assert_string_equal(store_normal(&a, t[i].location), t[i].want);
        assert_int_equal(store_is_local(t[i].location), t[i].local);
    }
    arena_free(&a);
}

static void a_shrinking_file_ends_with_a_line(void **state)
{
    (void)state;
    struct arena a = {0};
    static uint8_t big[1 << 20];
    char *path = put(&a, "shrinks", big, sizeof big);
    int out[2];
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    if (!pid) {
        struct err e = {0};
        struct store_file f;
        dup2(out[1], STDERR_FILENO);
        store_guard_sigbus();
        if (!store_open(&f, path, &e) || truncate(path, 4096) < 0)
            _exit(99);
        volatile uint8_t touch = f.map[sizeof big - 1];
        _exit(100 + touch);
    }
    close(out[1]);
    char said[400] = "";
    size_t n = 0;
    for (ssize_t k; (k = read(out[0], said + n, sizeof said - 1 - n)) > 0;)
        n += (size_t)k;
    said[n] = 0;
    close(out[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_string_equal(said, arena_printf(&a, "weir: %s changed while it was read\n", path));
    assert_int_equal(WEXITSTATUS(status), WEIR_REFUSED);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_reads),
        cmocka_unit_test(says_no),
        cmocka_unit_test(lists),
        cmocka_unit_test(joins),
        cmocka_unit_test(splits),
        cmocka_unit_test(normalizes),
        cmocka_unit_test(a_shrinking_file_ends_with_a_line),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
