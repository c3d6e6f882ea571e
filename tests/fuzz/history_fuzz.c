/* A job's history on disk. The first byte tells what the rest is: 0 the file's bytes, 1 the text of a frame behind a good first one. It
 * is read, a checkpoint more is kept, and read again. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zstd_stream.h"
#include "live/history.h"
#include "live/shape.h"
#include "tests/fuzz/fuzz.h"

static char dir[64], path[128];

static void clean(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", dir);
    if (system(command) != 0)
        fprintf(stderr, "%s stays\n", dir);
}

static struct history *open_history(void)
{
    if (!*dir) {
        snprintf(dir, sizeof dir, "%s/weir-history-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(dir))
            abort();
        setenv("XDG_STATE_HOME", dir, 1);
        atexit(clean);
        snprintf(path, sizeof path, "%s/weir", dir);
        mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/weir/h", dir);
        mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/weir/h/a.zst", dir);
    }
    return history_open("http://h");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char title[] = "{\"weir\":\"checkpoints\",\"formatVersion\":1,\"url\":\"http://h\",\"job\":\"a\"}\n";
    if (!size || data[0] > 1)
        return 0;
    struct history *h = open_history();
    struct err e = {0};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (data[0] == 0 && write(fd, data + 1, size - 1) != (ssize_t)size - 1)
        __builtin_trap();
    if (data[0] == 1 && (!zstd_write_frame(fd, title, strlen(title), &e) || !zstd_write_frame(fd, data + 1, size - 1, &e)))
        __builtin_trap();
    close(fd);
    struct arena a = {0};
    uint32_t n, more;
    const struct live_checkpoint *k = history_read(h, "a", 1000, &a, &n);
    for (uint32_t i = 1; i < n; i++)
        if (k[i].trigger_ms > k[i - 1].trigger_ms || (k[i].trigger_ms == k[i - 1].trigger_ms && k[i].id >= k[i - 1].id))
            __builtin_trap();
    /* one that is newer than all */
    struct live_checkpoint one;
    struct live_checkpoints c;
    shape_clear(&shape_live_checkpoint, &one);
    shape_clear(&shape_live_checkpoints, &c);
    one.status = "COMPLETED";
    one.id = 7;
    one.trigger_ms = n && k[0].trigger_ms < INT64_MAX ? k[0].trigger_ms + 1 : 1700000000000;
    c.history = &one;
    c.n_history = 1;
    if (history_keep(h, "a", &c, &e)) {
        k = history_read(h, "a", 1000, &a, &more);
        if (more < n || (n && n < 1000 && k[0].trigger_ms != one.trigger_ms && one.trigger_ms != 1700000000000))
            __builtin_trap();
    }
    arena_free(&a);
    history_close(h);
    return 0;
}
