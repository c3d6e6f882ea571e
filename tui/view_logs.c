/* The log files of a process, the one that has changed last first. */
#include <stdlib.h>
#include <string.h>

#include "tui/log_file.h"
#include "tui/show.h"

static const struct list_col cols[] = {
    {.title = "FILE", .json = "file", .flex = 20},
    {.title = "SIZE", .json = "bytes", .align = LIST_RIGHT},
    {.title = "CHANGED", .json = "modifiedMs", .align = LIST_RIGHT},
    {.title = "AGO", .json = "ageMs", .align = LIST_RIGHT, .rank = 1},
};

static const struct live_answer *answer(const struct view *v, const struct world *w)
{
    const struct live_ask ask = process_ask(PROCESS_LOGS, v->at.item, NULL);
    return w->snapshot ? live_find(w->snapshot, &ask) : NULL;
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_ask list = process_ask(PROCESS_LOGS, v->at.item, NULL);
    (void)w;
    want_ask(wants, &list);
    want_every(wants, 5000);
}

static int by_change(const void *a, const void *b)
{
    const struct live_log *x = *(const struct live_log *const *)a, *y = *(const struct live_log *const *)b;
    if (x->modified_ms != y->modified_ms)
        return x->modified_ms < y->modified_ms ? 1 : -1;
    return strcmp(live_text_or(x->name, ""), live_text_or(y->name, ""));
}

/* Files are opened by the process and their name. */
static void row(struct list *l, const struct view *v, const char *file, const char *shown, int64_t size, int64_t at_ms,
                int64_t now_ms)
{
    struct arena a = {0};
    int64_t age = live_has(at_ms) && now_ms >= at_ms ? now_ms - at_ms : LIVE_ABSENT;
    list_row(l, log_file_item(&a, v->at.item, file), size == 0 ? ST_DIM : ST_NORMAL);
    list_text(l, ST_NORMAL, shown);
    list_whole(l, ST_NORMAL, size, show_bytes(size).s);
    list_whole(l, ST_NORMAL, at_ms, show_time(at_ms).s);
    list_whole(l, ST_DIM, age, show_age(age).s);
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_answer *a = answer(v, w);
    const struct live_logs *logs = a ? a->data : NULL;
    struct list *l = &v->list;
    list_begin(l);
    if (logs) {
        const struct live_log **sorted = mem_alloc(sizeof *sorted * (logs->n_list + 1u));
        for (uint32_t i = 0; i < logs->n_list; i++)
            sorted[i] = &logs->list[i];
        qsort(sorted, logs->n_list, sizeof *sorted, by_change);
        row(l, v, LOG_FILE_MAIN, "(main log)", LIVE_ABSENT, LIVE_ABSENT, w->now_ms);
        row(l, v, LOG_FILE_STDOUT, "(standard output)", LIVE_ABSENT, LIVE_ABSENT, w->now_ms);
        for (uint32_t i = 0; i < logs->n_list; i++)
            if (sorted[i]->name)
                row(l, v, sorted[i]->name, sorted[i]->name, sorted[i]->size, sorted[i]->modified_ms, w->now_ms);
        free(sorted);
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_answer *a = answer(v, w);
    int x = r.x + 1 + grid_text(g, r.x + 1, r.y, r.w - 1, ST_BOLD, process_is_jobmanager(v->at.item) ? "job manager" : v->at.item);
    if (a && a->data)
        grid_text(g, x, r.y, r.x + r.w - x, ST_DIM, ": all files of its log directory, which other processes may share");
    else
        draw_why(g, (struct rect){x + 1, r.y, r.w - x - 1, 1}, a);
    return 1;
}

const struct view_ops view_logs = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_log,
    .opens_by = OPENS_ITEM,
};
