/* The clusters that the console is about, each with a collector and a trail of views of its own. One that is away disturbs no other. */
#ifndef WEIR_TUI_FLEET_H
#define WEIR_TUI_FLEET_H

#include "tui/app.h"

struct member {
    const char *name; /* of the context, or its address; the caller's */
    const char *why;  /* live NULL: why it could not even be opened */
    struct live *live;
    struct app app;
    struct wants told; /* what its collector asks for */
    struct start {     /* the view that was asked for by name, once the jobs are known */
        const struct tui_config *config;
        enum view_id view;
        bool pending;
    } start;
};

struct fleet {
    struct member *v;
    uint32_t n;
};

/* Starts the collectors and opens the first views; a recording plays from its beginning on, but for a single look. False: e; what was started is the caller's to end. */
bool fleet_start(struct fleet *f, const struct tui_cluster *clusters, uint32_t n, const struct tui_config *c, bool once,
                 struct err *e);
/* Takes what has come for a member; true: something has. */
bool fleet_take(struct fleet *f, struct member *m);
/* Tells its collector what is wanted: by the view that is shown; by a board of clusters, when `board`; else nothing. */
void fleet_tell(struct member *m, bool shown, bool board);
/* Whether a look at it, for a board, has all that it will get; patient: also the better answers that Flink only begins to gather. */
bool fleet_settled(const struct member *m, bool patient);
void fleet_free(struct fleet *f);

#endif
