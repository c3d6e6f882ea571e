/* How busy a job's vertices are and how much flows through them: differences between the answers on a job, kept for some minutes,
 * and the root of backpressure in them. */
#ifndef WEIR_TUI_LOAD_H
#define WEIR_TUI_LOAD_H

#include "live/live.h"
#include "live/pressure.h"

enum { LOAD_KEPT = 128 };

struct load_series {
    double v[LOAD_KEPT]; /* oldest first */
    uint32_t n;
};

/* When a vertex's watermarks came, by the cluster's clock. Zero-initialise. */
struct marks_date {
    uint64_t number; /* of the answer with them */
    int64_t ms;      /* 0: not known */
};

struct vertex_load {
    char *id;
    double busy, pressed, idle; /* shares of time, 0 to 1, mean over the subtasks; NaN: not known */
    double in_rate, out_rate;   /* records a second; NaN: not known */
    double in_bytes, out_bytes; /* bytes a second */
    bool since_start;           /* means over the whole life of the tasks: there is no second answer yet */
    bool root;                  /* backpressure upstream comes from here */
    struct load_series busy_over, pressed_over, in_over, out_over;
    struct live_io before; /* totals at the beginning of the interval */
    struct marks_date marks;
};

struct job_load {
    char *job;
    uint64_t number;   /* of the answer that was read last */
    int64_t before_ms; /* Flink's time of `before` */
    struct vertex_load *v;
    uint32_t n;
};

/* Zero-initialise; loads_free. */
struct loads {
    struct job_load *jobs;
    uint32_t n;
    bool single; /* one look, whose answers are taken as of one moment */
};

/* Reads what is new in s. */
void loads_update(struct loads *l, const struct live_snapshot *s);
/* NULL: nothing known. */
const struct job_load *loads_job(const struct loads *l, const char *job);
const struct vertex_load *job_load_vertex(const struct job_load *j, const char *vertex);
void loads_free(struct loads *l);

/* Dates the answer `marks` when it is another one than before: by `clock`, an answer that tells now_ms. Each may be NULL or without
 * data. */
void marks_came(struct marks_date *d, const struct live_answer *marks, const struct live_answer *clock, int64_t now_ms,
                bool single);
/* How far a watermark was behind the cluster's clock when it came; d NULL is allowed. LIVE_ABSENT: it is no time. */
int64_t marks_lag(const struct marks_date *d, int64_t mark);

/* Backpressured enough to count. */
static inline bool load_pressed(double share) { return share > LIVE_PRESSURE_LOW; }

/* The questions by which rates are told without waiting for a second answer. */
extern const char *const load_metrics[2];

#endif
