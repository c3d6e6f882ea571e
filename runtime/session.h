/* Sessions: rows of a key with no gap between them, gathered until event time has gone past their end. */
#ifndef WEIR_RUNTIME_SESSION_H
#define WEIR_RUNTIME_SESSION_H

#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/window.h"

struct session {
    struct window window;
    struct row **rows; /* in the order in which they came */
    uint32_t n, cap;
    struct window state; /* restored: the window that a snapshot has its contents under */
    int64_t *numbers;    /* … and while it is: in which order rows came */
    void *made;          /* of rows, instead of them (struct session_kind) */
};

/* Who makes something of the rows of a session. NULL members of struct sessions' kind: they are kept. */
struct session_kind {
    void (*add)(struct op *o, struct session *to, const struct batch *b, uint32_t at);
    void (*join)(struct op *o, struct session *to, struct session *from); /* two become one; from's is taken */
    void (*drop)(struct op *o, struct session *one);
};

/* The sessions of a key. */
struct session_list {
    struct sessions *of;
    struct session *s; /* by their start */
    uint32_t n, cap;
};

struct sessions {
    struct op *o;
    const struct session_kind *kind;
    const struct windowing *w;
    const uint32_t *keys;
    uint32_t n_keys;
    const struct ltype **key_types;
    struct kstate state; /* key -> struct session_list */
    union cell *key;
    uint8_t *key_null;
};

/* Keys are columns of the operator's first input. */
void sessions_init(struct sessions *s, struct op *o, const struct session_kind *kind, const struct windowing *w,
                   const uint32_t *keys, uint32_t n_keys);
/* The state "session-window-mapping" in snapshots: which window's contents are under which (MergingWindowSet). */
uint32_t sessions_declare(struct op *o);
void sessions_put(struct op *o, struct snap *to, uint32_t mapping, const struct session *one); /* under itself */
void sessions_put_timers(const struct sessions *s, const struct kentry *e, uint32_t timers, struct snap *to);
void sessions_take(struct sessions *s, struct keyed_entry *x);
/* … whose contents are under that window; NULL: none's. */
struct session *sessions_under(struct sessions *s, const struct keyed_entry *x);
void session_append(struct session *one, struct row *row); /* which is the session's from then on */
/* A row, which has a moment; dropped when its session is over already. */
void sessions_add(struct sessions *s, const struct batch *b, uint32_t at);
/* Hands over what is over at that watermark or time, by the ends of sessions. */
void sessions_until(struct sessions *s, int64_t wm, void (*over)(struct op *o, const struct row *key, const struct session *one));
void sessions_close(struct sessions *s);

#endif
