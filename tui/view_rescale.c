/* One rescaling: what each vertex and slot sharing group had and got, and the states that the scheduler went through. */
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "OF", .json = "group"},
    {.title = "NAME", .json = "name", .flex = 24},
    {.title = "BEFORE", .json = "before", .align = LIST_RIGHT},
    {.title = "AFTER", .json = "after", .align = LIST_RIGHT},
    {.title = "AT LEAST", .json = "least", .align = LIST_RIGHT, .rank = 1},
    {.title = "WANTED", .json = "wanted", .align = LIST_RIGHT},
    {.title = "FROM", .json = "enterMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "FOR", .json = "tookMs", .align = LIST_RIGHT},
    {.title = "REMARK", .json = "remark", .flex = 16},
};

static const struct live_rescale *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_RESCALE, v->at.job, NULL, v->at.item, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_RESCALE, v->at.job, NULL, v->at.item, NULL);
}

static void row(struct list *l, const char *group, const char *name, const int64_t counts[4], int64_t enter_ms, int64_t took_ms,
                const char *remark)
{
    char id[24];
    snprintf(id, sizeof id, "%u", l->n_rows);
    list_row(l, id, ST_NORMAL);
    list_text(l, ST_DIM, group);
    list_text(l, ST_BOLD, name);
    for (int i = 0; i < 4; i++)
        list_whole(l, i == 1 && counts[1] != counts[0] ? ST_CHART : ST_NORMAL, counts[i], show_count(counts[i]).s);
    list_whole(l, ST_NORMAL, enter_ms, show_time(enter_ms).s);
    list_whole(l, ST_NORMAL, took_ms, show_ms(took_ms).s);
    list_text(l, ST_NORMAL, remark);
}

static const char *resource(struct arena *a, const struct live_resource *r)
{
    if (!r || !(r->cpu_cores > 0)) /* -1: not said */
        return NULL;
    return arena_printf(a, "each %.4g cores, task heap %lld MB, managed %lld MB, network %lld MB", r->cpu_cores,
                        (long long)live_or(r->task_heap_mb, 0), (long long)live_or(r->managed_mb, 0),
                        (long long)live_or(r->network_mb, 0));
}

static void load(struct view *v, const struct world *w)
{
    static const int64_t none[4] = {LIVE_ABSENT, LIVE_ABSENT, LIVE_ABSENT, LIVE_ABSENT};
    const struct live_rescale *x = data(v, w);
    struct list *l = &v->list;
    struct arena a = {0};
    list_begin(l);
    for (uint32_t i = 0; x && i < x->n_vertices; i++) {
        const struct live_rescale_vertex *k = &x->vertices[i];
        row(l, "vertex", live_text_or(k->name, k->id), (const int64_t[]){k->before, k->after, k->sufficient, k->desired},
            LIVE_ABSENT, LIVE_ABSENT, k->slot_sharing_group_name);
    }
    for (uint32_t i = 0; x && i < x->n_slots; i++) {
        const struct live_rescale_slots *k = &x->slots[i];
        row(l, "slots", live_text_or(k->slot_sharing_group_name, k->slot_sharing_group),
            (const int64_t[]){k->before, k->after, k->minimal, k->desired}, LIVE_ABSENT, LIVE_ABSENT, resource(&a, k->acquired));
    }
    for (uint32_t i = 0; x && i < x->n_states; i++) {
        const struct live_scheduler_state *k = &x->states[i];
        row(l, "scheduler", k->state, none, k->enter_ms, k->duration_ms, k->exception);
    }
    list_end(l);
    arena_free(&a);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_rescale *x = data(v, w);
    if (!x) {
        draw_missing(g, r, w, LIVE_RESCALE, v->at.job, NULL, v->at.item);
        return 1;
    }
    int64_t took = live_has(x->start_ms) && live_has(x->end_ms) ? x->end_ms - x->start_ms : LIVE_ABSENT;
    grid_textf(g, r.x + 1, r.y, r.w - 1, ST_NORMAL, "%s, because of %s, began %s, took %s%s%s",
               live_text_or(x->terminal_state, "in progress"), live_text_or(x->trigger_cause, "?"), show_time(x->start_ms).s,
               show_ms(took).s, x->terminated_reason ? ", ended by " : "", live_text_or(x->terminated_reason, ""));
    return 1;
}

const struct view_ops view_rescale = {
    .cols = cols, .n_cols = sizeof cols / sizeof *cols, .sort = -1, .want = ask, .load = load, .draw = draw};
