/* Recordings: what is played is what was answered, whatever has become of the file. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/zstd_stream.h"
#include "live/client.h"
#include "live/record.h"
#include "live/record_format.h"
#include "tests/support/rest_stub.h"

#define RECORDED "tests/rest/2.3.tsv"
#define HEALTHY "baa3b552ec8afe79b9bf27f269412e3e"

static char dir[] = "/tmp/weir-record-XXXXXX";
static char file[64], other[64];

static int begin(void **state)
{
    (void)state;
    static unsigned n;
    if (!n && !mkdtemp(dir))
        return 1;
    snprintf(file, sizeof file, "%s/%u", dir, ++n);
    snprintf(other, sizeof other, "%s/%u.other", dir, n);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command);
}

static struct live *open_at(const char *url)
{
    struct err e = {0};
    struct live *l = live_open(&(struct live_target){.url = url, .proxy = "", .timeout_ms = 3000}, &e);
    assert_non_null(l);
    return l;
}

static struct live *replay(const char *path)
{
    struct err e = {0};
    struct live *l = live_replay(path, &e);
    if (!l)
        fail_msg("%s", e.text);
    return l;
}

static void pause_ms(int ms) { usleep((useconds_t)ms * 1000); }

static const struct live_ask asks[] = {
    {.route = LIVE_CONFIG},
    {.route = LIVE_OVERVIEW},
    {.route = LIVE_JOBS},
    {.route = LIVE_TASKMANAGERS},
    {.route = LIVE_JOB, .job = HEALTHY},
    {.route = LIVE_CHECKPOINTS, .job = HEALTHY},
    {.route = LIVE_CHECKPOINT_CONFIG, .job = HEALTHY},
    {.route = LIVE_JOB_EXCEPTIONS, .job = HEALTHY},
    {.route = LIVE_JOB, .job = "no-such-job"},
};
enum { ASKS = sizeof asks / sizeof *asks };

static void as_json(const struct live_answer *a, struct buf *to)
{
    struct jsonw w = {.out = to};
    to->n = 0;
    if (a->data)
        shape_write(routes[a->ask.route].shape, a->data, &w, false);
}

static void record_once(const char *path, uint64_t limit)
{
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s));
    const struct live_answer *answers[ASKS];
    struct err e = {0};
    assert_true(live_record(l, path, limit, &e));
    assert_true(live_fetch(l, asks, ASKS, answers, &e));
    live_record_end(l, &e);
    assert_int_equal(e.kind, ERR_NONE);
    live_close(l);
    rest_stub_stop(s);
}

static void the_same_is_answered(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s));
    const struct live_answer *was[ASKS], *is[ASKS];
    struct err e = {0};
    struct buf a = {0}, b = {0};
    struct live_playing p;
    int64_t from = clock_wall_ms();
    assert_true(live_record(l, file, 0, &e));
    assert_true(live_fetch(l, asks, ASKS, was, &e));
    assert_true(live_record_end(l, &e));
    assert_false(live_playing(l, &p));
    unsigned requests = rest_stub_requests(s);
    struct live *r = replay(file);
    assert_string_equal(live_url(r), rest_stub_url(s));
    assert_true(live_playing(r, &p) && !p.cut && !p.speed && p.at_ms == p.to_ms && p.from_ms >= from);
    assert_true(live_fetch(r, asks, ASKS, is, &e));
    for (int i = 0; i < ASKS; i++) {
        assert_int_equal(was[i]->state, is[i]->state);
        assert_string_equal(was[i]->err.text, is[i]->err.text);
        assert_true(llabs(was[i]->came_ms - is[i]->came_ms) < 1000);
        as_json(was[i], &a);
        as_json(is[i], &b);
        assert_string_equal(buf_cstr(&a), buf_cstr(&b));
    }
    /* what was not asked, and what would change something */
    assert_null(live_get(r, &(struct live_ask){.route = LIVE_JARS}, &e));
    assert_non_null(strstr(e.text, "the recording has no answer to /jars"));
    e = (struct err){0};
    assert_null(live_send(r, &(struct live_ask){.route = LIVE_DO_CANCEL, .job = HEALTHY}, NULL, &e));
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_true(live_start(r, &(struct err){0}));
    struct live_ask act = {.route = LIVE_DO_CANCEL, .job = HEALTHY};
    struct live_ticket ticket = live_act(r, &act, NULL);
    act.query = ticket.query;
    const struct live_snapshot *shot = live_take(r);
    const struct live_answer *refused = live_find(shot, &act);
    assert_int_equal(refused->err.kind, ERR_REFUSED);
    live_release(shot);
    assert_int_equal(rest_stub_requests(s), requests);
    buf_free(&a);
    buf_free(&b);
    live_close(r);
    live_close(l);
    rest_stub_stop(s);
}

