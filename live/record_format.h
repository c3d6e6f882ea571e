/* The lines of a recording (record.h), and its limits, for its writer and its reader. */
#ifndef WEIR_LIVE_RECORD_FORMAT_H
#define WEIR_LIVE_RECORD_FORMAT_H

#include "live/shape.h"

enum {
    RECORD_VERSION = 1,
    RECORD_FRAME = 2 << 20,  /* a frame ends when it has so many bytes, unpacked, … */
    RECORD_FRAME_MS = 60000, /* … or when it is so old */
    RECORD_HEAD_MAX = 1 << 20,
    RECORD_BODY_MAX = 64 << 20, /* an answer that is larger is written as one that has failed */
    RECORD_FRAME_MAX = RECORD_FRAME + RECORD_HEAD_MAX + RECORD_BODY_MAX + 1
};

struct record_title {
    const char *weir; /* "recording" */
    int64_t format_version;
    const char *made_by, *url;
};
extern const struct shape shape_record_title;

struct record_head {
    int64_t at_ms, took_ms;
    const char *method, *path;
    int64_t status;
    enum live_bool page, away;
    const char *error;
    int64_t bytes;
};
extern const struct shape shape_record_head;

#endif
