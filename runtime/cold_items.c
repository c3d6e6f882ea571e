#include "runtime/cold_items.h"

#include <stdlib.h>
#include <string.h>

#include "base/wr.h"

void items_clear(struct cold_items *i) { i->n = 0, i->bytes.n = 0; }

void items_free(struct cold_items *i)
{
    free(i->v);
    buf_free(&i->bytes);
    *i = (struct cold_items){0};
}

void items_add(struct cold_items *i, uint32_t state, struct bytes key, struct bytes value)
{
    if (i->n == i->cap)
        i->v = mem_grow(i->v, i->cap = i->cap ? i->cap * 2 : 16, sizeof *i->v);
    i->v[i->n++] = (struct item){state, (uint32_t)key.n, (uint32_t)value.n, i->bytes.n};
    wr_bytes(&i->bytes, key);
    wr_bytes(&i->bytes, value);
}

void items_grow(struct cold_items *i, struct bytes more)
{
    wr_bytes(&i->bytes, more);
    i->v[i->n - 1].value_n += (uint32_t)more.n;
}

static int compare(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

int item_compare(const struct item *a, const uint8_t *a_bytes, const struct item *b, const uint8_t *b_bytes)
{
    return a->state != b->state ? (a->state > b->state) - (a->state < b->state)
                                : compare(item_key(a, a_bytes), item_key(b, b_bytes));
}

static int in_order(const void *a, const void *b, void *bytes) { return item_compare(a, bytes, b, bytes); }

void items_sort(struct cold_items *i)
{
    uint32_t n = 0;
    if (i->n < 2)
        return;
    bool sorted = true;
    for (uint32_t k = 1; sorted && k < i->n; k++)
        sorted = item_compare(&i->v[k - 1], i->bytes.p, &i->v[k], i->bytes.p) < 0;
    if (sorted)
        return;
    qsort_r(i->v, i->n, sizeof *i->v, in_order, i->bytes.p);
    for (uint32_t k = 1; k < i->n; k++)
        if (item_compare(&i->v[n], i->bytes.p, &i->v[k], i->bytes.p))
            i->v[++n] = i->v[k];
    i->n = n + 1;
}

struct kept *items_keep(const struct cold_items *i)
{
    if (!i->n)
        return NULL;
    size_t head = sizeof(struct kept) + i->n * sizeof *i->v;
    struct kept *k = mem_alloc(head + i->bytes.n);
    k->n = i->n;
    k->bytes = head + i->bytes.n;
    memcpy(k->v, i->v, i->n * sizeof *i->v);
    memcpy(k->v + k->n, i->bytes.p, i->bytes.n);
    return k;
}

static bool same(struct bytes a, struct bytes b) { return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n)); }

void items_write(const struct cold_items *now, const struct kept *before, struct rocks_kv *d)
{
    const uint8_t *mine = now->bytes.p, *theirs = before ? kept_bytes(before) : NULL;
    uint32_t i = 0, k = 0, n = before ? before->n : 0;
    while (i < now->n || k < n) {
        int c = i == now->n ? 1 : k == n ? -1 : item_compare(&now->v[i], mine, &before->v[k], theirs);
        if (c > 0) {
            rocks_kv_delete(d, before->v[k].state, item_key(&before->v[k], theirs));
            k++;
            continue;
        }
        if (c < 0 || !same(item_value(&now->v[i], mine), item_value(&before->v[k], theirs)))
            rocks_kv_put(d, now->v[i].state, item_key(&now->v[i], mine), item_value(&now->v[i], mine));
        i++;
        k += c == 0;
    }
}
