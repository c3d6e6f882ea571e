/* struct live inside the room. */
#ifndef WEIR_LIVE_CLIENT_H
#define WEIR_LIVE_CLIENT_H

#include "live/answer.h"

struct live {
    struct http *http;
    bool read_only;
    struct answer **kept; /* of live_fetch */
    size_t n_kept;
    char *flink_version;         /* of the last /config; NULL: not known */
    struct collector *collector; /* NULL: none runs */
    struct replay *replay;       /* a recording in the place of a cluster: there is neither http nor collector */
    struct recorder *recorder;   /* NULL: nothing is recorded, or no longer */
    struct err keep_err;         /* why recording, or keeping the history, has ended */
    struct history *history;     /* of checkpoints; NULL: none is kept */
    bool history_off;            /* it is not to be written, or cannot be */
};

/* Starts the exchange of a question: path in the arena. False: e is set, nothing is sent. */
bool client_start(struct live *l, struct http_exchange *x, const struct live_ask *ask, const char *body, struct arena *a,
                  struct err *e);
/* Asks one question with a JSON body or NULL and waits; the answer is the caller's to release. */
struct answer *client_ask(struct live *l, const struct live_ask *ask, const char *body);
/* Takes note of what an answer tells about the cluster. True: it is another release than before. */
bool client_learn(struct live *l, const struct answer *a);

/* Records an exchange that has come back, and keeps of its answer what the history wants. */
void client_keep(struct live *l, const struct http_exchange *x, const struct answer *a);

void collector_stop(struct collector *c); /* NULL is allowed */

#endif
