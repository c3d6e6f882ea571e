#include "inspect/diff_sums.h"

#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t k)
{
    k ^= k >> 32;
    k *= UINT64_C(0xd6e8feb86659fd93);
    k ^= k >> 32;
    k *= UINT64_C(0xd6e8feb86659fd93);
    return k ^ k >> 32;
}

static uint32_t share_of(uint8_t pile, const struct record *r) { return pile * (uint32_t)SHARES + (uint32_t)(r->key[1] % SHARES); }

void sums_start(struct sums *s)
{
    for (int side = 0; side < 2; side++)
        s->of[side] = mem_zalloc(SUMS * sizeof **s->of);
}

void sums_free(struct sums *s)
{
    for (int side = 0; side < 2; side++)
        free(s->of[side]);
}

/* Digests of keys and values are random already; what is left is that sums of them do not tell which value is whose. */
void sums_add(struct sums *s, int side, struct sums_own *own, uint8_t pile, const struct record *r)
{
    uint64_t all = mix(r->key[0] + r->value * UINT64_C(0x9e3779b97f4a7c15) + r->state) ^ r->key[1];
    if (!own) {
        atomic_fetch_add_explicit(&s->of[side][share_of(pile, r)], all, memory_order_relaxed);
        return;
    }
    if (own->pile != pile)
        sums_flush(s, side, own);
    own->pile = pile;
    own->n++;
    own->of[r->key[1] % SHARES] += all;
}

void sums_flush(struct sums *s, int side, struct sums_own *own)
{
    for (uint32_t i = 0; own->n && i < SHARES; i++)
        if (own->of[i])
            atomic_fetch_add_explicit(&s->of[side][own->pile * (uint32_t)SHARES + i], own->of[i], memory_order_relaxed);
    memset(own, 0, sizeof *own);
}

bool sums_differ(const struct sums *s, uint8_t pile, const struct record *r)
{
    uint32_t i = share_of(pile, r);
    return !s->of[0] || s->of[0][i] != s->of[1][i];
}

bool sums_same(const struct sums *s)
{
    for (uint32_t i = 0; i < SUMS; i++)
        if (s->of[0][i] != s->of[1][i])
            return false;
    return true;
}
