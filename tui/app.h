/* What tui_run and tui_once share: the frame around views. */
#ifndef WEIR_TUI_APP_H
#define WEIR_TUI_APP_H

#include "tui/charts.h"
#include "tui/prompt.h"
#include "tui/tui.h"

enum { APP_DEPTH = 16 };

/* An act that has not been said yes to. */
struct confirm {
    enum act act;
    char **jobs; /* ids */
    uint32_t n_jobs;
    char typed[512]; /* directory, path or parallelism */
    bool native;     /* the savepoint's format */
    char *vertex;    /* to be rescaled; NULL: none is under the cursor */
    bool whole;      /* but all vertices are */
    bool asked;      /* the question is on the screen */
};

struct app {
    const char *url;
    const char *name;  /* among several clusters; NULL: it is the only one */
    struct live *live; /* to act on; NULL for a single look */
    bool read_only;
    struct view stack[APP_DEPTH];
    int depth; /* views open; the last one is shown */
    struct world world;
    struct loads loads;
    struct charts charts;
    struct alerts alerts;
    struct prompt prompt;
    struct confirm confirm;
    struct operations operations;
    bool replay;                 /* of a recording */
    struct live_playing playing; /* then: where it is */
    bool paused, quit;
    bool board;        /* the app of the list of clusters: it has no cluster itself */
    bool of_many;      /* the last view's back goes to the list of clusters … */
    bool leave;        /* … when this is set */
    int chosen;        /* board: the cluster to enter plus 1; 0: none */
    bool told;         /* what could not be kept */
    char message[256]; /* until the next key */
    struct {
        enum view_id view;
        int x, w;
    } tabs[VIEWS]; /* where the neighbouring views were drawn last, for clicks */
    int n_tabs;
};

static inline struct view *app_view(struct app *a) { return &a->stack[a->depth - 1]; }

/* Looks at the clock, l NULL: ours: the recording's, or milliseconds since 1970; where SOURCE_DATE_EPOCH (seconds) is set it stands at that. */
void app_clock(struct app *a, const struct live *l);

/* Opens a view on top of the stack; one that is there already with the same target is gone back to. */
void app_open(struct app *a, const struct step *s);
/* Takes a snapshot that is new: figures, the view's rows. */
void app_load(struct app *a, const struct live_snapshot *s);
/* What has to be done from time to time, also when no snapshot comes; true: there may be something new to show. */
bool app_tick(struct app *a);
/* What has to be asked for now. */
void app_want(const struct app *a, struct wants *w);
/* The part of it that is shown now: its age is what the screen tells. */
void app_want_shown(const struct app *a, struct wants *w);
/* What the palette offers: views that can be gone to by name, and commands. NULL-ended, until the next call. */
const char *const *app_words(const struct app *a);
void app_draw(struct app *a, struct grid *g);
void app_key(struct app *a, int key);
void app_free(struct app *a);

/* The job's row in the list of jobs; NULL: not known. */
const struct live_job_row *app_job_row(const struct app *a, const char *id);

/* Begins to ask for an act on the jobs that are meant; false: there is a message instead. */
bool app_act(struct app *a, enum act act);
/* Lets what goes on go on; a message when something has ended. */
void app_step_operations(struct app *a);
void confirm_typed(struct app *a, bool go_on); /* what the act asks for has been typed */
void confirm_key(struct app *a, int key);
void confirm_draw(const struct app *a, struct grid *g);
void confirm_drop(struct app *a);

/* The job, by id, prefix or name, of those that are known; NULL and e. `word` NULL: the only one that runs. */
const char *app_find_vertex(const struct live_job *job, const char *word, struct err *e);
/* VIEWS: none has that name. */
enum view_id app_find_view(const char *name);

#endif
