#include "live/pressure.h"

#include <string.h>

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

void live_pressure_roots(const struct live_job *job, const double *pressured, const double *busy, bool *root)
{
    for (uint32_t i = 0; i < job->n_vertices; i++)
        root[i] = false;
    for (uint32_t u = 0; u < job->n_vertices; u++) {
        uint32_t worst = job->n_vertices;
        bool further = false; /* one behind it is held up as much: look there */
        for (uint32_t k = 0; k < job->plan.n_nodes; k++) {
            const struct live_plan_node *n = &job->plan.nodes[k];
            uint32_t v = live_vertex_place(job, n->id);
            for (uint32_t i = 0; v < job->n_vertices && i < n->n_inputs; i++) {
                if (live_vertex_place(job, n->inputs[i].from) != u || !(pressured[u] > LIVE_PRESSURE_LOW))
                    continue;
                if (!holds_up(pressured[u], pressured[v]))
                    further = true;
                else if (worst == job->n_vertices || busy[v] > busy[worst] ||
                         (!live_has_real(busy[worst]) && live_has_real(busy[v])))
                    worst = v;
            }
        }
        if (worst < job->n_vertices && !further)
            root[worst] = true;
    }
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
