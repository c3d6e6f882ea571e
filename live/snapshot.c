#include <stdatomic.h>
#include <stdlib.h>

#include "live/answer.h"

struct snapshot *snapshot_new(uint32_t room)
{
    struct snapshot *s = mem_zalloc(sizeof *s);
    s->holds = 1;
    s->answers = mem_alloc(((size_t)room + 1) * sizeof *s->answers);
    s->pub.answers = s->answers;
    return s;
}

void snapshot_put(struct snapshot *s, const struct answer *a) { s->answers[s->pub.n_answers++] = &answer_hold(a)->pub; }

const struct live_snapshot *live_hold(const struct live_snapshot *s)
{
    ((struct snapshot *)(uintptr_t)s)->holds++;
    return s;
}

void live_release(const struct live_snapshot *pub)
{
    struct snapshot *s = (struct snapshot *)(uintptr_t)pub;
    if (!s || --s->holds)
        return;
    for (uint32_t i = 0; i < s->pub.n_answers; i++)
        answer_release((const struct answer *)s->answers[i]);
    free(s->answers);
    free(s);
}

const struct live_answer *live_find(const struct live_snapshot *s, const struct live_ask *ask)
{
    uint32_t low = 0, high = s ? s->n_answers : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = live_ask_compare(&s->answers[middle]->ask, ask);
        if (!order)
            return s->answers[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
