#include "tui/exceptions.h"

#include <ctype.h>
#include <string.h>

/* Flink keeps 16 by default (web.exception-history-size). */
static const char query[] = "maxExceptions=20";

void want_exceptions(const struct view *v, struct wants *wants) { want(wants, LIVE_JOB_EXCEPTIONS, v->at.job, NULL, NULL, query); }

const struct live_exceptions *exceptions_of(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_JOB_EXCEPTIONS, v->at.job, NULL, NULL, query);
}

const char *exception_cause(struct arena *a, const struct live_exception *x)
{
    const char *line = x->stack ? x->stack : x->name ? x->name : "?";
    for (const char *next; (next = strstr(line, "\nCaused by: "));)
        line = next + strlen("\nCaused by: ");
    return arena_strn(a, line, strcspn(line, "\r\n"));
}

/* Whether two causes differ in nothing but numbers: addresses, attempts, offsets. */
static bool same_cause(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            while (isdigit((unsigned char)*a))
                a++;
            while (isdigit((unsigned char)*b))
                b++;
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return *a == *b;
}

struct exception_group *exception_groups(struct arena *a, const struct live_exceptions *x, uint32_t *n)
{
    struct exception_group *g = arena_array(a, x->n_list + 1u, sizeof *g);
    *n = 0;
    for (uint32_t i = 0; i < x->n_list; i++) {
        const struct live_exception *e = &x->list[i];
        const char *cause = exception_cause(a, e);
        uint32_t at = 0;
        while (at < *n && !same_cause(g[at].cause, cause))
            at++;
        if (at == *n)
            g[(*n)++] = (struct exception_group){.cause = cause, .latest = e, .first_ms = e->at_ms, .last_ms = e->at_ms};
        g[at].n++;
        if (live_has(e->at_ms) && (e->at_ms < g[at].first_ms || !live_has(g[at].first_ms)))
            g[at].first_ms = e->at_ms;
        if (live_has(e->at_ms) && e->at_ms > g[at].last_ms) {
            g[at].last_ms = e->at_ms;
            g[at].latest = e;
        }
    }
    return g;
}

const char *exception_id(struct arena *a, const struct exception_group *g)
{
    char *id = arena_str(a, g->cause);
    char *to = id;
    for (const char *p = g->cause; *p; p++)
        if (!isdigit((unsigned char)*p))
            *to++ = *p;
        else if (to == id || to[-1] != '0')
            *to++ = '0'; /* whatever number stands there */
    *to = 0;
    return id;
}
