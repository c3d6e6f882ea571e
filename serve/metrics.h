/* Metrics by Flink's names (metrics.def): one by one for the REST interface, all at once for Prometheus. */
#ifndef WEIR_SERVE_METRICS_H
#define WEIR_SERVE_METRICS_H

#include "serve/answer.h"

enum metric_scope { METRIC_JOB, METRIC_TASK, METRIC_OPERATOR, METRIC_JOBMANAGER, METRIC_PROCESS };

struct metric {
    enum metric_scope scope;
    const char *name;
};

enum metric_id {
#define METRIC(scope, id, name, value) METRIC_##id,
#include "serve/metrics.def"
#undef METRIC
    METRICS
};
extern const struct metric metrics[METRICS];

struct figure {
    bool is_real;
    int64_t whole;
    double real;
};

struct process_figures;
/* What a metric is of: vertex, subtask and operator by their places, as far as its scope has them. */
struct figure metric_figure(enum metric_id id, const struct asked *q, uint32_t vertex, uint32_t subtask, uint32_t op,
                            const struct process_figures *p);
/* As text: "12", "0.5", "NaN". */
const char *figure_text(struct figure f, struct arena *a);
double figure_real(struct figure f);

/* All of them, in Prometheus' text format, as Flink's PrometheusReporter names them. */
void prometheus_write(const struct asked *q, struct buf *to);

#endif
