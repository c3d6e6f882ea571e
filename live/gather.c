#include "live/gather.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 12 }; /* a server whose answers lead to new questions for ever is not followed */

static int by_ask(const void *a, const void *b)
{
    return live_ask_compare(&(*(const struct live_answer *const *)a)->ask, &(*(const struct live_answer *const *)b)->ask);
}

static void settle(struct gather *g, uint32_t n)
{
    qsort(g->answers, n, sizeof *g->answers, by_ask);
    g->known.answers = g->answers;
    g->known.n_answers = n;
    g->known.link.state = LIVE_LINK_UP;
    g->known.number++;
}

/* Asks for what is not known yet; *some: there was something. */
static bool ask(struct gather *g, const struct wants *w, bool *some, struct err *e)
{
    struct live_ask *asks = mem_alloc(sizeof *asks * ((size_t)w->n + 1));
    uint32_t had = g->known.n_answers, n = 0;
    for (uint32_t i = 0; i < w->n; i++)
        if (!live_find(&g->known, &w->v[i].ask))
            asks[n++] = w->v[i].ask;
    g->answers = mem_grow(g->answers, had + n + 1u, sizeof(struct live_answer *));
    g->known.answers = g->answers;
    *some = n > 0;
    bool ok = !n || live_fetch(g->live, asks, n, g->answers + had, e);
    if (ok)
        settle(g, had + n);
    free(asks);
    return ok;
}

bool gather_all(struct gather *g, void (*tell)(void *ctx, const struct live_snapshot *known, struct wants *), void *ctx,
                struct err *e)
{
    bool some = true, ok = true;
    for (int i = 0; i < ROUNDS && some && ok; i++) {
        struct wants w = {0};
        tell(ctx, &g->known, &w);
        ok = ask(g, &w, &some, e);
        wants_free(&w);
    }
    return ok;
}

bool gather_again(struct gather *g, const struct wants *what, struct err *e)
{
    struct live_ask *asks = mem_alloc(sizeof *asks * ((size_t)what->n + 1));
    const struct live_answer **got = mem_alloc(sizeof *got * ((size_t)what->n + 1));
    for (uint32_t i = 0; i < what->n; i++)
        asks[i] = what->v[i].ask;
    bool ok = !what->n || live_fetch(g->live, asks, what->n, got, e);
    for (uint32_t i = 0; ok && i < what->n; i++) {
        const struct live_answer **old =
            bsearch(&got[i], g->answers, g->known.n_answers, sizeof(const struct live_answer *), by_ask);
        if (old)
            *old = got[i];
    }
    free(asks);
    free(got);
    return ok;
}

void gather_copy(struct gather *to, const struct gather *g)
{
    *to = *g;
    to->answers = mem_alloc(sizeof *to->answers * ((size_t)g->known.n_answers + 1));
    memcpy(to->answers, g->answers, sizeof *to->answers * g->known.n_answers);
    to->known.answers = to->answers;
}

void gather_free(struct gather *g)
{
    free(g->answers);
    g->answers = NULL;
    g->known = (struct live_snapshot){0};
}
