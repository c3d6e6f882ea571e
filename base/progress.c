#include "base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/human.h"
#include "base/term.h"

enum { FIRST_MS = 500, EVERY_MS = 100 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_start(struct progress *p, const char *what, uint64_t total, bool quiet)
{
    p->what = what;
    p->total = total;
    p->start_ms = now_ms();
    atomic_init(&p->done, 0);
    atomic_init(&p->drawn, false);
    atomic_init(&p->next_ms, quiet || !term_is(STDERR_FILENO) ? INT64_MAX : p->start_ms + FIRST_MS);
}

static void draw(struct progress *p, uint64_t done, int64_t now)
{
    char line[160];
    uint64_t rate = done * 1000 / (uint64_t)(now - p->start_ms + 1);
    int n = snprintf(line, sizeof line, "\r%s %s", p->what, human_bytes(done).s);
    if (p->total && p->total >= done)
        n += snprintf(line + n, sizeof line - (size_t)n, " of %s (%s)", human_bytes(p->total).s, human_share(done, p->total).s);
    n += snprintf(line + n, sizeof line - (size_t)n, ", %s/s", human_bytes(rate).s);
    if (p->total > done && rate)
        n += snprintf(line + n, sizeof line - (size_t)n, ", %s left", human_seconds((p->total - done) / rate + 1).s);
    fprintf(stderr, "%s\033[K", line);
    atomic_store(&p->drawn, true);
}

void progress_add(struct progress *p, uint64_t bytes)
{
    if (!p)
        return;
    uint64_t done = atomic_fetch_add_explicit(&p->done, bytes, memory_order_relaxed) + bytes;
    int64_t next = atomic_load_explicit(&p->next_ms, memory_order_relaxed);
    if (next == INT64_MAX)
        return;
    int64_t now = now_ms();
    if (now >= next && atomic_compare_exchange_strong(&p->next_ms, &next, now + EVERY_MS))
        draw(p, done, now);
}

void progress_end(struct progress *p)
{
    atomic_store(&p->next_ms, INT64_MAX);
    if (atomic_load(&p->drawn))
        fputs("\r\033[K", stderr);
}
