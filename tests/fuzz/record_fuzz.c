/* Recordings. The first byte tells what the rest is: 0 the file's bytes, 1 the text of a frame behind a good first one. All answers are
 * looked at, and played from the end to the beginning. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/zstd_stream.h"
#include "live/live.h"
#include "live/record.h"
#include "tests/fuzz/fuzz.h"

static void play(const char *path)
{
    static const struct live_ask asks[] = {{.route = LIVE_CONFIG},
                                           {.route = LIVE_OVERVIEW},
                                           {.route = LIVE_JOBS},
                                           {.route = LIVE_JOB, .job = "a"},
                                           {.route = LIVE_CHECKPOINTS, .job = "a"},
                                           {.route = LIVE_DO_CANCEL, .job = "a"}};
    enum { ASKS = sizeof asks / sizeof *asks };
    struct err e = {0};
    struct live *l = live_replay(path, &e);
    if (!l)
        return;
    struct live_playing p;
    const struct live_answer *answers[ASKS];
    live_playing(l, &p);
    if (!live_start(l, &e))
        __builtin_trap();
    struct live_want wants[ASKS];
    for (int i = 0; i < ASKS; i++)
        wants[i] = (struct live_want){.ask = asks[i]};
    live_want(l, wants, ASKS);
    for (int i = 4; i >= 0; i--) {
        live_play(l, p.from_ms + (p.to_ms - p.from_ms) / 4 * i, 0);
        const struct live_snapshot *s = live_take(l);
        if (s->n_answers != ASKS - 1 || !live_fetch(l, asks, ASKS, answers, &e))
            __builtin_trap();
        for (int k = 0; k < ASKS; k++)
            if (answers[k]->data && answers[k]->came_ms > live_now(l))
                __builtin_trap();
        live_release(s);
        live_forget(l);
    }
    live_close(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char title[] = "{\"weir\":\"recording\",\"formatVersion\":1,\"madeBy\":\"x\",\"url\":\"http://h\"}\n";
    if (!size || data[0] > 1)
        return 0;
    struct err e = {0};
    int fd = memfd_create("recording", MFD_CLOEXEC);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (data[0] == 0 && write(fd, data + 1, size - 1) != (ssize_t)size - 1)
        __builtin_trap();
    if (data[0] == 1 && (!zstd_write_frame(fd, title, strlen(title), &e) || !zstd_write_frame(fd, data + 1, size - 1, &e)))
        __builtin_trap();
    struct recording *r = recording_open(path, &e);
    for (uint32_t i = 0; r && i < r->n; i++) {
        struct http_exchange x;
        if ((i && r->list[i].at_ms < r->list[i - 1].at_ms) || !recording_get(r, &r->list[i], &x, &e))
            __builtin_trap();
    }
    if (r ? !r->n : !e.kind)
        __builtin_trap();
    recording_close(r);
    play(path);
    close(fd);
    return 0;
}
