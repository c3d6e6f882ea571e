/* A recording in the place of a cluster, behind the door of this room (live.h): snapshots and answers as they were at the time of its
 * own clock. No thread: live_take makes what is new, of what is wanted only. Nothing is ever sent. */
#ifndef WEIR_LIVE_REPLAY_H
#define WEIR_LIVE_REPLAY_H

#include "live/client.h"

/* What record.h says on errors. */
struct replay *replay_open(const char *path, struct err *e);
void replay_close(struct replay *p); /* NULL is allowed */
const char *replay_url(const struct replay *p);

/* live.h has these under the same names. */
bool replay_start(struct live *l, struct err *e);
void replay_want(struct replay *p, const struct live_want *wants, size_t n);
struct live_ticket replay_act(struct replay *p, const struct live_ask *ask);
int replay_fd(const struct replay *p);
const struct live_snapshot *replay_take(struct live *l);
/* The answer to a question now; the caller releases it. */
struct answer *replay_answer(struct live *l, const struct live_ask *ask);

#endif
