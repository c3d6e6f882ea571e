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
};

/* Starts the exchange of a question: path in the arena. False: e is set, nothing is sent. */
bool client_start(struct live *l, struct http_exchange *x, const struct live_ask *ask, const char *body, struct arena *a,
                  struct err *e);
/* Takes note of what an answer tells about the cluster. True: it is another release than before. */
bool client_learn(struct live *l, const struct answer *a);

void collector_stop(struct collector *c); /* NULL is allowed */

#endif
