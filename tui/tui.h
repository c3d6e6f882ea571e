/* The console: the door of this room. */
#ifndef WEIR_TUI_TUI_H
#define WEIR_TUI_TUI_H

#include "base/err.h"
#include "base/mem.h"
#include "live/live.h"
#include "tui/term.h"
#include "tui/view.h"

struct tui_config {
    struct screen_opts screen;
    const char *view; /* its name; NULL: jobs, or graph when there is a job */
    const char *job;  /* id, name, or the beginning of one that fits no other; NULL: the only one that runs, where one is needed */
    const char *vertex; /* likewise, of a vertex; or its number as the graph shows it */
    const char *item;   /* of the views that need one: a checkpoint's number, a task manager's id */
    const char *at;     /* of a recording: where to begin (tui/playing.h); NULL: its beginning, for a single look its end */
    /* tui_once only */
    const char *filter;
    int w, h; /* of the grid; 0: 120 columns, as many rows as it takes */
    bool json;
};

/* A cluster, whose collector must not run yet. */
struct tui_cluster {
    const char *name; /* how it is called on a board of several */
    struct live *live;
    const char *why; /* live NULL: why it could not be opened. Only of several */
    bool read_only;  /* nothing that changes it can be begun */
};

/* Runs the console on the terminal until the user leaves; with several clusters it begins with a board of them. */
bool tui_run(const struct tui_cluster *clusters, uint32_t n, const struct tui_config *c, struct err *e);
/* Appends a view, looked at once, to `out`: text, or a JSON document. Of several clusters that is their board. */
bool tui_once(const struct tui_cluster *clusters, uint32_t n, const struct tui_config *c, struct buf *out, struct err *e);

/* The names of all views, NULL-ended. */
extern const char *const tui_view_names[VIEWS + 1];

#endif
