/* What has become of a job's checkpoints, kept on disk for longer than Flink tells it (ten of them, until its JobManager ends).
 *
 * A file for each job: $XDG_STATE_HOME/weir/CLUSTER/JOB.zst (~/.local/state where that is not set), CLUSTER made of the address.
 * Zstandard frames; the first is a line {"weir":"checkpoints","formatVersion":1,"url":…,"job":…}, the others hold a line for each
 * checkpoint that has completed or failed, in the form of Flink's /jobs/:job/checkpoints, less what is of no use later. Only
 * appended to, under a lock on the directory; what follows a damaged place is ignored and cut off by the next writer. A file with many
 * small frames is written anew as one, without the oldest lines when there are more than HISTORY_KEPT bytes of them; the 500 files
 * that were written last stay. */
#ifndef WEIR_LIVE_HISTORY_H
#define WEIR_LIVE_HISTORY_H

#include "base/err.h"
#include "base/mem.h"
#include "live/model.h"

enum { HISTORY_KEPT = 8 << 20 }; /* bytes, unpacked: some twenty thousand checkpoints */

struct history;

/* Of the cluster at `url`; touches nothing yet. NULL when there is no home. */
struct history *history_open(const char *url);
void history_close(struct history *h); /* NULL is allowed */

/* Keeps what is new of what Flink tells. Writes nothing, and is fine, when another weir has the lock. ERR_IO. From one thread. */
bool history_keep(struct history *h, const char *job, const struct live_checkpoints *c, struct err *e);

/* The newest that are kept, the newest first, at most max; none when there is no file. In the arena. From any thread. */
struct live_checkpoint *history_read(const struct history *h, const char *job, uint32_t max, struct arena *a, uint32_t *n);

#endif
