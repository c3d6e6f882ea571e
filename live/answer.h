/* Answers that several snapshots and threads may hold, and what an exchange makes of one. */
#ifndef WEIR_LIVE_ANSWER_H
#define WEIR_LIVE_ANSWER_H

#include "live/route.h"

/* Never changed once made; counted. */
struct answer {
    struct live_answer pub; /* first */
    _Atomic unsigned holds;
    struct arena arena;      /* of the ask's strings */
    struct payload *payload; /* of pub.data; NULL: none */
};

/* An answer that nothing has come for yet. */
struct answer *answer_new(const struct live_ask *ask);
/* The answer that the exchange has brought, by `before`: its ask, and its data when the exchange failed. flink_version NULL: not
 * known. The body stays the exchange's. */
struct answer *answer_of(const struct answer *before, const struct http_exchange *x, const char *url, const char *flink_version);
/* One that failed without an exchange. */
struct answer *answer_failed(const struct answer *before, enum live_state state, const struct err *why);
/* Why a route is lacking. */
struct err answer_lacking(const struct live_ask *ask, const char *url, const char *flink_version);

struct answer *answer_hold(const struct answer *a);
void answer_release(const struct answer *a);

/* A snapshot in the making: answers are put in the order of live_ask_compare; each is held. */
struct snapshot {
    struct live_snapshot pub; /* first */
    _Atomic unsigned holds;
    const struct live_answer **answers;
};
struct snapshot *snapshot_new(uint32_t room);
void snapshot_put(struct snapshot *s, const struct answer *a);

/* Whether the exchange shows that the cluster is away: not reached, without its leader, behind a gateway that cannot reach it or
 * wants credentials. */
bool exchange_away(const struct http_exchange *x);

#endif
