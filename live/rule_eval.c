/* Evaluating rules over the samples of their figures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/human.h"
#include "live/diagnose.h"
#include "live/rule.h"

enum { WINDOW_LEAST = 3 };

void rule_sample(struct rule_series *s, int64_t at_ms, double v)
{
    if (s->anomaly && live_has_real(v)) {
        s->verdict = anomaly_judge(s->anomaly, at_ms, v);
        anomaly_add(s->anomaly, at_ms, v);
    }
    s->ring[s->next] = (struct rule_sample){at_ms, v};
    s->next = (s->next + 1) % RULE_SAMPLES;
    if (s->n < RULE_SAMPLES)
        s->n++;
}

/* The i-th newest. */
static const struct rule_sample *sample(const struct rule_series *s, uint32_t i)
{
    return &s->ring[(s->next + 2 * RULE_SAMPLES - 1 - i) % RULE_SAMPLES];
}

static double current(const struct rule_series *s) { return s->n ? sample(s, 0)->v : NAN; }

/* Over the samples before the current one. */
static double before(const struct rule_series *s, const struct rule_node *w, int64_t now_ms)
{
    double v[RULE_SAMPLES], result = NAN;
    uint32_t n = 0;
    for (uint32_t i = 1; i < s->n; i++) {
        const struct rule_sample *k = sample(s, i);
        if (w->timed ? k->at_ms < now_ms - (int64_t)w->number : n >= (uint32_t)w->number)
            break;
        if (live_has_real(k->v))
            v[n++] = k->v;
    }
    uint32_t least = w->timed ? WINDOW_LEAST : (uint32_t)w->number / 4;
    if (n < least || n < (w->timed || w->number >= WINDOW_LEAST ? WINDOW_LEAST : w->number))
        return NAN;
    switch ((enum rule_window)w->kind) {
    case WINDOW_MEDIAN:
        return median_of(v, n);
    case WINDOW_MEAN:
        result = 0;
        for (uint32_t i = 0; i < n; i++)
            result += v[i] / n;
        return result;
    case WINDOW_MIN:
        for (uint32_t i = 0; i < n; i++)
            result = fmin(result, v[i]);
        return result;
    default:
        for (uint32_t i = 0; i < n; i++)
            result = fmax(result, v[i]);
        return result;
    }
}

/* By how much a counter has grown within the time, also when it began anew in between; *span_ms: over what time that was seen. */
static double growth(const struct rule_series *s, int64_t ms, int64_t now_ms, int64_t *span_ms)
{
    double sum = 0, later = NAN;
    int64_t newest = LIVE_ABSENT;
    *span_ms = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct rule_sample *k = sample(s, i);
        if (live_has_real(k->v)) {
            if (live_has_real(later))
                sum += later >= k->v ? later - k->v : later;
            else
                newest = k->at_ms;
            later = k->v;
            *span_ms = newest - k->at_ms;
        }
        if (k->at_ms <= now_ms - ms)
            break;
    }
    return live_has_real(later) && s->n > 1 ? sum : NAN;
}

static double calculate(const struct rule *r, uint16_t i, int64_t now_ms)
{
    const struct rule_node *n = &r->nodes[i];
    const struct rule_series *s = &r->series[n->series];
    int64_t span;
    double a, b;
    switch (n->op) {
    case OP_NUMBER:
        return n->number;
    case OP_FACT:
        return current(s);
    case OP_WINDOW:
        if (n->kind < WINDOW_INCREASE)
            return before(s, n, now_ms);
        a = growth(s, (int64_t)n->number, now_ms, &span);
        return n->kind == WINDOW_INCREASE ? a : span > 0 ? a * 1000 / (double)span : NAN;
    case OP_NEGATE:
        return -calculate(r, n->left, now_ms);
    default:
        a = calculate(r, n->left, now_ms);
        b = calculate(r, n->right, now_ms);
        return n->kind == '+' ? a + b : n->kind == '-' ? a - b : n->kind == '*' ? a * b : b != 0 ? a / b : NAN;
    }
}

static bool compare(enum rule_compare c, double a, double b)
{
    return c == CMP_GT ? a > b : c == CMP_GE ? a >= b : c == CMP_LT ? a < b : c == CMP_LE ? a <= b : c == CMP_EQ ? a == b : a != b;
}

static struct rule_state judge(const struct rule *r, uint16_t i, int64_t now_ms)
{
    const struct rule_node *n = &r->nodes[i];
    struct rule_state s = {.unit = n->unit, .left = NAN, .right = NAN};
    if (n->op == OP_AND || n->op == OP_OR) {
        struct rule_state a = judge(r, n->left, now_ms), b = judge(r, n->right, now_ms);
        enum rule_truth decides = n->op == OP_AND ? RULE_NO : RULE_YES;
        if (a.truth == decides || b.truth == decides)
            return a.truth == decides ? a : b;
        return a.truth == RULE_UNKNOWN ? a : b;
    }
    if (n->op == OP_ANOMALOUS) {
        const struct rule_series *k = &r->series[n->series];
        s.left = current(k);
        s.right = k->verdict.expected;
        s.truth = !live_has_real(s.left) || !live_has_real(s.right) ? RULE_UNKNOWN : k->verdict.anomalous ? RULE_YES : RULE_NO;
        return s;
    }
    s.left = calculate(r, n->left, now_ms);
    s.right = calculate(r, n->right, now_ms);
    if (live_has_real(s.left) && live_has_real(s.right))
        s.truth = compare((enum rule_compare)n->kind, s.left, s.right) ? RULE_YES : RULE_NO;
    return s;
}

struct rule_state rule_evaluate(struct rule *r, int64_t now_ms)
{
    struct rule_state s = judge(r, r->root, now_ms);
    if (s.truth != RULE_YES) {
        r->since_ms = LIVE_ABSENT;
        return s;
    }
    if (!live_has(r->since_ms))
        r->since_ms = now_ms;
    if (now_ms - r->since_ms < r->for_ms)
        s.truth = RULE_PENDING;
    return s;
}

struct rule_text rule_show(double v, enum unit unit)
{
    struct rule_text t;
    if (!live_has_real(v))
        snprintf(t.s, sizeof t.s, "not known");
    else if (unit == UNIT_SHARE)
        snprintf(t.s, sizeof t.s, "%.3g%%", v * 100);
    else if (unit == UNIT_SIZE && v >= 0 && v < 1e18)
        snprintf(t.s, sizeof t.s, "%s", human_bytes((uint64_t)v).s);
    else if (unit == UNIT_TIME && v >= 0 && v < 1e17)
        snprintf(t.s, sizeof t.s, "%s", span_text((int64_t)v).s);
    else
        snprintf(t.s, sizeof t.s, "%.6g", v);
    return t;
}
