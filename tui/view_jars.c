/* The jars that were uploaded to the cluster. */
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "JAR", .json = "name", .flex = 20},
    {.title = "UPLOADED", .json = "uploadedMs", .align = LIST_RIGHT},
    {.title = "ENTRY CLASSES", .json = "entryClasses", .flex = 20},
    {.title = "ID", .json = "id", .flex = 16, .rank = 1},
};

static const struct live_jars *data(const struct world *w) { return answer_data(w, LIVE_JARS, NULL, NULL, NULL, NULL); }

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)v;
    (void)w;
    want(wants, LIVE_JARS, NULL, NULL, NULL, NULL);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_jars *x = data(w);
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; x && i < x->n_list; i++) {
        const struct live_jar *k = &x->list[i];
        struct buf classes = {0};
        if (!k->id)
            continue;
        for (uint32_t n = 0; n < k->n_entries; n++)
            buf_printf(&classes, "%s%.200s", classes.n ? ", " : "", live_text_or(k->entries[n].name, "?"));
        list_row(l, k->id, ST_NORMAL);
        list_text(l, ST_BOLD, live_text_or(k->name, k->id));
        list_whole(l, ST_NORMAL, k->uploaded_ms, show_time(k->uploaded_ms).s);
        list_text(l, ST_NORMAL, classes.n ? buf_cstr(&classes) : NULL);
        list_text(l, ST_DIM, k->id);
        buf_free(&classes);
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    if (!data(w))
        draw_missing(g, r, w, LIVE_JARS, NULL, NULL, NULL);
    else if (!v->list.n_rows)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "no jars were uploaded");
    return !data(w) || !v->list.n_rows;
}

const struct view_ops view_jars = {
    .cols = cols, .n_cols = sizeof cols / sizeof *cols, .sort = -1, .want = ask, .load = load, .draw = draw};
