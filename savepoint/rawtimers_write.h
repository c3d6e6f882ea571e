/* Timers in raw keyed state, written: the other side of rawtimers.h (version 2, as Flink 1.8 and later read it). */
#ifndef WEIR_SAVEPOINT_RAWTIMERS_WRITE_H
#define WEIR_SAVEPOINT_RAWTIMERS_WRITE_H

#include "savepoint/savepoint.h"
#include "savepoint/writer.h"

struct rawtimers_out;

/* For the key groups of one subtask. budget: bytes of memory for sorting. place outlives it. */
struct rawtimers_out *rawtimers_out_open(const struct out_place *place, int32_t kg_first, uint32_t kg_count, size_t budget);
/* A timer as rawtimers_walk gives it, in any order; its key group is one of the subtask's. Serializers are copied. */
bool rawtimers_out_entry(struct rawtimers_out *o, const struct entry *en, struct err *e);
/* Ends and releases it. *h lives in the arena; HANDLE_NULL when there was no timer. */
bool rawtimers_out_end(struct rawtimers_out *o, struct meta_keyed *h, struct arena *a, struct err *e);
void rawtimers_out_drop(struct rawtimers_out *o); /* NULL is allowed */

#endif
