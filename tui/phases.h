/* Where the time of checkpoints went: the delay before a barrier came and the wait for those of other inputs, at the vertex that took
 * longest. Flink tells them by vertex and checkpoint only, so each takes two questions, once. */
#ifndef WEIR_TUI_PHASES_H
#define WEIR_TUI_PHASES_H

#include "tui/view.h"

struct phases {
    bool known;                         /* told, or will not be */
    int64_t start_delay_ms, aligned_ms; /* the most of any subtask; LIVE_ABSENT: not told */
};

/* Asks for what is still to be known of checkpoint `id`. */
void phases_ask(const struct world *w, const char *job, int64_t id, struct wants *wants);
/* Takes what has come. */
struct phases phases_read(const struct world *w, const char *job, int64_t id);

#endif
