/* Every handle of a snapshot's metadata that says where bytes are. */
#ifndef WEIR_MIGRATE_STREAMS_H
#define WEIR_MIGRATE_STREAMS_H

#include "savepoint/meta.h"

/* In the order of the metadata; also those without bytes. */
typedef void stream_fn(void *ctx, const struct meta_stream *s);
void each_stream(const struct meta *m, stream_fn *fn, void *ctx);

#endif
