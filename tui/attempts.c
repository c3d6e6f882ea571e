#include "tui/attempts.h"

#include <stdio.h>

enum { NEVER_CHANGES_MS = 600000 };

struct attempts attempts_of(const struct live_vertex_detail *d, int64_t each)
{
    return (struct attempts){.d = d, .left = ATTEMPTS_MOST, .back = 1, .most = each};
}

bool attempts_next(struct attempts *a)
{
    if (!a->d)
        return false;
    for (; a->back <= a->most && a->left; a->back++, a->at = 0)
        while (a->at < a->d->n_subtasks) {
            const struct live_subtask *s = &a->d->subtasks[a->at++];
            if (s->attempt < a->back || !live_has(s->index))
                continue;
            a->subtask = s->index;
            a->attempt = s->attempt - a->back;
            a->left--;
            return true;
        }
    return false;
}

static struct live_ask question(const struct view *v, char subtask[24], char attempt[24], int64_t s, int64_t n)
{
    snprintf(subtask, 24, "%lld", (long long)s);
    snprintf(attempt, 24, "%lld", (long long)n);
    return (struct live_ask){.route = LIVE_ATTEMPT, .job = v->at.job, .vertex = v->at.vertex, .item = subtask, .part = attempt};
}

void attempts_want(const struct view *v, const struct world *w, struct wants *wants, int64_t each)
{
    struct attempts a = attempts_of(answer_data(w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL), each);
    while (attempts_next(&a)) {
        char subtask[24], attempt[24];
        const struct live_ask ask = question(v, subtask, attempt, a.subtask, a.attempt);
        want_ask(wants, &ask);
        want_every(wants, NEVER_CHANGES_MS);
    }
}

const struct live_subtask *attempt_of(const struct view *v, const struct world *w, int64_t subtask, int64_t attempt)
{
    char s[24], n[24];
    const struct live_ask ask = question(v, s, n, subtask, attempt);
    const struct live_answer *a = w->snapshot ? live_find(w->snapshot, &ask) : NULL;
    return a ? a->data : NULL;
}
