/* What was asked of the cluster from here, and how it goes. */
#ifndef WEIR_TUI_ACT_H
#define WEIR_TUI_ACT_H

#include "live/act.h"
#include "tui/cells.h"
#include "tui/keys.h"

enum act {
#define ACT(id, word, verb, what, order, drain, asks) id,
#include "tui/acts.def"
#undef ACT
    ACTS
};

struct act_row {
    const char *word;
    enum verb verb;
    const char *what;
    enum order_kind order;
    bool drain;
    const char *asks; /* NULL: nothing has to be typed */
};
extern const struct act_row act_rows[ACTS];

/* Whether savepoints are taken by it: it has a directory and a format. */
bool act_saves(enum act act);

enum operation_phase { OPERATION_SENT, OPERATION_RUNS, OPERATION_DONE, OPERATION_FAILED };

struct operation {
    enum act act;
    enum operation_phase phase;
    struct errand errand;
    char *name;               /* what the user calls its job, or the path */
    int64_t start_ms, end_ms; /* since 1970; end 0: not yet */
    char result[512];         /* where it lies, or why it failed */
    /* its own */
    struct live_ticket ticket;
    bool sent;       /* a ticket's answer is waited for */
    uint64_t number; /* of the answer that was taken last */
    int64_t asked_ms;
};

/* Zero-initialise; operations_free. The oldest is first. */
struct operations {
    struct operation **v;
    uint32_t n;
};

/* Begins it. release: the cluster's, NULL: not known; now_ms since 1970. */
void operation_begin(struct operations *o, enum act act, const struct order *order, const char *name, const char *release,
                     int64_t now_ms);
/* Sends what is due, takes from the snapshot how they go. The last one that has come to its end by it; NULL: none. */
const struct operation *operations_step(struct operations *o, struct live *l, const struct live_snapshot *s, int64_t now_ms);
/* The question that has to be asked for o; false: none. */
bool operation_ask(const struct operation *o, struct live_ask *ask);
/* How many subtasks of how many have acknowledged its savepoint or checkpoint; false: not known. */
bool operation_progress(const struct operation *o, const struct live_snapshot *s, int64_t *done, int64_t *all);
/* Draws the newest one that goes on as a line; false: there is none. */
bool operations_draw(const struct operations *o, const struct live_snapshot *s, int64_t now_ms, struct grid *g, int y);
void operations_free(struct operations *o);

#endif
