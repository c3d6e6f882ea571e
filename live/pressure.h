/* Where backpressure comes from. */
#ifndef WEIR_LIVE_PRESSURE_H
#define WEIR_LIVE_PRESSURE_H

#include "live/model.h"

/* Flink's own bounds of its levels. */
#define LIVE_PRESSURE_LOW 0.1
#define LIVE_PRESSURE_HIGH 0.5

/* For each of the job's vertices, in their order: the share of time in which it is held up by those after it, and busy, of its
 * worst subtask each; 0 to 1, NaN: not known. Fills root[i]: the vertex holds up another, and nothing after it holds it up
 * as much, so it is the one that is too slow. Of several behind the same one the busiest. */
void live_pressure_roots(const struct live_job *job, const double *pressured, const double *busy, bool *root);

/* The worst subtask's figures of an answer; NaN: none. */
double live_pressure_worst(const struct live_backpressure *b);
double live_busy_worst(const struct live_backpressure *b);

/* Whether the plan says that another vertex feeds vertex i. Sources have no input watermarks: there is no use in asking. */
bool live_vertex_fed(const struct live_job *job, uint32_t i);

/* The place of a vertex id among the job's vertices; job->n_vertices: not there. */
uint32_t live_vertex_place(const struct live_job *job, const char *id);

#endif
