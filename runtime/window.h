/* Windows of time as plans have them ("windowing": {"strategy", "window", "timeAttributeType", …}; WindowingStrategy of flink-table-planner 2.3). */
#ifndef WEIR_RUNTIME_WINDOW_H
#define WEIR_RUNTIME_WINDOW_H

#include "runtime/op.h"

enum window_kind { WINDOW_TUMBLE, WINDOW_HOP, WINDOW_CUMULATE, WINDOW_SESSION };

/* Milliseconds, local where the time attribute is a TIMESTAMP_LTZ; the end is not included. */
struct window {
    int64_t start, end;
};

struct windowing {
    enum window_kind kind;
    int64_t size, step, offset; /* of cumulative windows: the largest size; of sessions: size is the gap */
    bool attached;              /* rows have their window in two columns */
    bool proctime;              /* a row's moment is that at which it comes; no row is late, and windows close by the clock */
    bool local;                 /* the time attribute is a TIMESTAMP_LTZ: windows lie in local time */
    uint32_t time, start,
        end;         /* columns: of the time, or of the attached window; of attached ones, start may be UINT32_MAX (not there) */
    uint32_t n_keys; /* sessions: columns that part them */
    const uint32_t *keys;
};

/* From a node's member; `row`: of what the columns are. */
bool windowing_read(struct windowing *w, struct op *o, const struct value *spec, const struct ltype *row, struct err *e);
/* The same of a group window ("window": {"kind", "timeField", "size", …}; LogicalWindow). */
bool windowing_read_group(struct windowing *w, struct op *o, const struct value *spec, const struct ltype *row, struct err *e);
/* The windows of a moment, in Flink's order, into `to` (room for windowing_most); how many. Not of sessions. */
uint32_t windowing_assign(const struct windowing *w, int64_t time, struct window *to);
uint32_t windowing_most(const struct windowing *w);
/* A row's moment in the windows' time. False: it has none. */
bool windowing_moment(const struct windowing *w, const struct op *o, const struct batch *b, uint32_t row, int64_t *to);
/* Too late for a window of that end? */
bool windowing_late(const struct windowing *w, const struct op *o, int64_t end);
/* The watermark, or the time, at which a window of that end is over. */
int64_t windowing_closes(const struct windowing *w, const struct eval *ev, int64_t end);

#endif
