/* What changes a cluster: an order, and the errand that carries it to its end.
 *
 * An errand asks nothing itself. It says which question comes next and takes the answer, so that a command which waits (errand_run)
 * and a screen which must not (live_act, live_want) do the same. All times are ms of one clock that never goes back, the caller's.
 *
 * Savepoints, stops and checkpoints carry a trigger id of our own where the release takes one (1.15; checkpoints from the beginning):
 * an order whose answer was lost is sent again under it and not carried out twice. */
#ifndef WEIR_LIVE_ACT_H
#define WEIR_LIVE_ACT_H

#include "live/live.h"

/* ORDER(id, word, the route that sends it, the route that tells how it goes, whether it may be sent twice) */
#define ORDERS                                                                              \
    ORDER(ORDER_SAVEPOINT, "savepoint", LIVE_DO_SAVEPOINT, LIVE_SAVEPOINT_STATUS, true)     \
    ORDER(ORDER_CHECKPOINT, "checkpoint", LIVE_DO_CHECKPOINT, LIVE_CHECKPOINT_STATUS, true) \
    ORDER(ORDER_STOP, "stop", LIVE_DO_STOP, LIVE_SAVEPOINT_STATUS, true)                    \
    ORDER(ORDER_CANCEL, "cancel", LIVE_DO_CANCEL, LIVE_JOB, true)                           \
    ORDER(ORDER_RESCALE, "rescale", LIVE_DO_RESCALE, LIVE_JOB, true)                        \
    ORDER(ORDER_DISPOSE, "dispose", LIVE_DO_DISPOSE, LIVE_DISPOSAL_STATUS, false)

enum order_kind {
#define ORDER(id, word, send, status, again) id,
    ORDERS
#undef ORDER
        ORDER_KINDS
};
const char *order_word(enum order_kind kind);

/* The parallelism of a vertex from now on. */
struct order_scale {
    const char *vertex; /* id; NULL: every vertex that no other row names */
    int64_t lower;      /* LIVE_ABSENT: as it is, but at most upper */
    int64_t upper;
};

/* Strings are the caller's and copied by errand_begin; NULL: not said. */
struct order {
    enum order_kind kind;
    const char *job;       /* id; all but DISPOSE */
    const char *directory; /* SAVEPOINT, STOP: else the cluster's own */
    const char *format;    /* SAVEPOINT, STOP: "CANONICAL", "NATIVE" */
    const char *type;      /* CHECKPOINT: "CONFIGURED", "FULL", "INCREMENTAL" */
    const char *path;      /* DISPOSE: of the savepoint */
    const char *trigger;   /* SAVEPOINT, STOP, CHECKPOINT: 32 hex digits, else made up. The one of an earlier order takes that up */
    bool drain;            /* STOP */
    const struct order_scale *scale; /* RESCALE */
    uint32_t n_scale;
};

enum errand_state {
    ERRAND_PREPARES, /* asks what has to be known first; nothing is sent that changes anything */
    ERRAND_SENDS,
    ERRAND_RUNS, /* the cluster has taken it */
    ERRAND_DONE,
    ERRAND_FAILED, /* err: refused (ERR_SERVER, ERR_REFUSED), or taken and failed (ERR_INCOMPLETE) */
    ERRAND_LATE    /* err (ERR_INCOMPLETE): taken, and not at its end in time */
};

struct errand {
    struct order order; /* in the arena, as is all that follows */
    enum errand_state state;
    struct err err;
    const char *trigger;                  /* the trigger's id; NULL: none yet, or CANCEL, RESCALE */
    const char *location;                 /* SAVEPOINT, STOP; NULL: none */
    int64_t checkpoint_id;                /* CHECKPOINT */
    const char *job_state;                /* CANCEL, RESCALE: as last seen */
    const char *stack;                    /* of a failure; NULL: none */
    struct live_requirements wanted;      /* RESCALE: what was ordered, for all vertices … */
    int64_t *parallelism;                 /* … and what they ran with when last seen */
    int64_t began_ms, ended_ms, until_ms; /* ended: DONE, FAILED, LATE */
    /* its own */
    unsigned release; /* 120; 0: not known */
    bool told;        /* the release has been asked for */
    int64_t due_ms, lost_ms;
    int64_t pause_ms; /* between the last two questions */
    struct err lost;  /* why nothing has come back since lost_ms */
    const char *body;
    struct arena arena;
};

struct errand_question {
    struct live_ask ask;
    const char *body; /* NULL: none */
    bool changes;     /* it is to be sent once (live_act); else it only asks */
    int64_t due_ms;   /* not before */
};

/* Sets all of *r. release: the cluster's version if it is known ("1.20.5"), else NULL; patience_ms: how long
 * it may take. errand_free in any case. */
void errand_begin(struct errand *r, const struct order *o, const char *release, int64_t now_ms, int64_t patience_ms);
void errand_free(struct errand *r);

/* "4", or "2-8" for at least and at most; 1 to 32768 each. ERR_USAGE. Leaves the vertex alone. */
bool order_scale_read(struct order_scale *s, const char *text, struct err *e);

/* The question that comes next, whether it is time or not; strings live as long as the errand. False: it has come to its end. */
bool errand_asks(const struct errand *r, struct errand_question *q);
/* The same, and sees to it that it ends in time. */
bool errand_next(struct errand *r, int64_t now_ms, struct errand_question *q);
/* Takes the answer to the last question. */
void errand_take(struct errand *r, const struct live_answer *a, int64_t now_ms);

/* Goes all the way, or, unless `wait`, until the cluster has taken the order. Not while a collector runs. False: e is r->err. Nothing
 * at all is sent to a cluster that is opened read-only (ERR_REFUSED). Releases no answers that live_fetch has given. */
bool errand_run(struct errand *r, struct live *l, const struct order *o, int64_t patience_ms, bool wait, struct err *e);

#endif
