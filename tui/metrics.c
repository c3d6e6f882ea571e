#include "tui/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"

static const char aggregates[] = "min,max,avg,sum";

int metric_sources(const struct target *at, const struct live_job *j, int64_t subtask, char number[24],
                   struct metric_source out[METRIC_SOURCES])
{
    if (at->job && at->vertex) {
        out[0] = (struct metric_source){LIVE_SUBTASKS_METRICS, at->job, at->vertex, NULL, "", true};
        if (subtask) {
            snprintf(number, 24, "%lld", (long long)subtask - 1);
            out[0] = (struct metric_source){LIVE_SUBTASK_METRICS, at->job, at->vertex, number, "", false};
        }
        out[1] = (struct metric_source){LIVE_VERTEX_JOBMANAGER_METRICS, at->job, at->vertex, NULL, "coordinator: ", false};
        for (uint32_t i = 0; j && i < j->n_vertices; i++) /* sources have a coordinator */
            if (j->vertices[i].id && !strcmp(j->vertices[i].id, at->vertex) && !live_vertex_fed(j, i))
                return 2;
    } else if (at->job) {
        out[0] = (struct metric_source){LIVE_JOB_METRICS, at->job, NULL, NULL, "", false};
    } else if (at->item) {
        out[0] = (struct metric_source){LIVE_TASKMANAGER_METRICS, NULL, NULL, at->item, "", false};
    } else {
        out[0] = (struct metric_source){LIVE_JOBMANAGER_METRICS, NULL, NULL, NULL, "", false};
    }
    return 1;
}

const char *metric_of(struct arena *a, const struct metric_source *s)
{
    return arena_printf(a, "%d %s %s %s", (int)s->route, live_text_or(s->job, ""), live_text_or(s->vertex, ""),
                        live_text_or(s->item, ""));
}

/* --- questions --- */

/* How many of n names go into one question. A name's characters may each become three. */
static uint32_t how_many(const char *const *names, uint32_t n)
{
    enum { ROOM = 3000 };
    size_t used = 0;
    uint32_t i = 0;
    for (; i < n; i++) {
        for (const char *p = names[i]; *p; p++)
            used += strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~", *p) ? 1 : 3;
        used += 3;
        if (used > ROOM && i)
            break;
    }
    return i;
}

void metric_want(struct wants *w, const struct metric_source *s, const char *const *names, uint32_t n)
{
    struct arena a = {0};
    for (uint32_t i = 0, k; i < n; i += k) {
        k = how_many(names + i, n - i);
        want(w, s->route, s->job, s->vertex, s->item, live_metrics_query(&a, names + i, k, s->many ? aggregates : NULL));
    }
    arena_free(&a);
}

struct metric_answers metric_answers(const struct world *w, const struct metric_source *s, const char *const *names, uint32_t n,
                                     struct arena *a)
{
    struct metric_answers m = {.v = arena_array(a, n + 1u, sizeof(const struct live_answer *))};
    for (uint32_t i = 0, k; i < n; i += k) {
        k = how_many(names + i, n - i);
        m.v[m.n++] =
            answer_to(w, s->route, s->job, s->vertex, s->item, live_metrics_query(a, names + i, k, s->many ? aggregates : NULL));
    }
    return m;
}

const struct live_metric *metric_value(const struct metric_answers *m, const char *name, const struct live_answer **answer)
{
    for (uint32_t i = 0; i < m->n; i++) {
        const struct live_metric *found = m->v[i] && m->v[i]->data ? live_metric(m->v[i]->data, name) : NULL;
        if (found) {
            *answer = m->v[i];
            return found;
        }
    }
    return NULL;
}

/* --- values --- */

static bool ends(const char *name, const char *with)
{
    size_t n = strlen(name), m = strlen(with);
    return n >= m && !strcmp(name + n - m, with);
}

static struct shown real(double v)
{
    struct shown t;
    static const char unit[] = " kMGTPE";
    double a = fabs(v);
    int i = 0;
    if (v == floor(v) && a < 1e7)
        return show_count((int64_t)v);
    if (a >= 1e21 || (a < 0.001 && a > 0)) {
        snprintf(t.s, sizeof t.s, "%.3g", v);
        return t;
    }
    while (a >= 9999.5) {
        a /= 1000;
        v /= 1000;
        i++;
    }
    snprintf(t.s, sizeof t.s, a >= 99.95 ? "%.0f%.1s" : a >= 9.995 ? "%.1f%.1s" : "%.3g%.1s", v, i ? unit + i : "");
    return t;
}

struct shown metric_shown(const char *name, double v)
{
    static const char *const sizes[] = {"heckpointSize", "FullSize", "MetadataSize", "ProcessedData", "PersistedData"};
    struct shown t = {"-"};
    bool bytes = strstr(name, "Bytes") ||
        (strstr(name, "Memory") && !ends(name, "Segments") && !ends(name, "Count") && !ends(name, "Usage"));
    bool stamp = ends(name, "Watermark") || ends(name, "Timestamp");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        bytes |= ends(name, sizes[i]);
    if (isnan(v))
        return t;
    if (stamp && v <= -9.2e18)
        snprintf(t.s, sizeof t.s, "none yet");
    else if (stamp && v >= 9.2e18)
        snprintf(t.s, sizeof t.s, "ended");
    else if (stamp && v > 1e11 && v < 1e14)
        snprintf(t.s, sizeof t.s, "%s", human_time((int64_t)v).s);
    else if (bytes && v >= 0 && v < 9e18)
        snprintf(t.s, sizeof t.s, "%s%s", human_bytes((uint64_t)v).s, ends(name, "PerSecond") ? "/s" : "");
    else
        t = real(v);
    return t;
}
