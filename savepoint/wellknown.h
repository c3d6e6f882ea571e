/* What sources, sinks and their coordinators keep as plain bytes: split positions of Kafka and files, transactions, files in
 * progress. No serializer snapshot describes these bytes, so a form counts as recognised only when it is the only one of
 * wellknown.def that fits the place and the version, and it fits to the last byte.
 *
 * Reported for a SimpleVersionedSerialization envelope (flink-core): {"version":1,"as":"FileSourceSplit","value":{…}}, or
 * {"version":1,"bytes":"hex:…"} when what it holds is not recognised. */
#ifndef WEIR_SAVEPOINT_WELLKNOWN_H
#define WEIR_SAVEPOINT_WELLKNOWN_H

#include "base/mem.h"
#include "base/rd.h"
#include "savepoint/sink.h"

/* One element of an operator list state, as it lies in the snapshot (a byte[] with its length in front). False, and nothing
 * reported: not a state that weir knows, or the bytes do not fit. */
bool wellknown_decode(const char *state_name, struct bytes element, struct sink *out);
/* Is there a row for the state at all? */
bool wellknown_state(const char *state_name);

/* Coordinator state of an operator in _metadata, as FLIP-27 sources write it (SourceCoordinator#writeCheckpointBytes, version 1):
 * the envelope of the enumerator's state. False as above. */
bool wellknown_coordinator(struct bytes state, struct sink *out);

/* Path#serializeToDataOutputView (flink-core): the parts of a URI, appended to b as its text. */
void wellknown_path(struct rd *r, struct arena *a, struct buf *b);

#endif
