/* Finding the way again behind a serializer snapshot that is not known: it has no length, so a header's reader looks for the next
 * bytes that can only be a metaInfo (StateMetaInfoSnapshotReadersWriters). For keyed.c and opstate.c. */
#ifndef WEIR_SAVEPOINT_KEYED_RESUME_H
#define WEIR_SAVEPOINT_KEYED_RESUME_H

#include "base/rd.h"

/* Moves r to the first metaInfo at or behind it; to its end when there is none. */
void resume_at_info(struct rd *r);
/* The same to a list of them: i16 count and the first one, or a count of 0 that is the last thing in r. */
void resume_at_infos(struct rd *r);

#endif