/* The next snapshot, or the same when nothing is new. */
static const struct live_snapshot *wait_for(struct live *l, int ms)
{
    struct pollfd fd = {.fd = live_fd(l), .events = POLLIN};
    poll(&fd, 1, ms);
    return live_take(l);
}

static void time_goes_on_and_back(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s));
    const struct live_ask jobs = {.route = LIVE_JOBS}, overview = {.route = LIVE_OVERVIEW};
    const struct live_answer *a;
    struct err e = {0};
    assert_true(live_record(l, file, 0, &e));
    assert_true(live_fetch(l, &overview, 1, &a, &e));
    pause_ms(600);
    assert_true(live_fetch(l, &jobs, 1, &a, &e));
    pause_ms(600);
    rest_stub_behave(s, STUB_LOCKED);
    assert_false(live_fetch(l, &overview, 1, &a, &e));
    e = (struct err){0};
    pause_ms(600);
    rest_stub_behave(s, STUB_PLAYS);
    assert_true(live_fetch(l, &overview, 1, &a, &e));
    assert_true(live_record_end(l, &e));
    live_close(l);
    rest_stub_stop(s);

    l = replay(file);
    struct live_playing p;
    live_playing(l, &p);
    assert_true(p.to_ms - p.from_ms >= 1790 && p.to_ms - p.from_ms < 30000);
    live_play(l, 0, 1); /* from the beginning */
    assert_true(live_start(l, &e));
    live_want(l, (struct live_want[]){{.ask = jobs}, {.ask = overview}}, 2);
    const struct live_snapshot *one = wait_for(l, 30000);
    assert_non_null(live_data(one, &overview));
    assert_null(live_data(one, &jobs));
    assert_non_null(strstr(live_find(one, &jobs)->err.text, "before this time"));
    assert_int_equal(one->link.state, LIVE_LINK_UP);
    const struct live_snapshot *two = wait_for(l, 30000);
    assert_true(two->number > one->number);
    assert_non_null(live_data(two, &jobs));
    assert_true(live_now(l) - p.from_ms >= 590 && live_now(l) < p.to_ms);
    /* where it was lost, the data stays, of its own time */
    live_play(l, p.to_ms - 100, 0);
    const struct live_snapshot *three = wait_for(l, 100);
    assert_int_equal(three->link.state, LIVE_LINK_LOST);
    assert_non_null(strstr(three->link.err.text, "credentials"));
    assert_true(three->link.since_ms > p.from_ms && three->link.since_ms < p.to_ms);
    const struct live_answer *kept = live_find(three, &overview);
    assert_true(kept->data && kept->state == LIVE_FAILED && kept->came_ms == p.from_ms);
    assert_int_equal(live_now(l), p.to_ms - 100);
    /* standing still, nothing is new */
    const struct live_snapshot *same = live_take(l);
    assert_ptr_equal(same, three);
    live_play(l, INT64_MAX, 8);
    const struct live_snapshot *four = wait_for(l, 100);
    assert_int_equal(four->link.state, LIVE_LINK_UP);
    assert_int_equal(live_find(four, &overview)->came_ms, p.to_ms);
    /* and back: nothing of what is later shows */
    live_play(l, p.from_ms, 0);
    const struct live_snapshot *five = wait_for(l, 100);
    assert_null(live_data(five, &jobs));
    assert_int_equal(live_find(five, &overview)->came_ms, p.from_ms);
    /* faster */
    live_play(l, p.from_ms, 1000);
    pause_ms(20);
    assert_int_equal(live_now(l), p.to_ms);
    live_release(one);
    live_release(two);
    live_release(three);
    live_release(same);
    live_release(four);
    live_release(five);
    live_close(l);
}

static size_t read_file(const char *path, uint8_t *to, size_t max)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(to, 1, max, f);
    fclose(f);
    return n;
}

