/* What has been asked of the cluster since the console was started, and how it went. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/act.h"
#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "BEGAN", .json = "beganMs", .align = LIST_RIGHT, .rank = 2},
    {.title = "WHAT", .json = "what"},
    {.title = "JOB", .json = "job", .flex = 16},
    {.title = "STATE", .json = "state"},
    {.title = "TOOK", .json = "tookMs", .align = LIST_RIGHT, .rank = 1},
    {.title = "RESULT", .json = "result", .flex = 20},
};

static void load(struct view *v, const struct world *w)
{
    static const struct {
        const char *word;
        enum style style;
    } phases[] = {{"sent", ST_CHART}, {"runs", ST_CHART}, {"done", ST_OK}, {"failed", ST_BAD}};
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = w->operations ? w->operations->n : 0; i-- > 0;) {
        const struct operation *o = w->operations->v[i];
        int64_t done, all;
        int64_t took = (o->end_ms ? o->end_ms : w->now_ms) - o->start_ms;
        char id[16];
        snprintf(id, sizeof id, "%u", i);
        list_row(l, id, ST_NORMAL);
        list_whole(l, ST_NORMAL, o->start_ms, show_time(o->start_ms).s);
        list_text(l, ST_BOLD, act_rows[o->act].word);
        list_text(l, ST_NORMAL, o->name);
        list_text(l, phases[o->phase].style, phases[o->phase].word);
        list_whole(l, ST_NORMAL, took, show_ms(took).s);
        if (operation_progress(o, w->snapshot, &done, &all))
            list_textf(l, ST_DIM, "%lld of %lld subtasks", (long long)done, (long long)all);
        else
            list_text(l, ST_NORMAL, o->result);
    }
    list_end(l);
}

/* Above the rows: the whole result of the one under the cursor. */
static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    enum { LINES = 4 };
    const struct list_row *here = list_here(&v->list);
    const struct operation *o = here ? w->operations->v[strtoul(here->id, NULL, 10)] : NULL;
    if (!o)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "nothing has been asked of the cluster");
    const char *text = o ? o->result : "";
    int lines = !o;
    for (size_t n; *text && lines < LINES && r.w > 1; text += n, lines++) {
        n = strlen(text) < (size_t)r.w - 1 ? strlen(text) : (size_t)r.w - 1;
        while (text[n] && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
        grid_textn(g, r.x + 1, r.y + lines, r.w - 1, o->phase == OPERATION_FAILED ? ST_BAD : ST_NORMAL, text, n);
    }
    return lines;
}

const struct view_ops view_operations = {
    .cols = cols, .n_cols = sizeof cols / sizeof *cols, .sort = -1, .load = load, .draw = draw};
