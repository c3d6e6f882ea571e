/* Windows of a time and their accumulators: what op_window_agg.c and window_agg_state.c share. */
#ifndef WEIR_RUNTIME_WINDOW_AGG_H
#define WEIR_RUNTIME_WINDOW_AGG_H

#include "runtime/agg_state.h"
#include "runtime/session.h"

struct property {
    enum { WINDOW_START, WINDOW_END, WINDOW_TIME, WINDOW_NO_TIME } what; /* NO_TIME: processing time, which is NULL */
};

struct window_agg {
    struct windowing w;
    bool group; /* a group window: state lies under windows, and each has a timer */
    struct agg *aggs;
    uint32_t n_aggs, n_keys, n_properties, n_cells;
    const uint32_t *keys;
    const struct ltype **key_types; /* the keys, then the slice's end; n_cells: and its start, where that does not follow from it */
    struct property *properties;
    struct kstate state;
    struct sessions sessions;
    int64_t next;      /* the least end of a window that is open: nothing to do before */
    int64_t done;      /* the watermark, or the time, up to which windows have been sent */
    int64_t done_then; /* … when the snapshot that is put began */
    union cell *key;
    uint8_t *key_null;
    struct acc *merged;
    struct acc_layout layout;
    uint32_t timers, mapping; /* states in snapshots */
    struct kstate firsts;     /* restored: of each key the end of its first window that had a timer */
    struct due {
        struct row *key; /* and behind it the end of the first slice that is there */
        int64_t end;
        uint32_t at;
    } * due;
    uint32_t n_due, cap_due;
};

struct slice {
    uint32_t n;
    int64_t rows;
    int64_t sent; /* of its windows, those up to this end have gone out before it was restored */
    struct acc acc[];
};

/* What a session has been made into. */
struct gathered {
    uint32_t n;
    struct acc acc[];
};

bool wagg_shared(const struct window_agg *g); /* windows share slices */
bool wagg_apart(const struct window_agg *g);
int64_t wagg_first_slice(const struct window_agg *g, int64_t end);
int64_t wagg_last_end(const struct window_agg *g, int64_t slice);
int64_t wagg_next_window(const struct op *o, int64_t slice, const struct slice *s, int64_t done);
void wagg_expect(struct op *o, int64_t slice, const struct slice *s);
struct slice *wagg_slice_at(struct window_agg *g, int64_t end);
void wagg_look_from(struct window_agg *g, const struct row *key);
struct gathered *wagg_gathered(const struct window_agg *g, struct session *s);

/* --- window_agg_state.c --- */

extern const char *const wagg_lists[];
void wagg_declare(struct op *o);
void wagg_snapshot(struct op *o, uint64_t checkpoint, struct snap *to);
bool wagg_restore(struct op *o, const struct snap *of, struct err *e);

#endif