static void write_file(const char *path, const uint8_t *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* All answers of a file, or its error. */
static uint32_t look_through(const char *path, struct err *e)
{
    struct recording *r = recording_open(path, e);
    uint32_t n = r ? r->n : 0;
    for (uint32_t i = 0; i < n; i++) {
        struct http_exchange x;
        struct err changed = {0};
        assert_true(recording_get(r, &r->list[i], &x, &changed));
    }
    recording_close(r);
    return n;
}

static void a_killed_recorder_leaves_a_recording(void **state)
{
    (void)state;
    struct rest_stub *s = rest_stub_start(RECORDED, STUB_PLAYS);
    struct live *l = open_at(rest_stub_url(s));
    const struct live_answer *answers[ASKS];
    struct err e = {0};
    struct live_playing p;
    assert_true(live_record(l, file, 0, &e));
    live_fetch(l, asks, ASKS, answers, &e);
    pause_ms(1100);
    live_fetch(l, asks, 2, answers, &e); /* flushes what was before */
    char command[160];
    snprintf(command, sizeof command, "cp %s %s", file, other); /* as it is now */
    assert_int_equal(system(command), 0);
    struct live *r = replay(other);
    assert_true(live_playing(r, &p) && p.cut);
    assert_true(live_fetch(r, asks, ASKS, answers, &e));
    for (int i = 0; i < ASKS - 1; i++)
        assert_non_null(answers[i]->data);
    live_close(r);
    live_close(l);
    rest_stub_stop(s);
    assert_true(look_through(file, &e) >= ASKS + 2);
}

static void cut_and_damaged(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20], broken[1 << 20];
    record_once(file, 0);
    size_t n = read_file(file, bytes, sizeof bytes);
    struct err e = {0};
    uint32_t all = look_through(file, &e), most = 0;
    assert_int_equal(all, ASKS);
    for (size_t k = 0; k < n; k += k < 300 || n - k < 300 ? 1 : 97) {
        write_file(other, bytes, k);
        e = (struct err){0};
        uint32_t some = look_through(other, &e);
        assert_true(some <= all && some >= most);
        assert_true(some || e.kind == ERR_CORRUPT);
        most = some;
    }
    for (size_t k = 0; k < n; k += 1 + k / 50) {
        memcpy(broken, bytes, n);
        broken[k] ^= 0x41;
        write_file(other, broken, n);
        e = (struct err){0};
        uint32_t some = look_through(other, &e);
        assert_true(some <= all);
        if (!some && (!e.kind || !strstr(e.text, other)))
            fail_msg("byte %zu: %s", k, e.text);
    }
}

/* A file of frames with these texts, each `times` times. */
static void make(const char *path, const char *const *texts, size_t times, bool title)
{
    struct err e = {0};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    struct zstd_writer *w = zstd_writer_new(fd, &e);
    static const char first[] = "{\"weir\":\"recording\",\"formatVersion\":1,\"madeBy\":\"x\",\"url\":\"http://h\"}\n";
    if (title)
        assert_true(zstd_write(w, first, strlen(first), &e) && zstd_flush(w, true, &e));
    for (; *texts; texts++) {
        for (size_t i = 0; i < times; i++)
            assert_true(zstd_write(w, *texts, strlen(*texts), &e));
        assert_true(zstd_flush(w, true, &e));
    }
    zstd_writer_free(w);
    close(fd);
}

