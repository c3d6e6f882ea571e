/* The keys, from the table that they come from, and the views. */
#include <string.h>

#include "tui/view.h"
#include "tui/wrap.h"

enum { PANE = 4, PANE_LEAST = 9 }; /* a line, and the text under the cursor in full; a view of fewer lines has none */

static const struct list_col cols[] = {
    {.title = "KEY", .json = "key"},
    {.title = "WHAT IT DOES", .json = "help", .flex = 20},
};

static void load(struct view *v, const struct world *w)
{
    struct list *l = &v->list;
    (void)w;
    list_begin(l);
    for (int i = 0; i < VIEWS; i++) {
        if (!view_rows[i].key)
            continue;
        list_row(l, view_rows[i].name, ST_NORMAL);
        list_textf(l, ST_KEY, "%c", view_rows[i].key);
        list_textf(l, ST_NORMAL, "%s: %s", view_rows[i].name, view_rows[i].about);
    }
    for (int i = 0; i < VERBS - 1; i++) {
        list_row(l, key_names(&key_rows[i]).s, ST_NORMAL);
        list_text(l, ST_KEY, key_names(&key_rows[i]).s);
        list_text(l, ST_NORMAL, key_rows[i].help);
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct list_row *here = list_here(&v->list);
    if (w->once || !here || r.h < PANE_LEAST)
        return 0;
    list_draw(&v->list, g, (struct rect){r.x, r.y, r.w, r.h - PANE}, true);
    grid_fill(g, (struct rect){r.x, r.y + r.h - PANE, r.w, 1}, ST_FRAME, 0x2500);
    wrap_draw(g, (struct rect){r.x + 1, r.y + r.h - PANE + 1, r.w - 2, PANE - 1}, ST_NORMAL, "", here->cells[1].text);
    return r.h;
}

const struct view_ops view_help = {.cols = cols, .n_cols = sizeof cols / sizeof *cols, .sort = -1, .load = load, .draw = draw};
