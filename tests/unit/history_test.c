/* The history of checkpoints: each once, whoever writes, whatever has become of the file. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "live/client.h"
#include "live/history.h"
#include "tests/support/rest_stub.h"

#define JOB "0123456789abcdef0123456789abcdef"
#define URL "http://flink.example:8081/a"

static char home[64], path[160];

static int begin(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/weir-history-XXXXXX");
    if (!mkdtemp(home))
        return 1;
    setenv("XDG_STATE_HOME", home, 1);
    snprintf(path, sizeof path, "%s/weir/flink.example_8081_a/" JOB ".zst", home);
    return 0;
}

static int end(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -r %s", home, home);
    return system(command);
}

/* Checkpoints from..to, the newest first, as Flink tells them. */
enum { ROOM = 64 };
static struct live_checkpoint some[ROOM];
static struct live_checkpoints told(int64_t from, int64_t to)
{
    struct live_checkpoints c;
    shape_clear(&shape_live_checkpoints, &c);
    c.history = some;
    for (int64_t id = to; id >= from; id--) {
        struct live_checkpoint *k = &some[c.n_history++];
        shape_clear(&shape_live_checkpoint, k);
        k->id = id;
        k->trigger_ms = 1700000000000 + id * 1000;
        k->status = id % 10 == 9 ? "FAILED" : "COMPLETED";
        k->failure_message = id % 10 == 9 ? "Checkpoint expired before completing.\n\tat x" : NULL;
        k->state_size = id * 100;
        k->duration_ms = id;
        k->external_path = "file:/tmp/x";
    }
    return c;
}

static void keep(struct history *h, int64_t from, int64_t to)
{
    struct live_checkpoints c = told(from, to);
    struct err e = {0};
    if (!history_keep(h, JOB, &c, &e))
        fail_msg("%s", e.text);
}

/* That just these are kept. */
static void has(const struct history *h, int64_t from, int64_t to)
{
    struct arena a = {0};
    uint32_t n;
    const struct live_checkpoint *k = history_read(h, JOB, 100000, &a, &n);
    assert_int_equal(n, to - from + 1);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(k[i].id, to - i);
        assert_int_equal(k[i].state_size, k[i].id * 100);
        assert_string_equal(k[i].status, k[i].id % 10 == 9 ? "FAILED" : "COMPLETED");
    }
    arena_free(&a);
}

static void each_once(void **state)
{
    (void)state;
    struct history *h = history_open(URL), *second = history_open(URL);
    struct stat st, again;
    has(h, 1, 0);
    keep(h, 1, 10);
    has(h, 1, 10);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    keep(h, 1, 10); /* nothing new */
    assert_int_equal(stat(path, &again), 0);
    assert_int_equal(st.st_size, again.st_size);
    keep(second, 5, 14); /* another console */
    keep(h, 6, 15);
    keep(second, 6, 15);
    has(second, 1, 15);
    /* one that runs is not kept; when it has ended it is, though a later one ended before */
    struct live_checkpoints c = told(16, 18);
    some[1].status = "IN_PROGRESS";
    assert_true(history_keep(h, JOB, &c, &(struct err){0}));
    keep(h, 16, 18);
    has(h, 1, 18);
    struct arena a = {0};
    uint32_t n;
    const struct live_checkpoint *k = history_read(h, JOB, 4, &a, &n);
    assert_int_equal(n, 4);
    assert_int_equal(k[0].id, 18);
    assert_null(k[0].external_path);
    arena_free(&a);
    a = (struct arena){0};
    /* a job that counts anew, as after a restart without its old number */
    c = told(1, 2);
    some[0].trigger_ms += 100000;
    some[1].trigger_ms += 100000;
    assert_true(history_keep(h, JOB, &c, &(struct err){0}));
    history_read(h, JOB, 100, &a, &n);
    assert_int_equal(n, 20);
    arena_free(&a);
    history_close(h);
    history_close(second);
}

