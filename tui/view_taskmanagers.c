/* The cluster's task managers. */
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "TASK MANAGER", .json = "id", .flex = 16},
    {.title = "FREE", .json = "slotsFree", .align = LIST_RIGHT},
    {.title = "SLOTS", .json = "slots", .align = LIST_RIGHT},
    {.title = "HEARTBEAT", .json = "heartbeatAgeMs", .align = LIST_RIGHT},
    {.title = "HEAP", .width = 10, .rank = 2},
    {.title = "USED", .json = "heapUsed", .align = LIST_RIGHT, .rank = 1},
    {.title = "OF", .json = "heapMax", .align = LIST_RIGHT, .rank = 3},
    {.title = "GC", .json = "gcMs", .align = LIST_RIGHT, .rank = 4},
    {.title = "SHUFFLE", .json = "shuffleUsed", .align = LIST_RIGHT, .rank = 6},
    {.title = "MANAGED", .json = "managed", .align = LIST_RIGHT, .rank = 7},
    {.title = "PROCESS", .json = "processMemory", .align = LIST_RIGHT, .rank = 5},
    {.title = "CORES", .json = "machineCores", .align = LIST_RIGHT, .rank = 9},
    {.title = "PATH", .json = "path", .flex = 12, .rank = 8},
};

/* Memory in use is told one by one only. */
enum { MAX_SINGLE = 32 };

static const struct live_taskmanagers *data(const struct world *w)
{
    return answer_data(w, LIVE_TASKMANAGERS, NULL, NULL, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_taskmanagers *t = data(w);
    (void)v;
    want(wants, LIVE_TASKMANAGERS, NULL, NULL, NULL, NULL);
    for (uint32_t i = 0; t && i < t->n_list && i < MAX_SINGLE; i++)
        if (t->list[i].id)
            want(wants, LIVE_TASKMANAGER, NULL, NULL, t->list[i].id, NULL);
}

static int64_t collecting_ms(const struct live_jvm *j)
{
    int64_t ms = 0;
    for (uint32_t i = 0; i < j->n_collectors; i++) /* "All" is the sum of the others */
        if (j->collectors[i].time_ms > 0 && !(j->collectors[i].name && !strcmp(j->collectors[i].name, "All")))
            ms += j->collectors[i].time_ms;
    return ms;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_taskmanagers *t = data(w);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; t && i < t->n_list; i++) {
        const struct live_taskmanager *x = &t->list[i];
        if (!x->id)
            continue;
        const struct live_taskmanager *one = answer_data(w, LIVE_TASKMANAGER, NULL, NULL, x->id, NULL);
        static const struct live_jvm nothing = {
            .heap_used = LIVE_ABSENT, .heap_max = LIVE_ABSENT, .shuffle_used = LIVE_ABSENT, .n_collectors = 0};
        const struct live_jvm *j =
            one && one->jvm && one->jvm->heap_max > 0 ? one->jvm : &nothing; /* a first answer has only zeros */
        int64_t age =
            live_has(x->last_heartbeat_ms) && w->now_ms > x->last_heartbeat_ms ? w->now_ms - x->last_heartbeat_ms : LIVE_ABSENT;
        double heap = j->heap_used >= 0 && j->heap_max > 0 ? (double)j->heap_used / (double)j->heap_max : NAN;
        list_row(l, x->id, x->blocked == LIVE_YES ? ST_WARN : ST_NORMAL);
        list_text(l, ST_BOLD, x->id);
        list_whole(l, x->free_slots == 0 ? ST_WARN : ST_NORMAL, x->free_slots, show_count(x->free_slots).s);
        list_whole(l, ST_NORMAL, x->slots, show_count(x->slots).s);
        list_whole(l, age > 30000 ? ST_BAD : ST_NORMAL, age, show_age(age).s);
        list_load(l, heap, 0, 0);
        list_whole(l, heap > 0.9 ? ST_WARN : ST_NORMAL, j->heap_used, show_bytes(j->heap_used).s);
        list_whole(l, ST_NORMAL, j->heap_max, show_bytes(j->heap_max).s);
        list_whole(l, ST_NORMAL, j == &nothing ? LIVE_ABSENT : collecting_ms(j),
                   show_ms(j == &nothing ? LIVE_ABSENT : collecting_ms(j)).s);
        list_whole(l, ST_NORMAL, j->shuffle_used, show_bytes(j->shuffle_used).s);
        list_whole(l, ST_NORMAL, x->memory.managed, show_bytes(x->memory.managed).s);
        list_whole(l, ST_NORMAL, x->memory.total_process, show_bytes(x->memory.total_process).s);
        list_whole(l, ST_NORMAL, x->hardware.cpu_cores, show_count(x->hardware.cpu_cores).s);
        list_text(l, ST_DIM, x->path);
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_taskmanagers *t = data(w);
    (void)v;
    if (!t)
        draw_missing(g, r, w, LIVE_TASKMANAGERS, NULL, NULL, NULL);
    else if (!t->n_list)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_BAD, "no task manager is registered: nothing can run");
    return !t || !t->n_list;
}

const struct view_ops view_taskmanagers = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_taskmanager,
    .opens_by = OPENS_ITEM,
};
