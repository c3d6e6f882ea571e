/* Precision and recall of live/anomaly on labelled traces (anomaly-traces.py) from standard input, beside a rule of thumb:
 * three times the median of the last 20, or a third of it.
 *
 * An event is found when one of its checkpoints is; alarms that follow each other and belong to no event are one false alarm. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/anomaly.h"

enum { THUMB = 20, KINDS_MAX = 16 };

struct score {
    unsigned events, found, alarms;
    long long at; /* the event that is counted already */
    int in_alarm;
};

struct kind {
    char name[32];
    struct score mine, thumb;
    unsigned long checkpoints;
};

struct thumb {
    double last[THUMB];
    unsigned n;
};

static int thumb_judge(struct thumb *t, double bytes)
{
    double v[THUMB];
    unsigned n = t->n < THUMB ? t->n : THUMB;
    memcpy(v, t->last, n * sizeof *v);
    double m = median_of(v, n);
    t->last[t->n++ % THUMB] = bytes;
    return n >= ANOMALY_LEAST && (bytes > 3 * m || bytes < m / 3);
}

static void count(struct score *s, long long event, int alarm)
{
    if (alarm && event && s->at != event) {
        s->found++;
        s->at = event;
    }
    s->alarms += alarm && !event && !s->in_alarm;
    s->in_alarm = alarm;
}

static void print(const char *who, const char *kind, const struct score *s)
{
    unsigned told = s->found + s->alarms;
    double precision = told ? (double)s->found / told : NAN, recall = s->events ? (double)s->found / s->events : NAN;
    printf("%-14s %-14s %7u %7u %7u  %9.3f  %6.3f\n", kind, who, s->events, s->found, s->alarms, precision, recall);
}

static void sum(struct score *to, const struct score *s)
{
    to->events += s->events;
    to->found += s->found;
    to->alarms += s->alarms;
}

int main(void)
{
    struct kind kinds[KINDS_MAX] = {0}, all = {.name = "all"}, *k = NULL;
    unsigned n = 0, trace, last_trace = 0;
    char name[32];
    long long at, event, last_event = 0;
    double bytes;
    struct anomaly a = {0};
    struct thumb t = {0};
    while (scanf("%31s %u %lld %lf %lld", name, &trace, &at, &bytes, &event) == 5) {
        if (!k || strcmp(k->name, name) != 0 || trace != last_trace) {
            if (!k || strcmp(k->name, name) != 0) {
                if (n == KINDS_MAX)
                    return 2;
                k = &kinds[n++];
                strcpy(k->name, name);
            }
            last_trace = trace;
            last_event = 0;
            a = (struct anomaly){0};
            t = (struct thumb){0};
            k->mine.at = k->thumb.at = 0;
            k->mine.in_alarm = k->thumb.in_alarm = 0;
        }
        if (event && event != last_event) {
            k->mine.events++;
            k->thumb.events++;
        }
        last_event = event ? event : last_event;
        k->checkpoints++;
        count(&k->mine, event, anomaly_judge(&a, at, bytes).anomalous);
        count(&k->thumb, event, thumb_judge(&t, bytes));
        anomaly_add(&a, at, bytes);
    }
    printf("%-14s %-14s %7s %7s %7s  %9s  %6s\n", "TRACES", "RULE", "EVENTS", "FOUND", "FALSE", "PRECISION", "RECALL");
    for (unsigned i = 0; i < n; i++) {
        print("anomalous", kinds[i].name, &kinds[i].mine);
        print("3 x median(20)", kinds[i].name, &kinds[i].thumb);
        sum(&all.mine, &kinds[i].mine);
        sum(&all.thumb, &kinds[i].thumb);
        all.checkpoints += kinds[i].checkpoints;
    }
    print("anomalous", "all", &all.mine);
    print("3 x median(20)", "all", &all.thumb);
    printf("%lu checkpoints\n", all.checkpoints);
    return 0;
}
