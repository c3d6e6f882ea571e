/* The first line of a thread is, by Flink's ThreadDumpInfo.stringifyThreadInfo (1.13 on):
 *   "NAME" Id=N STATE on LOCK owned by "OTHER" Id=M (suspended) (in native) */
#include "tui/threads.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 4096, FRAME_MAX = 300, OWNERS_MAX = 64 };

const char *const thread_state_words[] = {"deadlock", "blocked", "running", "waiting", "sleeping", "other"};

/* What the first line tells. */
struct head {
    int64_t id, owner; /* LIVE_ABSENT: not told */
    enum thread_state state;
    struct bytes lock, owner_name;
};

static struct bytes until(const char *p, const char *end, const char *stop)
{
    size_t n = (size_t)(end - p), k = strlen(stop);
    const char *at = memmem(p, n, stop, k);
    return (struct bytes){(const uint8_t *)p, at ? (size_t)(at - p) : n};
}

static enum thread_state state_of(const char *p, size_t n)
{
    static const struct {
        const char *word;
        enum thread_state state;
    } words[] = {{"BLOCKED", THREAD_BLOCKED},
                 {"RUNNABLE", THREAD_RUNNABLE},
                 {"WAITING", THREAD_WAITING},
                 {"TIMED_WAITING", THREAD_TIMED_WAITING}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == n && !memcmp(words[i].word, p, n))
            return words[i].state;
    return THREAD_OTHER;
}

static struct head head_of(const struct live_thread *t)
{
    struct head h = {.id = LIVE_ABSENT, .owner = LIVE_ABSENT, .state = THREAD_OTHER};
    const char *s = live_text_or(t->stack, ""), *end = s + strcspn(s, "\n");
    size_t name = strlen(live_text_or(t->name, ""));
    const char *p = (size_t)(end - s) > name + 1 ? memmem(s + name + 1, (size_t)(end - s) - name - 1, "\" Id=", 5) : NULL;
    if (!p)
        return h;
    char *after;
    h.id = (int64_t)(strtoull(p + 5, &after, 10) % INT32_MAX);
    if (after >= end || *after != ' ')
        return h;
    p = after + 1;
    size_t word = strcspn(p, " \n");
    h.state = state_of(p, word);
    p += word;
    if (end - p > 4 && !memcmp(p, " on ", 4)) {
        h.lock = until(p + 4, end, " owned by ");
        const char *owner = memmem(p, (size_t)(end - p), " owned by \"", 11);
        const char *id = owner ? memmem(owner, (size_t)(end - owner), "\" Id=", 5) : NULL;
        if (id) {
            h.owner_name = (struct bytes){(const uint8_t *)owner + 11, (size_t)(id - owner - 11)};
            h.owner = (int64_t)(strtoull(id + 5, NULL, 10) % INT32_MAX);
        }
    }
    return h;
}

/* --- deadlocks --- */

struct by_id {
    int64_t id;
    uint32_t at;
};
static int compare_ids(const void *a, const void *b)
{
    int64_t x = ((const struct by_id *)a)->id, y = ((const struct by_id *)b)->id;
    return (x > y) - (x < y);
}

/* Follows who waits for whom, and comes back to where it began. */
static bool comes_back(const struct head *heads, const struct by_id *ids, uint32_t n, uint32_t from)
{
    uint32_t at = from;
    for (int i = 0; i < OWNERS_MAX; i++) {
        const struct by_id *next =
            live_has(heads[at].owner) ? bsearch(&(struct by_id){.id = heads[at].owner}, ids, n, sizeof *ids, compare_ids) : NULL;
        if (!next)
            return false;
        at = next->at;
        if (at == from)
            return true;
    }
    return false;
}

static void find_deadlocks(struct arena *a, struct head *heads, uint32_t n)
{
    struct by_id *ids = arena_array(a, n + 1u, sizeof *ids);
    bool *dead = arena_array(a, n + 1u, sizeof *dead);
    for (uint32_t i = 0; i < n; i++)
        ids[i] = (struct by_id){heads[i].id, i};
    qsort(ids, n, sizeof *ids, compare_ids);
    for (uint32_t i = 0; i < n; i++)
        dead[i] = comes_back(heads, ids, n, i);
    for (uint32_t i = 0; i < n; i++)
        if (dead[i])
            heads[i].state = THREAD_DEADLOCK;
}

/* --- groups --- */

static bool frame(const char *line) { return !strncmp(line, "\tat ", 4); }

/* The frames only, without which object is waited for. */
static uint32_t hash_stack(const char *s, enum thread_state state)
{
    uint32_t h = 2166136261u ^ (uint32_t)state;
    for (s += strcspn(s, "\n"); *s; s += strcspn(s, "\n")) {
        s++;
        for (const char *p = s; frame(s) && *p && *p != '\n'; p++)
            h = (h ^ (uint8_t)*p) * 16777619u;
    }
    return h;
}

