#include "tui/phases.h"

#include <stdio.h>

struct asked {
    char id[24];
    const char *vertex; /* NULL: not known yet, or there is none */
    bool pending;
};

static bool pending(const struct live_answer *a) { return !a || a->state == LIVE_PENDING; }

/* The vertex that took longest. */
static struct asked slowest(const struct world *w, const char *job, int64_t id)
{
    struct asked k = {.vertex = NULL};
    snprintf(k.id, sizeof k.id, "%lld", (long long)id);
    const struct live_answer *a = answer_to(w, LIVE_CHECKPOINT, job, NULL, k.id, NULL);
    const struct live_checkpoint *c = a ? a->data : NULL;
    int64_t most = LIVE_ABSENT;
    k.pending = pending(a);
    for (uint32_t i = 0; c && i < c->n_vertices; i++)
        if (c->vertices[i].vertex && (!k.vertex || c->vertices[i].duration_ms > most)) {
            most = c->vertices[i].duration_ms;
            k.vertex = c->vertices[i].vertex;
        }
    return k;
}

void phases_ask(const struct world *w, const char *job, int64_t id, struct wants *wants)
{
    struct asked k = slowest(w, job, id);
    if (k.vertex)
        want(wants, LIVE_CHECKPOINT_SUBTASKS, job, k.vertex, k.id, NULL);
    else if (k.pending)
        want(wants, LIVE_CHECKPOINT, job, NULL, k.id, NULL);
}

struct phases phases_read(const struct world *w, const char *job, int64_t id)
{
    struct asked k = slowest(w, job, id);
    struct phases p = {.start_delay_ms = LIVE_ABSENT, .aligned_ms = LIVE_ABSENT};
    const struct live_answer *a = k.vertex ? answer_to(w, LIVE_CHECKPOINT_SUBTASKS, job, k.vertex, k.id, NULL) : NULL;
    const struct live_checkpoint_subtasks *c = a ? a->data : NULL;
    p.known = k.vertex ? !pending(a) : !k.pending;
    for (uint32_t i = 0; c && i < c->n_subtasks; i++) {
        const struct live_checkpoint_subtask *x = &c->subtasks[i];
        p.start_delay_ms = x->start_delay_ms > p.start_delay_ms ? x->start_delay_ms : p.start_delay_ms;
        p.aligned_ms = x->alignment.duration_ms > p.aligned_ms ? x->alignment.duration_ms : p.aligned_ms;
    }
    return p;
}
