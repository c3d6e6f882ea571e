/* Timers in raw keyed state (flink-streaming-java: InternalTimerServiceSerializationProxy, version 2): heap timers beside RocksDB
 * in native snapshots, and every job's timers up to Flink 1.9 or so. */
#ifndef WEIR_SAVEPOINT_RAWTIMERS_H
#define WEIR_SAVEPOINT_RAWTIMERS_H

#include "savepoint/savepoint.h"

/* Gives every timer as an entry of a state named as the managed queues are ("_timer_state/event_<service>",
 * "_timer_state/processing_<service>"), form FORM_TIMER: the value span holds the timer in the managed queues' form (it is rebuilt
 * in a buffer). Headers and infos live in the arena. ERR_UNSUPPORTED when the raw state is not a timer service's. */
bool rawtimers_walk(const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h, struct arena *a,
                    entry_fn *fn, void *ctx, struct err *e);

#endif