static bool only_waits(const char *p)
{
    static const char *const calls[] = {
        "jdk.internal.misc.Unsafe.park", "sun.misc.Unsafe.park",           "java.util.concurrent.locks.",  "java.lang.Object.wait",
        "java.lang.Thread.sleep",        "java.util.concurrent.",          "java.lang.ref.ReferenceQueue", "sun.nio.ch.",
        "java.lang.Thread.run",          "org.apache.flink.shaded.netty4", "java.util.TimerThread."};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strncmp(p, calls[i], strlen(calls[i])))
            return true;
    return false;
}

/* Without "java.base@17.0.15/" or "app//", the module or the class loader. */
static struct bytes call_of(const char *line)
{
    const char *p = line + 4;
    size_t n = strcspn(p, "\n"), name = strcspn(p, "(\n"), slash = strcspn(p, "/(\n");
    const char *loader = memmem(p, name, "//", 2);
    size_t skip = loader ? (size_t)(loader - p) + 2 : slash < name && !memmem(p, slash, "$$", 2) ? slash + 1 : 0;
    p += skip;
    n -= skip;
    return (struct bytes){(const uint8_t *)p, n < FRAME_MAX ? n : FRAME_MAX};
}

static const char *top_of(struct arena *a, const char *s)
{
    struct bytes first = {0};
    for (s += strcspn(s, "\n"); *s; s += strcspn(s, "\n")) {
        s++;
        if (!frame(s))
            continue;
        struct bytes call = call_of(s);
        if (!first.n)
            first = call;
        if (!only_waits((const char *)call.p))
            return arena_strn(a, (const char *)call.p, call.n);
    }
    return first.n ? arena_strn(a, (const char *)first.p, first.n) : NULL;
}

static int by_key(const void *a, const void *b)
{
    const struct thread_group *x = a, *y = b;
    if (x->state != y->state)
        return x->state < y->state ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static int by_rank(const void *a, const void *b)
{
    const struct thread_group *x = a, *y = b;
    if (x->state != y->state)
        return x->state < y->state ? -1 : 1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->thread < y->thread ? -1 : x->thread > y->thread;
}

/* "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject@1f" without its package. */
static struct bytes without_package(struct bytes b)
{
    size_t from = 0;
    for (size_t i = 0; i < b.n && b.p[i] != '@'; i++)
        if (b.p[i] == '.')
            from = i + 1;
    return (struct bytes){b.p + from, b.n - from};
}

static const char *text(struct arena *a, struct bytes b) { return b.n ? arena_strn(a, (const char *)b.p, b.n) : NULL; }

/* Joins neighbours with the same key; those of a deadlock stay apart, since each waits for another. */
static uint32_t join(struct arena *a, struct thread_group *g, uint32_t n)
{
    uint32_t to = 0;
    for (uint32_t i = 0; i < n;) {
        struct buf names = {0};
        uint32_t k = i;
        for (; k < n && g[k].state == g[i].state && g[k].key == g[i].key && (k == i || g[i].state != THREAD_DEADLOCK); k++)
            if (names.n < NAMES_MAX)
                buf_printf(&names, "%s%.200s", names.n ? ", " : "", live_text_or(g[k].thread->name, "?"));
        struct thread_group joined = g[i];
        joined.n = k - i;
        joined.names = arena_str(a, buf_cstr(&names));
        joined.top = top_of(a, live_text_or(joined.thread->stack, ""));
        g[to++] = joined;
        buf_free(&names);
        i = k;
    }
    return to;
}

struct thread_group *thread_groups(struct arena *a, const struct live_threads *t, uint32_t *n)
{
    struct head *heads = arena_array(a, t->n_list + 1u, sizeof *heads);
    struct thread_group *g = arena_array(a, t->n_list + 1u, sizeof *g);
    for (uint32_t i = 0; i < t->n_list; i++)
        heads[i] = head_of(&t->list[i]);
    find_deadlocks(a, heads, t->n_list);
    for (uint32_t i = 0; i < t->n_list; i++)
        g[i] = (struct thread_group){.state = heads[i].state,
                                     .key = hash_stack(live_text_or(t->list[i].stack, ""), heads[i].state),
                                     .lock = text(a, without_package(heads[i].lock)),
                                     .owner = text(a, heads[i].owner_name),
                                     .thread = &t->list[i]};
    qsort(g, t->n_list, sizeof *g, by_key);
    *n = join(a, g, t->n_list);
    qsort(g, *n, sizeof *g, by_rank);
    return g;
}

const struct live_answer *threads_answer(const struct world *w, const char *process)
{
    const struct live_ask ask = process_ask(PROCESS_THREADS, process, NULL);
    return w->snapshot ? live_find(w->snapshot, &ask) : NULL;
}
