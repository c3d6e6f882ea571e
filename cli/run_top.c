#include "cli/run_top.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/out.h"
#include "cli/signals.h"
#include "tui/tui.h"

enum { KEPT_MAX = 1 << 20, TEXT_KEPT = 8 << 20 };

/* --- what would be printed --- */

static struct {
    pthread_mutex_t lock;
    struct buf lines;
    unsigned long long left_out;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

bool run_top_print(void *ctx, struct bytes lines, struct err *e)
{
    (void)ctx;
    (void)e;
    pthread_mutex_lock(&kept.lock);
    buf_put(&kept.lines, lines.p, lines.n);
    if (kept.lines.n > 2 * KEPT_MAX) {
        size_t n = kept.lines.n - KEPT_MAX;
        const uint8_t *end = memchr(kept.lines.p + n, '\n', KEPT_MAX);
        n = end ? (size_t)(end + 1 - kept.lines.p) : kept.lines.n;
        for (size_t i = 0; i < n; i++)
            kept.left_out += kept.lines.p[i] == '\n';
        memmove(kept.lines.p, kept.lines.p + n, kept.lines.n - n);
        kept.lines.n -= n;
    }
    pthread_mutex_unlock(&kept.lock);
    return true;
}

bool run_top_told(struct err *e)
{
    if (kept.left_out)
        fprintf(stderr, "weir: %llu rows before these went by while the console was open\n", kept.left_out);
    bool ok = out_write(&kept.lines, e);
    buf_free(&kept.lines);
    kept.left_out = 0;
    return ok;
}

/* --- the console --- */

bool run_top_may(struct err *e)
{
    return (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) || err_set(e, ERR_USAGE, "--top needs a terminal");
}

bool run_top_look(const char *url, const char *token, struct err *e)
{
    const struct live_target to = {.url = url, .bearer = token, .text_bytes = TEXT_KEPT, .no_history = true, .proxy = ""};
    struct tui_cluster cluster = {.name = url, .live = live_open(&to, e)};
    const struct tui_config c = {.view = "graph"};
    bool ok = cluster.live;
    if (ok) {
        signals_at_end(screen_rescue);
        ok = tui_run(&cluster, 1, &c, e);
        signals_at_end(NULL);
    }
    live_close(cluster.live);
    return ok;
}
