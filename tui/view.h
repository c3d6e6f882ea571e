/* A view: one way to look at the cluster. Each has one file and one row in views.def; a stack of them is the trail that `q` goes back
 * along. Most are a list (tui/list.h) with some lines above it. */
#ifndef WEIR_TUI_VIEW_H
#define WEIR_TUI_VIEW_H

#include "base/jsonw.h"
#include "live/wants.h"
#include "tui/act.h"
#include "tui/alerts.h"
#include "tui/cells.h"
#include "tui/keys.h"
#include "tui/list.h"
#include "tui/load.h"

enum scope {
    SCOPE_CLUSTER,
    SCOPE_JOB,    /* needs a job */
    SCOPE_PART,   /* needs a job; of a vertex where the view before it was, else of all of the job */
    SCOPE_VERTEX, /* needs a job and one of its vertices */
    SCOPE_ANY, /* of what the view before it was about or had under its cursor: a vertex, a job, a task manager; else the cluster */
    SCOPE_PROCESS, /* of a task manager where the view before it was about one or has one under its cursor, else of the job manager */
    SCOPE_HERE,    /* of a job where the view before it was, else of the cluster */
    SCOPE_ITEM,    /* needs what `item` of the view's own kind says; reached from another view only */
};

enum view_id {
#define VIEW(ident, name, key, scope, about) VIEW_##ident,
#include "tui/views.def"
#undef VIEW
    VIEWS
};

struct fleet;

/* What views look at. The snapshot is NULL until the first answer. */
struct world {
    const struct live_snapshot *snapshot;
    const struct loads *loads;
    const struct operations *operations;    /* NULL: none can be begun */
    struct charts *charts;                  /* of metrics: what is marked, and what has been seen of it; NULL: none are kept */
    const struct history *history;          /* of checkpoints, on disk; NULL: none */
    const struct alerts *alerts;            /* NULL: nothing was looked for */
    const char *gateway, *gateway_sessions; /* live_gateway; NULL: none is named */
    const struct fleet *fleet;              /* all clusters; NULL: there is no list of them */
    int64_t now_ms;                         /* since 1970 */
    bool once;                              /* a single look: there will be no second answer to compare with */
};

/* What a view is about; strings owned by it. NULL: nothing. */
struct target {
    char *job, *vertex, *item;
};

/* Where a key leads. */
struct step {
    enum view_id view;
    const char *job, *vertex, *item; /* the view's; copied by whoever follows */
};

struct view {
    enum view_id id;
    const struct view_ops *ops;
    struct target at;
    struct list list;
    void *state; /* ops->state bytes, zeroed when the view opens */
};

struct view_ops {
    const struct list_col *cols; /* NULL: no list */
    uint32_t n_cols;
    int sort; /* column to begin with; -1: as filled */
    bool descending;
    size_t state; /* bytes */
    /* Says what has to be asked for. */
    void (*want)(const struct view *, const struct world *, struct wants *);
    /* Takes what it shows from the snapshot: fills the list, and its own state. */
    void (*load)(struct view *, const struct world *);
    /* Draws lines at the top of r and returns how many it has taken; or, without a list, all of it. May be NULL with a list. */
    int (*draw)(struct view *, const struct world *, struct grid *, struct rect r);
    /* What Enter opens, and what the row under the cursor, or what `vertex` says, is to that view. */
    enum view_id opens;
    enum { OPENS_NOTHING, OPENS_JOB, OPENS_VERTEX, OPENS_ITEM, OPENS_CLUSTER } opens_by;
    /* The same for a view whose rows lead to different ones; false: nowhere. May be NULL. */
    bool (*step)(const struct view *, struct step *to);
    /* A verb that is not a list's, or before the list gets it; false: not for me. May be NULL. */
    bool (*verb)(struct view *, const struct world *, enum verb);
    /* A vertex to take along to views that need one; NULL: none. May be NULL. */
    const char *(*vertex)(const struct view *);
    /* Lets what is under the filter be found, where there is no list. May be NULL. */
    void (*find)(struct view *, const char *filter);
    /* Members of the JSON object besides "rows". May be NULL. */
    void (*json)(const struct view *, const struct world *, struct jsonw *);
    /* How many rows and columns all of it would take; for a single look without a list. May be NULL. */
    void (*extent)(struct view *, const struct world *, int *w, int *h);
    void (*close)(struct view *); /* releases what state points to. May be NULL */
    /* Words of its own for the palette, NULL-ended, and what they do; false: not mine. May be NULL. */
    const char *const *words;
    bool (*word)(struct view *, const struct world *, const char *word);
};

struct view_row {
    const char *name;
    int key;
    enum scope scope;
    const char *about;
    const struct view_ops *ops;
};
extern const struct view_row view_rows[VIEWS];
#define VIEW(ident, name, key, scope, about) extern const struct view_ops view_##ident;
#include "tui/views.def"
#undef VIEW

void view_open(struct view *v, enum view_id id, const char *job, const char *vertex, const char *item);
void view_close(struct view *v);
/* What Enter opens from here; false: nothing. */
bool view_step(const struct view *v, struct step *to);
/* The row under the cursor, for view_ops.vertex of lists of vertices. */
const char *view_row_id(const struct view *v);
/* The process that the view is about, or has under its cursor: a task manager's id, perhaps in the arena; NULL: the job manager. */
const char *view_process(const struct view *v, struct arena *a);
/* Whether it can only be about a job. */
bool view_needs_job(enum view_id id);
/* Whether a view with a key stands beside those of a target: those of a vertex, of a job or of the cluster. */
bool view_beside(enum view_id id, const struct target *at);
/* Draws the whole view. */
void view_draw(struct view *v, const struct world *w, struct grid *g, struct rect r, bool cursor);

/* --- words for views --- */

/* The answer's data; NULL: none yet. */
const void *answer_data(const struct world *w, enum live_route route, const char *job, const char *vertex, const char *item,
                        const char *query);
/* The answer itself; NULL: not asked. */
const struct live_answer *answer_to(const struct world *w, enum live_route route, const char *job, const char *vertex,
                                    const char *item, const char *query);
/* The job as /jobs/:job tells it; NULL: not known yet. */
const struct live_job *job_of(const struct view *v, const struct world *w);
const struct live_vertex *vertex_of_job(const struct live_job *j, const char *id);
/* Asks for the view's job, and for what tells loads at once where the job's answer alone does not: a single look, older releases. */
void want_load(const struct view *v, const struct world *w, struct wants *wants);
/* The same for any job, without the rates. */
void want_pressure(const char *job, const struct world *w, struct wants *wants);
/* A line that says why nothing is shown: no answer yet, not known, or the error. */
void draw_missing(struct grid *g, struct rect r, const struct world *w, enum live_route route, const char *job, const char *vertex,
                  const char *item);
/* The same about an answer; NULL: not asked. */
void draw_why(struct grid *g, struct rect r, const struct live_answer *a);
/* "FAILED" is bad, "RUNNING" fine … */
enum style state_style(const char *state);
/* A vertex's name without "Source: " and the like being lost, but with "[12]" and what follows " -> " cut: "Join[5]". Copied into a. */
const char *short_name(struct arena *a, const char *name);
/* {"a": …} of one real; NaN: null. */
void json_real(struct jsonw *w, const char *name, double v);
/* LIVE_ABSENT: null */
void json_whole(struct jsonw *w, const char *name, int64_t v);

#endif
