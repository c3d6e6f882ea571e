/* The two key-group streams, behind their common header. For write_keyed.c and write_files.c. What is said of them stands in keyed_stream.c. */
#ifndef WEIR_SAVEPOINT_WRITE_STREAMS_H
#define WEIR_SAVEPOINT_WRITE_STREAMS_H

#include "savepoint/out_file.h"
#include "savepoint/writer.h"

struct stream_out {
    struct out_file file;
    const struct keyed_header *header;
    struct keyed_out_opts opts;
    uint8_t *offsets; /* opts.kg_count big-endian i64 */
    bool in_group;
    uint32_t group;   /* the present one */
    uint32_t state;   /* the present one of that group */
    struct buf block; /* plain bytes that are not yet in the file */
    struct buf packed;
    size_t last; /* canonical: where in `block` the key of the last entry begins; it may have to be marked */
    /* heap */
    uint32_t next; /* groups from here on have not been begun */
    bool in_state, opaque;
    bool *seen;               /* by state */
    uint64_t count, count_at; /* entries of the present state; where in the file its head is */
};

/* KeyedBackendSerializationProxy#write: of both streams, and what a database has beside its files. */
bool keyed_header_put(struct buf *b, const struct keyed_header *h, bool compress, struct err *e);

/* One record; key is without the key group. */
bool canonical_put(struct stream_out *s, uint32_t group, uint32_t state, struct bytes key, struct bytes value, struct err *e);
bool canonical_end(struct stream_out *s, struct err *e);

/* The present state becomes this one. */
bool heap_state(struct stream_out *s, uint32_t group, uint32_t state, struct err *e);
/* n entries of it. */
bool heap_put(struct stream_out *s, struct bytes ns, struct bytes key, struct bytes value, uint32_t n, struct err *e);
bool heap_end(struct stream_out *s, struct err *e);

#endif
