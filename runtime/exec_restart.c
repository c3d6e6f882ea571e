#include "runtime/exec_restart.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "runtime/op.h"

static bool span(const struct job *j, const char *name, const char *otherwise, int64_t *ms, struct err *e)
{
    const char *text = job_config(j, name, otherwise);
    return (duration_option(text, ms) && *ms >= 0) || err_set(e, ERR_USAGE, "%s is no duration: %s", name, text);
}

static bool count(const struct job *j, const char *name, uint64_t otherwise, uint64_t *n, struct err *e)
{
    const char *text = job_config(j, name, NULL);
    char *end;
    *n = otherwise;
    if (!text || !strcmp(text, "infinite"))
        return true;
    *n = strtoull(text, &end, 10);
    return (end != text && !*end && *text != '-') || err_set(e, ERR_USAGE, "%s is no number: %s", name, text);
}

static bool factor(const struct job *j, const char *name, const char *otherwise, double *f, struct err *e)
{
    const char *text = job_config(j, name, otherwise);
    char *end;
    *f = strtod(text, &end);
    return (end != text && !*end && *f >= 0) || err_set(e, ERR_USAGE, "%s is no number: %s", name, text);
}

#define P "restart-strategy."

static bool fixed(struct restarts *r, const struct job *j, struct err *e)
{
    r->kind = RESTART_FIXED;
    return count(j, P "fixed-delay.attempts", 1, &r->attempts, e) && span(j, P "fixed-delay.delay", "1 s", &r->delay, e);
}

static bool exponential(struct restarts *r, const struct job *j, struct err *e)
{
    r->kind = RESTART_EXPONENTIAL;
    return span(j, P "exponential-delay.initial-backoff", "1 s", &r->delay, e) &&
        span(j, P "exponential-delay.max-backoff", "1 min", &r->max_delay, e) &&
        span(j, P "exponential-delay.reset-backoff-threshold", "1 h", &r->reset, e) &&
        factor(j, P "exponential-delay.backoff-multiplier", "1.5", &r->multiplier, e) &&
        factor(j, P "exponential-delay.jitter-factor", "0.1", &r->jitter, e) &&
        count(j, P "exponential-delay.attempts-before-reset-backoff", UINT64_MAX, &r->attempts, e);
}

static bool rate(struct restarts *r, const struct job *j, struct err *e)
{
    r->kind = RESTART_RATE;
    return count(j, P "failure-rate.max-failures-per-interval", 1, &r->attempts, e) &&
        span(j, P "failure-rate.failure-rate-interval", "1 min", &r->interval, e) &&
        span(j, P "failure-rate.delay", "1 s", &r->delay, e);
}

bool restarts_open(struct restarts *r, const struct job *j, bool checkpoints, struct err *e)
{
    static const struct {
        const char *name;
        bool (*read)(struct restarts *r, const struct job *j, struct err *e);
    } kinds[] = {{"none", NULL},
                 {"off", NULL},
                 {"disable", NULL},
                 {"fixed-delay", fixed},
                 {"fixeddelay", fixed},
                 {"exponential-delay", exponential},
                 {"exponentialdelay", exponential},
                 {"failure-rate", rate},
                 {"failurerate", rate}};
    const char *type = job_config(j, P "type", checkpoints ? "exponential-delay" : "none");
    *r = (struct restarts){.kind = RESTART_NEVER};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, type))
            return !kinds[i].read || kinds[i].read(r, j, e);
    return err_set(e, ERR_USAGE, P "type is none, fixed-delay, exponential-delay or failure-rate, not '%s'", type);
}

static int64_t back_off(struct restarts *r, int64_t now, double chance)
{
    if (!r->n || now - r->last > r->next + r->reset) {
        r->next = r->delay;
        r->n = 0;
    } else {
        double next = (double)r->next * r->multiplier;
        r->next = next < (double)r->max_delay ? (int64_t)next : r->max_delay;
    }
    int64_t delay = r->next + (int64_t)((double)r->next * r->jitter * (chance * 2 - 1));
    return delay > 0 ? delay : 0;
}

bool restarts_again(struct restarts *r, int64_t now, double chance, int64_t *delay)
{
    *delay = r->delay;
    if (r->kind == RESTART_NEVER)
        return false;
    if (r->kind == RESTART_EXPONENTIAL)
        *delay = back_off(r, now, chance);
    if (r->kind == RESTART_RATE && (!r->n || now - r->window > r->interval)) {
        r->window = now;
        r->n = 0;
    }
    r->last = now;
    return r->n++ < r->attempts;
}

const char *restarts_about(const struct restarts *r, struct arena *a)
{
    switch (r->kind) {
    case RESTART_FIXED:
        return arena_printf(a, "Restart with fixed delay (%lld ms). #%llu restart attempts.", (long long)r->delay,
                            (unsigned long long)r->attempts);
    case RESTART_EXPONENTIAL:
        return arena_printf(a, "Restart with exponential delay (starting at %lld ms, increasing by %g up to %lld ms).",
                            (long long)r->delay, r->multiplier, (long long)r->max_delay);
    case RESTART_RATE:
        return arena_printf(a,
                            "Failure rate restart with maximum of %llu failures within interval %lld ms and fixed delay %lld ms.",
                            (unsigned long long)r->attempts, (long long)r->interval, (long long)r->delay);
    default:
        return "Restart deactivated.";
    }
}
