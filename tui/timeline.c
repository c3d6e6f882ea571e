#include "tui/timeline.h"

#include <stdlib.h>

bool phase_is_end(enum live_task_state state)
{
    return state == LIVE_TASK_FINISHED || state == LIVE_TASK_CANCELED || state == LIVE_TASK_FAILED;
}

struct phase_look phase_look(enum live_task_state state)
{
    static const struct phase_look looks[LIVE_TASK_STATES] = {
        [LIVE_TASK_CREATED] = {ST_DIM, 0xb7},          [LIVE_TASK_SCHEDULED] = {ST_DIM, 0x2591},
        [LIVE_TASK_DEPLOYING] = {ST_WARN, 0x2592},     [LIVE_TASK_RECONCILING] = {ST_WARN, 0x2592},
        [LIVE_TASK_INITIALIZING] = {ST_CHART, 0x2593}, [LIVE_TASK_RUNNING] = {ST_OK, 0x2501},
        [LIVE_TASK_FINISHED] = {ST_OK, 0x2713},        [LIVE_TASK_CANCELING] = {ST_WARN, 0x2591},
        [LIVE_TASK_CANCELED] = {ST_WARN, 0xd7},        [LIVE_TASK_FAILED] = {ST_BAD, 0x2717},
    };
    return state < LIVE_TASK_STATES ? looks[state] : (struct phase_look){ST_DIM, 0xb7};
}

static int by_time(const void *a, const void *b)
{
    const struct phase *x = a, *y = b;
    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    return (x->state > y->state) - (x->state < y->state);
}

/* Puts them in order and lets each last until the next. */
static void close_phases(struct phases *p, int64_t now_ms)
{
    qsort(p->v, p->n, sizeof *p->v, by_time);
    for (uint32_t i = 0; i < p->n; i++) {
        int64_t to = i + 1 < p->n                              ? p->v[i + 1].from_ms
            : phase_is_end(p->v[i].state) || !live_has(now_ms) ? p->v[i].from_ms
                                                               : now_ms;
        p->v[i].to_ms = to > p->v[i].from_ms ? to : p->v[i].from_ms;
    }
}

/* A time that a clock could show, so that differences have room. */
static bool is_time(int64_t ms) { return ms > 0 && ms < (int64_t)1 << 60; }

void phases_of_times(struct phases *p, const int64_t times[LIVE_TASK_STATES], int64_t now_ms)
{
    p->n = 0;
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        if (is_time(times[s]))
            p->v[p->n++] = (struct phase){.state = (enum live_task_state)s, .from_ms = times[s]};
    close_phases(p, is_time(now_ms) ? now_ms : LIVE_ABSENT);
}

void phases_of_spans(struct phases *p, const int64_t spans[LIVE_TASK_STATES], enum live_task_state state, int64_t start_ms,
                     int64_t end_ms, int64_t now_ms)
{
    int64_t at = start_ms;
    p->n = 0;
    if (!is_time(start_ms))
        return;
    int64_t last = is_time(end_ms) ? end_ms : is_time(now_ms) ? now_ms : start_ms;
    for (int s = LIVE_TASK_SCHEDULED; s >= LIVE_TASK_CREATED; s--) /* before the deployment */
        if (spans[s] > 0 && spans[s] < at)
            p->v[p->n++] = (struct phase){.state = (enum live_task_state)s, .from_ms = at -= spans[s]};
    at = start_ms;
    for (int s = LIVE_TASK_DEPLOYING; s < LIVE_TASK_STATES; s++)
        if (spans[s] > 0 && at < last && !phase_is_end((enum live_task_state)s)) {
            p->v[p->n++] = (struct phase){.state = (enum live_task_state)s, .from_ms = at};
            at = spans[s] < last - at ? at + spans[s] : last;
        }
    if (at == start_ms && state < LIVE_TASK_STATES) /* not told */
        p->v[p->n++] = (struct phase){.state = phase_is_end(state) ? LIVE_TASK_RUNNING : state, .from_ms = at};
    if (phase_is_end(state))
        p->v[p->n++] = (struct phase){.state = state, .from_ms = last};
    close_phases(p, last);
}

/* The end of all of them, which a failure names, else a cancellation; OTHER: some go on. */
static enum live_task_state join_ends(const struct phases *tasks, uint32_t n, int64_t *at_ms)
{
    enum live_task_state end = LIVE_TASK_OTHER;
    *at_ms = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct phase *last = tasks[i].n ? &tasks[i].v[tasks[i].n - 1] : NULL;
        if (!last || !phase_is_end(last->state))
            return LIVE_TASK_OTHER;
        *at_ms = last->from_ms > *at_ms ? last->from_ms : *at_ms;
        end = end == LIVE_TASK_OTHER || last->state > end ? last->state : end;
    }
    return end;
}

void phases_join(struct phases *p, const struct phases *tasks, uint32_t n, int64_t now_ms)
{
    int64_t times[LIVE_TASK_STATES], end_ms;
    uint32_t running = 0;
    for (int s = 0; s < LIVE_TASK_STATES; s++)
        times[s] = LIVE_ABSENT;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < tasks[i].n; k++) {
            enum live_task_state s = tasks[i].v[k].state;
            int64_t at = tasks[i].v[k].from_ms;
            running += s == LIVE_TASK_RUNNING;
            if (!phase_is_end(s) && (!live_has(times[s]) || (s == LIVE_TASK_RUNNING ? at > times[s] : at < times[s])))
                times[s] = at;
        }
    if (running < n)
        times[LIVE_TASK_RUNNING] = LIVE_ABSENT;
    enum live_task_state end = join_ends(tasks, n, &end_ms);
    if (end != LIVE_TASK_OTHER)
        times[end] = end_ms;
    phases_of_times(p, times, now_ms);
}

int64_t phases_ms(const struct phases *p, enum live_task_state state)
{
    int64_t sum = LIVE_ABSENT;
    for (uint32_t i = 0; i < p->n; i++)
        if (p->v[i].state == state)
            sum = live_or(sum, 0) + p->v[i].to_ms - p->v[i].from_ms;
    return sum;
}

bool phases_range(const struct phases *p, int64_t *from_ms, int64_t *to_ms)
{
    if (!p->n)
        return false;
    *from_ms = p->v[0].from_ms;
    *to_ms = p->v[p->n - 1].to_ms;
    return true;
}

uint32_t phases_spans(const struct phases *p, int64_t from_ms, int64_t to_ms, struct list_span out[PHASES_MOST])
{
    uint32_t n = 0;
    double all = to_ms > from_ms ? (double)(to_ms - from_ms) : 1;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct phase *x = &p->v[i];
        const struct phase_look look = phase_look(x->state);
        if (x->to_ms < from_ms || x->from_ms > to_ms || (x->to_ms == x->from_ms && !phase_is_end(x->state)))
            continue;
        out[n++] = (struct list_span){.from = (double)(x->from_ms - from_ms) / all,
                                      .to = (double)(x->to_ms - from_ms) / all,
                                      .style = (uint8_t)look.style,
                                      .code = look.code};
    }
    return n;
}