static void put(const void *p, size_t n)
{
    FILE *f = fopen(path, "ab");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void damaged(void **state)
{
    (void)state;
    struct history *h = history_open(URL);
    struct stat st;
    keep(h, 1, 10);
    keep(h, 11, 20);
    assert_int_equal(stat(path, &st), 0);
    put("\0\0\0\0garbage", 11);
    has(h, 1, 20);
    keep(h, 21, 22); /* cuts it off */
    has(h, 1, 22);
    history_close(h);
    /* cut anywhere: what is whole is read, and what Flink still tells is written again */
    for (off_t k = st.st_size; k-- > 0;) {
        assert_int_equal(truncate(path, k), 0);
        h = history_open(URL);
        keep(h, 1, 20);
        has(h, 1, 20);
        history_close(h);
    }
    /* bytes that flip lose what is behind them, no more */
    for (off_t k = 0; k < st.st_size; k++) {
        int fd = open(path, O_RDWR);
        uint8_t byte;
        assert_int_equal(pread(fd, &byte, 1, k), 1);
        byte ^= 0x55;
        assert_int_equal(pwrite(fd, &byte, 1, k), 1);
        close(fd);
        h = history_open(URL);
        struct live_checkpoints c = told(1, 20);
        struct err e = {0};
        if (history_keep(h, JOB, &c, &e))
            has(h, 1, 20);
        else
            assert_non_null(strstr(e.text, "is not a history that this weir can write"));
        history_close(h);
        unlink(path);
        h = history_open(URL);
        keep(h, 1, 10);
        keep(h, 11, 20);
        history_close(h);
    }
}

static void what_is_not_ours(void **state)
{
    (void)state;
    struct history *h = history_open(URL);
    struct live_checkpoints c = told(1, 3);
    struct err e = {0};
    static const char *const bad[] = {
        "", "..", "../x", "a/b", ".x", "a b", "0123456789012345678901234567890123456789012345678901234567890123456789"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(history_keep(h, bad[i], &c, &e));
    assert_int_equal(access(home, F_OK), 0);
    char dir[160];
    snprintf(dir, sizeof dir, "%s/weir", home);
    assert_int_not_equal(access(dir, F_OK), 0); /* nothing was written */
    keep(h, 1, 1);
    unlink(path);
    put("not what weir has written", 25);
    assert_false(history_keep(h, JOB, &c, &e));
    assert_non_null(strstr(e.text, JOB ".zst: is not a history"));
    has(h, 1, 0);
    unlink(path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    e = (struct err){0};
    assert_false(history_keep(h, JOB, &c, &e));
    assert_int_equal(e.kind, ERR_IO);
    unlink(path);
    /* another weir is at it */
    snprintf(dir, sizeof dir, "%s/weir/flink.example_8081_a", home);
    int lock = open(dir, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    keep(h, 1, 3);
    has(h, 1, 0);
    close(lock);
    keep(h, 1, 3);
    has(h, 1, 3);
    history_close(h);
    setenv("XDG_STATE_HOME", "relative", 1);
    setenv("HOME", "", 1);
    assert_null(history_open(URL));
    setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
    h = history_open(URL);
    e = (struct err){0};
    assert_false(history_keep(h, JOB, &c, &e));
    assert_int_equal(e.kind, ERR_IO);
    history_close(h);
}

static void stays_small(void **state)
{
    (void)state;
    struct history *h = history_open(URL);
    struct stat st;
    off_t most = 0;
    for (int64_t id = 1; id <= 2100; id++) {
        keep(h, id > 9 ? id - 9 : 1, id);
        assert_int_equal(stat(path, &st), 0);
        most = st.st_size > most ? st.st_size : most;
    }
    assert_true(st.st_size < most / 3); /* written anew as few frames */
    has(h, 1, 2100);
    history_close(h);
    /* and not too many files */
    char file[192];
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    for (int i = 0; i < 499; i++) {
        snprintf(file, sizeof file, "%.*s%d.zst", (int)(strrchr(path, '/') + 1 - path), path, i);
        int fd = open(file, O_WRONLY | O_CREAT, 0600);
        if (i == 7)
            futimens(fd, old);
        close(fd);
    }
    h = history_open(URL);
    struct live_checkpoints c = told(1, 2);
    assert_true(history_keep(h, "one-more", &c, &(struct err){0}));
    snprintf(file, sizeof file, "%.*s7.zst", (int)(strrchr(path, '/') + 1 - path), path);
    assert_int_not_equal(access(file, F_OK), 0);
    assert_int_equal(access(path, F_OK), 0);
    history_close(h);
}

static void kept_by_the_client(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start("tests/rest/2.3.tsv", STUB_PLAYS);
    struct err e = {0};
    struct live *l = live_open(&(struct live_target){.url = rest_stub_url(s), .proxy = ""}, &e);
    const struct live_ask ask = {.route = LIVE_CHECKPOINTS, .job = "baa3b552ec8afe79b9bf27f269412e3e"};
    assert_null(live_history(l));
    live_keep_history(l);
    const struct live_checkpoints *c = live_get(l, &ask, &e);
    struct arena a = {0};
    uint32_t n, ended = 0;
    for (uint32_t i = 0; i < c->n_history; i++)
        ended += strcmp(c->history[i].status, "IN_PROGRESS") != 0;
    history_read(live_history(l), ask.job, 100, &a, &n);
    assert_true(n == ended && n >= 9);
    arena_free(&a);
    live_close(l);
    rest_stub_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_once, begin, end),          cmocka_unit_test_setup_teardown(damaged, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_ours, begin, end),   cmocka_unit_test_setup_teardown(stays_small, begin, end),
        cmocka_unit_test_setup_teardown(kept_by_the_client, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
