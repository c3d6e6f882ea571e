/* Decoded values as JSON text, in the encoding that `weir dump` documents (man weir-dump). */
#ifndef WEIR_INSPECT_JSON_SINK_H
#define WEIR_INSPECT_JSON_SINK_H

#include "savepoint/sink.h"

/* A sorted container that grows beyond this many bytes of text is left in the order of the snapshot. */
enum { JSON_SINK_SORT_LIMIT = 8 << 20 };

struct json_sink {
    struct sink sink; /* hand this to decoders */
    struct buf *out;  /* the caller's; text is appended */
    struct json_frame *frames;
    uint32_t depth, cap;
    size_t *marks; /* where the items of open sorted containers begin */
    size_t n_marks, cap_marks;
    struct buf sorted;
};

void json_sink_init(struct json_sink *j, struct buf *out);
/* Forgets what is open, after an error in the middle of a value. The caller cuts `out` back itself. */
void json_sink_reset(struct json_sink *j);
void json_sink_free(struct json_sink *j);

#endif
