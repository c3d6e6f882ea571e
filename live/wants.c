#include "live/wants.h"

#include <stdlib.h>
#include <string.h>

#include "live/route.h"

static uint32_t hash_text(uint32_t h, const char *s)
{
    for (; s && *s; s++)
        h = (h ^ (uint8_t)*s) * 16777619u;
    return h * 16777619u + !s;
}

static uint32_t hash(const struct live_ask *bare)
{
    uint32_t h = 2166136261u ^ (uint32_t)bare->route;
    h = hash_text(h, bare->job);
    h = hash_text(h, bare->vertex);
    h = hash_text(h, bare->item);
    h = hash_text(h, bare->part);
    return hash_text(h, bare->query);
}

/* The question's place in the index, or the empty one where it belongs; the index holds places in v plus 1. */
static uint32_t *place(const struct wants *w, const struct live_ask *bare)
{
    uint32_t i = hash(bare) & (w->n_index - 1);
    while (w->index[i] && live_ask_compare(&w->v[w->index[i] - 1].ask, bare))
        i = (i + 1) & (w->n_index - 1);
    return &w->index[i];
}

static void grow(struct wants *w)
{
    if (2 * (w->n + 1) <= w->n_index)
        return;
    w->n_index = w->n_index ? 2 * w->n_index : 64;
    free(w->index);
    w->index = mem_zalloc(w->n_index * sizeof *w->index);
    w->v = mem_grow(w->v, w->n_index / 2, sizeof *w->v);
    for (uint32_t i = 0; i < w->n; i++)
        *place(w, &w->v[i].ask) = i + 1;
}

void want_ask(struct wants *w, const struct live_ask *ask)
{
    struct live_ask bare = route_ask(ask);
    grow(w);
    uint32_t *at = place(w, &bare);
    w->fresh = 0;
    if (*at)
        return;
    w->v[w->n] = (struct live_want){.ask = route_copy(&w->arena, &bare)};
    *at = w->fresh = ++w->n;
}

void want(struct wants *w, enum live_route route, const char *job, const char *vertex, const char *item, const char *query)
{
    want_ask(w, &(struct live_ask){.route = route, .job = job, .vertex = vertex, .item = item, .query = query});
}

void want_every(struct wants *w, uint32_t ms)
{
    if (w->fresh)
        w->v[w->fresh - 1].every_ms = ms;
}

void wants_free(struct wants *w)
{
    free(w->v);
    free(w->index);
    arena_free(&w->arena);
    *w = (struct wants){0};
}
