/* Sessions: rows of a key with no gap between them, gathered until event time has gone past their end. */
#ifndef WEIR_RUNTIME_SESSION_H
#define WEIR_RUNTIME_SESSION_H

#include "runtime/kstate.h"
#include "runtime/window.h"

struct session {
    struct window window;
    struct row **rows; /* in the order in which they came */
    uint32_t n, cap;
};

struct sessions {
    struct op *o;
    const struct windowing *w;
    const uint32_t *keys;
    uint32_t n_keys;
    const struct ltype **key_types;
    struct kstate state; /* key -> sessions, by their start */
    union cell *key;
    uint8_t *key_null;
};

/* Keys are columns of the operator's first input. */
void sessions_init(struct sessions *s, struct op *o, const struct windowing *w, const uint32_t *keys, uint32_t n_keys);
/* A row; dropped when its session is over already. */
void sessions_add(struct sessions *s, const struct batch *b, uint32_t at);
/* Hands over what is over at that watermark, by the ends of sessions. */
void sessions_until(struct sessions *s, int64_t wm, void (*over)(struct op *o, const struct row *key, const struct session *one));
void sessions_close(struct sessions *s);

#endif
