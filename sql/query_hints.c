/* Hints of a SELECT: STATE_TTL, which says how long joins and aggregates keep the state of their inputs (QueryHintsResolver, StateTtlHint of
 * flink-table-planner 2.3). */
#include <string.h>
#include <strings.h>

#include "base/duration.h"
#include "sql/query.h"

/* 'db.t' is t, too. */
static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static struct hint *find(struct hints *h, const char *name)
{
    for (uint32_t i = 0; i < h->n; i++)
        if (!strcmp(h->v[i].name, name))
            return &h->v[i];
    return NULL;
}

/* Of several hints the first one counts, within one the last word. */
static bool add_pair(struct query *q, const struct ast *x, uint32_t of, struct hints *to, struct err *e)
{
    int64_t ms;
    if (x->kind != AST_PAIR || x->kids[1]->kind != AST_TEXT)
        return query_wrong(q, x->at, e, "hint STATE_TTL takes 'table' = 'time', as in STATE_TTL('orders' = '1d')");
    if (!duration_option(x->kids[1]->text, &ms))
        return query_wrong(q, x->kids[1]->at, e, "'%s' is no duration: '1d', '12 h', '90 s'", x->kids[1]->text);
    struct hint *h = find(to, last_part(x->kids[0]->text));
    if (h && h->of != of)
        return true;
    if (!h && to->n == HINTS_MAX)
        return query_wrong(q, x->at, e, "more than %d tables in hints", HINTS_MAX);
    h = h ? h : &to->v[to->n++];
    *h = (struct hint){last_part(x->kids[0]->text), x->kids[1]->text, x->at, of, false};
    return true;
}

/* How joins are carried out, not what they give. */
static bool of_execution(const char *name)
{
    static const char *const names[] = {"BROADCAST", "SHUFFLE_HASH", "SHUFFLE_MERGE", "NEST_LOOP", "MULTI_JOIN"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(names[i], name))
            return true;
    return false;
}

bool query_hints(struct query *q, const struct ast *list, struct hints *to, struct err *e)
{
    q->hints = to;
    for (uint32_t i = 0; list && i < list->n; i++) {
        const struct ast *x = list->kids[i];
        if (of_execution(x->text))
            continue;
        if (strcasecmp(x->text, "STATE_TTL"))
            return query_wrong(q, x->at, e, "hint %s is not there yet", x->text);
        for (uint32_t k = 0; k < x->n; k++)
            if (!add_pair(q, x->kids[k], i, to, e))
                return false;
    }
    return true;
}

const char *query_ttl(struct query *q, const char *name)
{
    struct hint *h = name ? find(q->hints, name) : NULL;
    q->hints->asked = true;
    if (!h)
        return NULL;
    h->used = true;
    return h->ttl;
}

bool query_hints_used(struct query *q, struct err *e)
{
    const struct hints *h = q->hints;
    for (uint32_t i = 0; h->asked && i < h->n; i++)
        if (!h->v[i].used)
            return query_wrong(q, h->v[i].at, e, "hint STATE_TTL: no input of a join or an aggregate here is called %s",
                               h->v[i].name);
    return true;
}
