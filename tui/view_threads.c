/* What the threads of a process do: those with the same state and stack as one row, blocked ones first. */
#include <stdio.h>

#include "tui/show.h"
#include "tui/threads.h"

static const struct list_col cols[] = {
    {.title = "THREADS", .json = "threads", .align = LIST_RIGHT},
    {.title = "STATE", .json = "state"},
    {.title = "DOES", .json = "frame", .flex = 30},
    {.title = "WAITS FOR", .json = "lock", .flex = 12, .rank = 3},
    {.title = "HELD BY", .json = "owner", .flex = 10, .rank = 2},
    {.title = "NAMES", .json = "names", .flex = 20, .rank = 1},
    {.title = "KEY", .json = "key", .unseen = true}, /* --item of the view "stack" */
};

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_ask dump = process_ask(PROCESS_THREADS, v->at.item, NULL);
    (void)w;
    want_ask(wants, &dump);
}

static enum style style_of(enum thread_state s)
{
    return s == THREAD_DEADLOCK || s == THREAD_BLOCKED ? ST_BAD : s == THREAD_RUNNABLE ? ST_OK : ST_DIM;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_answer *got = threads_answer(w, v->at.item);
    struct list *l = &v->list;
    struct arena a = {0};
    uint32_t n = 0;
    const struct thread_group *g = got && got->data ? thread_groups(&a, got->data, &n) : NULL;
    list_begin(l);
    for (uint32_t i = 0; i < n; i++) {
        enum style s = style_of(g[i].state);
        const char *key = arena_printf(&a, "%s/%08x", v->at.item ? v->at.item : PROCESS_JOBMANAGER, g[i].key);
        list_row(l, key, ST_NORMAL);
        list_whole(l, ST_BOLD, g[i].n, show_count(g[i].n).s);
        list_text(l, s, thread_state_words[g[i].state]);
        list_text(l, g[i].state >= THREAD_WAITING ? ST_DIM : ST_NORMAL, g[i].top);
        list_text(l, ST_DIM, g[i].lock);
        list_text(l, g[i].owner ? ST_WARN : ST_DIM, g[i].owner);
        list_text(l, ST_NORMAL, g[i].names);
        list_text(l, ST_DIM, key);
    }
    list_end(l);
    arena_free(&a);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_answer *got = threads_answer(w, v->at.item);
    const struct live_threads *t = got ? got->data : NULL;
    int x = r.x + 1, end = r.x + r.w;
    x += grid_text(g, x, r.y, end - x, ST_BOLD, process_is_jobmanager(v->at.item) ? "job manager" : v->at.item);
    if (!t) {
        draw_why(g, (struct rect){x + 1, r.y, end - x - 1, 1}, got);
        return 1;
    }
    x += grid_textf(g, x, r.y, end - x, ST_NORMAL, "  %u threads, %u different stacks", t->n_list, v->list.n_rows);
    if (!w->once && w->now_ms >= got->came_ms)
        grid_textf(g, x, r.y, end - x, ST_DIM, "  taken %s ago; r takes them anew", show_age(w->now_ms - got->came_ms).s);
    return 1;
}

const struct view_ops view_threads = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_stack,
    .opens_by = OPENS_ITEM,
};