static void hostile(void **state)
{
    (void)state;
    static char zeros[1 << 20];
    memset(zeros, ' ', sizeof zeros - 1);
#define GOOD "{\"atMs\":1,\"tookMs\":1,\"method\":\"GET\",\"path\":\"/config\",\"status\":200,\"bytes\":2}\n{}\n"
    static const struct {
        const char *text;
        size_t times;
        const char *says; /* NULL: it is fine */
        bool untitled;
    } cases[] = {
        {GOOD, 1, NULL, false},
        {GOOD, 1, "no recording of weir", true},
        {"{\"weir\":\"recording\",\"formatVersion\":9,\"madeBy\":\"weir 7\"}\n", 1, "version 9, made by weir 7", true},
        {"{\"weir\":\"checkpoints\"}\n", 1, "no recording of weir", true},
        {zeros, 80, "unpacks to more than weir writes at once", false},
        {zeros, 1, "ends within a record", false},
        {"nonsense\n", 1, "no record of a recording", false},
        {"[]\n", 1, "no record of a recording", false},
        {GOOD "x\n", 1, "unpacked 80: this is no record", false},
        {"{\"atMs\":1,\"method\":\"GET\",\"path\":\"/config\",\"status\":200,\"bytes\":3}\n{}\n", 1, "ends within a record", false},
        {"{\"atMs\":1,\"method\":\"GET\",\"path\":\"/config\",\"status\":200,\"bytes\":1}\n{}\n", 1, "not as long as", false},
        {"{\"atMs\":1,\"method\":\"GET\",\"path\":\"/config\",\"status\":200,\"bytes\":9223372036854775807}\n{}\n", 1,
         "larger than", false},
        {"{\"atMs\":-1,\"method\":\"GET\",\"path\":\"/config\",\"status\":200,\"bytes\":2}\n{}\n", 1, "no record", false},
        {"{\"atMs\":9223372036854775807,\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"bytes\":2}\n{}\n", 1, "no record",
         false},
        {"{\"atMs\":1,\"method\":\"GET\",\"path\":\"/config\",\"status\":-7,\"bytes\":2}\n{}\n", 1, "no record", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        make(file, (const char *const[]){cases[i].text, NULL}, cases[i].times, !cases[i].untitled);
        bool fine = look_through(file, &e) > 0;
        if (fine != !cases[i].says || (cases[i].says && (!strstr(e.text, cases[i].says) || err_exit(&e) != WEIR_TROUBLE)))
            fail_msg("%zu: %s", i, e.text);
    }
    /* many frames that each hold as much as is allowed */
    const char *bombs[8] = {0};
    struct buf bomb = {0};
    buf_puts(&bomb, "{\"atMs\":1,\"method\":\"GET\",\"path\":\"/config\",\"status\":200,\"bytes\":50000000}\n");
    buf_reserve(&bomb, 50000002);
    memset(bomb.p + bomb.n, ' ', 50000000);
    bomb.n += 50000000;
    buf_puts(&bomb, "\n");
    for (int i = 0; i < 7; i++)
        bombs[i] = buf_cstr(&bomb);
    make(file, bombs, 1, true);
    struct err e = {0};
    assert_int_equal(look_through(file, &e), 0);
    assert_non_null(strstr(e.text, "more than 1000 times its size"));
    buf_free(&bomb);
    e = (struct err){0};
    assert_int_equal(look_through(dir, &e), 0);
    assert_non_null(strstr(e.text, "plain file"));
    e = (struct err){0};
    assert_int_equal(look_through("/tmp/weir-is-not-there", &e), 0);
    assert_int_equal(e.kind, ERR_MISSING);
}

static void bounds(void **state)
{
    (void)state;
    struct err e = {0};
    record_once(file, 0);
    assert_null(recorder_open(file, "http://h", 0, &e)); /* nothing is written over */
    assert_int_equal(e.kind, ERR_REFUSED);
    e = (struct err){0};
    assert_null(recorder_open("/nowhere/at/all", "http://h", 0, &e));
    assert_int_equal(e.kind, ERR_IO);
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    /* it ends when it is full, and can be read */
    e = (struct err){0};
    struct recorder *r = recorder_open(other, "http://h", 2000, &e);
    struct http_exchange x = {.path = "/config", .status = 200};
    uint32_t put = 0;
    for (bool on = true; on; put++) {
        x.answer.n = 0;
        for (int i = 0; i < 40000; i++)
            buf_putc(&x.answer, (uint8_t)(random() & 0x3f));
        on = recorder_put(r, &x, &e);
        assert_true(put < 100);
    }
    assert_int_equal(e.kind, ERR_LIMIT);
    assert_non_null(strstr(e.text, "has its 2.0 KiB"));
    e = (struct err){0};
    assert_true(recorder_close(r, &e));
    assert_int_equal(look_through(other, &e), put);
    buf_free(&x.answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_same_is_answered, begin),
        cmocka_unit_test_setup(time_goes_on_and_back, begin),
        cmocka_unit_test_setup(a_killed_recorder_leaves_a_recording, begin),
        cmocka_unit_test_setup(cut_and_damaged, begin),
        cmocka_unit_test_setup(hostile, begin),
        cmocka_unit_test_setup(bounds, begin),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
