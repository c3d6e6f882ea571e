#include "live/find.h"

#include <string.h>

#include "live/live.h"

enum { OFFERED = 8 }; /* jobs that a message names */

static bool running(const struct live_job_row *j) { return !live_job_ended(live_job_state(j->state)); }

static bool by_id(const struct live_job_row *j, const char *wanted) { return j->id && !strncmp(j->id, wanted, strlen(wanted)); }
static bool by_beginning(const struct live_job_row *j, const char *wanted)
{
    return j->name && *wanted && !strncmp(j->name, wanted, strlen(wanted));
}
static bool by_name(const struct live_job_row *j, const char *wanted) { return j->name && !strcmp(j->name, wanted); }

/* The only job that `fits`, or the only one of them that has not ended; *n tells how many fit. */
static const struct live_job_row *only(const struct live_jobs *jobs, bool (*fits)(const struct live_job_row *, const char *),
                                       const char *wanted, uint32_t *n)
{
    const struct live_job_row *any = NULL, *live = NULL;
    uint32_t alive = 0;
    *n = 0;
    for (uint32_t i = 0; i < jobs->n_list; i++) {
        const struct live_job_row *j = &jobs->list[i];
        if (!fits(j, wanted))
            continue;
        any = j;
        ++*n;
        if (running(j)) {
            live = j;
            alive++;
        }
    }
    return *n == 1 ? any : alive == 1 ? live : NULL;
}

static void offer(const struct live_jobs *jobs, bool (*fits)(const struct live_job_row *, const char *), const char *wanted,
                  struct buf *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < jobs->n_list; i++) {
        const struct live_job_row *j = &jobs->list[i];
        if (fits && !fits(j, wanted))
            continue;
        if (n++ < OFFERED)
            buf_printf(b, "%s%.8s %s (%s)", n > 1 ? ", " : "", live_text_or(j->id, "?"), live_text_or(j->name, "?"),
                       live_text_or(j->state, "?"));
    }
    if (n > OFFERED)
        buf_printf(b, " and %u more", n - OFFERED);
}

static bool by_life(const struct live_job_row *j, const char *wanted)
{
    (void)wanted;
    return running(j);
}

const struct live_job_row *live_find_job(const struct live_jobs *jobs, const char *wanted, const char *where, struct err *e)
{
    static bool (*const by_word[])(const struct live_job_row *, const char *) = {by_name, by_id, by_beginning};
    static bool (*const without[])(const struct live_job_row *, const char *) = {by_life};
    bool (*const *ways)(const struct live_job_row *, const char *) = wanted ? by_word : without;
    size_t n_ways = wanted ? sizeof by_word / sizeof *by_word : 1, way = 0;
    uint32_t n = 0;
    for (; way < n_ways && !n; way++) {
        const struct live_job_row *j = only(jobs, ways[way], wanted, &n);
        if (j)
            return j;
    }
    struct buf b = {0};
    offer(jobs, n ? ways[way - 1] : NULL, wanted, &b);
    if (n && wanted)
        err_set(e, ERR_MISSING, "'%s' may be any of several jobs: %s", wanted, buf_cstr(&b));
    else if (n)
        err_set(e, ERR_MISSING, "%s runs several jobs, name one: %s", where, buf_cstr(&b));
    else if (b.n && wanted)
        err_set(e, ERR_MISSING, "%s has no job '%s'; it has %s", where, wanted, buf_cstr(&b));
    else if (b.n)
        err_set(e, ERR_MISSING, "%s runs no job, name one that has ended: %s", where, buf_cstr(&b));
    else
        err_set(e, ERR_MISSING, "%s has no job at all", where);
    buf_free(&b);
    return NULL;
}
