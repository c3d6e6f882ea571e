/* When tasks were in which state, as pieces of a bar over a span of time. Times come from outside, in any order. */
#ifndef WEIR_TUI_TIMELINE_H
#define WEIR_TUI_TIMELINE_H

#include "live/model.h"
#include "tui/list.h"

struct phase {
    enum live_task_state state;
    int64_t from_ms, to_ms; /* the same for a state that is an end */
};

enum { PHASES_MOST = LIVE_TASK_STATES };

struct phases {
    struct phase v[PHASES_MOST]; /* in the order of their times */
    uint32_t n;
};

/* From the time of each state (absent: never met). The last one lasts until now unless it is an end. */
void phases_of_times(struct phases *p, const int64_t times[LIVE_TASK_STATES], int64_t now_ms);
/* Of an attempt, whose deployment began at start_ms, from how long it was in each state; end_ms absent: it goes on, until now.
 * Releases before 1.16 do not tell how long: then it is one phase of its state, and where it has ended, of running. */
void phases_of_spans(struct phases *p, const int64_t spans[LIVE_TASK_STATES], enum live_task_state state, int64_t start_ms,
                     int64_t end_ms, int64_t now_ms);
/* Several tasks as one: a state is met with the first of them, running with the last, the end when all have ended. */
void phases_join(struct phases *p, const struct phases *tasks, uint32_t n, int64_t now_ms);

/* How long; LIVE_ABSENT: never. */
int64_t phases_ms(const struct phases *p, enum live_task_state state);
/* The least and the most time; false: there is none. */
bool phases_range(const struct phases *p, int64_t *from_ms, int64_t *to_ms);
/* What of them lies between from and to. Returns how many pieces. */
uint32_t phases_spans(const struct phases *p, int64_t from_ms, int64_t to_ms, struct list_span out[PHASES_MOST]);

struct phase_look {
    enum style style;
    uint32_t code;
};
struct phase_look phase_look(enum live_task_state state);
bool phase_is_end(enum live_task_state state);

#endif
