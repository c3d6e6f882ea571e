#include "live/diagnose.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"

enum { OF_A_KIND = 8 };

const char *const severity_words[] = {"critical", "warning", "note"};

const struct finding_row finding_rows[FINDINGS] = {
#define FINDING(id, severity, name, title, advice, function) [id] = {name, title, advice, SEVERITY_##severity},
#include "live/findings.def"
};

static void (*const checks[FINDINGS])(struct diagnosis *, const struct facts *) = {
#define FINDING(id, severity, name, title, advice, function) [id] = function,
#include "live/findings.def"
};

static const char *text(struct arena *a, const char *fmt, va_list ap)
{
    char line[1024];
    int n = vsnprintf(line, sizeof line, fmt, ap);
    return arena_strn(a, line, n < (int)sizeof line ? strlen(line) : sizeof line - 1);
}

struct finding *finding_add(struct diagnosis *d, enum finding_id id, const char *fmt, ...)
{
    uint32_t same = 0;
    for (uint32_t i = 0; i < d->n; i++)
        same += d->list[i].id == id;
    if (same == OF_A_KIND)
        return NULL;
    struct finding *f = &d->list[d->n++];
    *f = (struct finding){.id = id, .n_evidence = 1};
    va_list ap;
    va_start(ap, fmt);
    f->evidence[0] = text(d->arena, fmt, ap);
    va_end(ap);
    return f;
}

void finding_say(struct diagnosis *d, struct finding *f, const char *fmt, ...)
{
    if (!f || f->n_evidence == FINDING_EVIDENCE)
        return;
    va_list ap;
    va_start(ap, fmt);
    f->evidence[f->n_evidence++] = text(d->arena, fmt, ap);
    va_end(ap);
}

bool finding_found(const struct diagnosis *d, enum finding_id id)
{
    for (uint32_t i = 0; i < d->n; i++)
        if (d->list[i].id == id)
            return true;
    return false;
}

void finding_unknown(struct diagnosis *d, enum finding_id id, const char *fmt, ...)
{
    for (uint32_t i = 0; i < d->n_unassessed; i++)
        if (d->unassessed[i].id == id)
            return;
    va_list ap;
    va_start(ap, fmt);
    d->unassessed[d->n_unassessed++] = (struct unassessed){id, text(d->arena, fmt, ap)};
    va_end(ap);
}

const void *finding_need(struct diagnosis *d, enum finding_id id, const struct live_answer *a)
{
    const void *data = facts_data(a);
    if (!data)
        finding_unknown(d, id, "%s", a && a->err.kind ? a->err.text : "the cluster gave no answer in time");
    return data;
}

struct span_text span_text(int64_t ms)
{
    struct span_text t;
    if (ms < 1000)
        snprintf(t.s, sizeof t.s, "%d ms", ms < 0 ? 0 : (int)ms);
    else if (ms < 60000)
        snprintf(t.s, sizeof t.s, "%.1f s", (double)ms / 1000);
    else
        snprintf(t.s, sizeof t.s, "%s", human_seconds((uint64_t)ms / 1000).s);
    return t;
}

const struct live_job *job_alive(const struct facts *f)
{
    const struct live_job *j = facts_job(f);
    return j && !live_job_ended(live_job_state(j->state)) ? j : NULL;
}

/* By severity; of one severity as in the table. */
static int by_rank(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    enum severity sx = finding_rows[x->id].severity, sy = finding_rows[y->id].severity;
    return sx != sy ? (sx > sy) - (sx < sy) : (x->id > y->id) - (x->id < y->id);
}

void diagnose(struct diagnosis *d, const struct facts *f, struct arena *a)
{
    *d = (struct diagnosis){.arena = a};
    d->list = arena_array(a, FINDINGS * OF_A_KIND, sizeof *d->list);
    d->unassessed = arena_array(a, FINDINGS, sizeof *d->unassessed);
    for (int i = 0; i < FINDINGS; i++) {
        if (!facts_job(f))
            finding_need(d, (enum finding_id)i, f->job);
        else
            checks[i](d, f);
    }
    qsort(d->list, d->n, sizeof *d->list, by_rank);
}
