#include "live/pressure.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

uint32_t live_vertex_place(const struct live_job *job, const char *id)
{
    uint32_t i = 0;
    while (i < job->n_vertices && !(id && job->vertices[i].id && !strcmp(job->vertices[i].id, id)))
        i++;
    return i;
}

bool live_vertex_fed(const struct live_job *job, uint32_t i)
{
    const char *id = job->vertices[i].id;
    for (uint32_t k = 0; id && k < job->plan.n_nodes; k++)
        if (job->plan.nodes[k].id && !strcmp(job->plan.nodes[k].id, id))
            return job->plan.nodes[k].n_inputs > 0;
    return false;
}

/* Whether u is held up by v: v takes from u, and is itself held up a level less. */
static bool holds_up(double u, double v)
{
    v = live_has_real(v) ? v : 0;
    return (u > LIVE_PRESSURE_HIGH && v <= LIVE_PRESSURE_HIGH) || (u > LIVE_PRESSURE_LOW && v <= LIVE_PRESSURE_LOW);
}

/* What is known of a vertex that is held up, while its outputs are looked at. */
struct below {
    uint32_t worst; /* the busiest that holds it up; n_vertices: none */
    bool further;   /* one after it is held up as much: look there */
};

void live_pressure_roots(const struct live_job *job, const double *pressured, const double *busy, bool *root)
{
    uint32_t none = job->n_vertices;
    struct below *below = mem_alloc(sizeof *below * ((size_t)none + 1));
    bool any = false;
    for (uint32_t i = 0; i < none; i++) {
        root[i] = false;
        below[i] = (struct below){.worst = none};
        any = any || pressured[i] > LIVE_PRESSURE_LOW;
    }
    for (uint32_t k = 0; any && k < job->plan.n_nodes; k++) {
        const struct live_plan_node *n = &job->plan.nodes[k];
        uint32_t v = n->n_inputs ? live_vertex_place(job, n->id) : none;
        for (uint32_t i = 0; v < none && i < n->n_inputs; i++) {
            uint32_t u = live_vertex_place(job, n->inputs[i].from);
            if (u == none || !(pressured[u] > LIVE_PRESSURE_LOW))
                continue;
            uint32_t worst = below[u].worst;
            if (!holds_up(pressured[u], pressured[v]))
                below[u].further = true;
            else if (worst == none || busy[v] > busy[worst] || (!live_has_real(busy[worst]) && live_has_real(busy[v])))
                below[u].worst = v;
        }
    }
    for (uint32_t u = 0; u < none; u++)
        if (below[u].worst < none && !below[u].further)
            root[below[u].worst] = true;
    free(below);
}

double live_pressure_worst(const struct live_backpressure *b)
{
    double worst = NAN;
    for (uint32_t i = 0; b && i < b->n_subtasks; i++)
        worst = fmax(worst, b->subtasks[i].ratio);
    return worst;
}

double live_busy_worst(const struct live_backpressure *b)
{
    double worst = NAN;
    for (uint32_t i = 0; b && i < b->n_subtasks; i++)
        worst = fmax(worst, b->subtasks[i].busy);
    return worst;
}
