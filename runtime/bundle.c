#include "runtime/bundle.h"

#include <stdlib.h>
#include <string.h>

static void release(void *value)
{
    struct bundle_key *k = value;
    for (uint32_t i = 0; i < k->n; i++)
        free(k->rows[i]);
    free(k->rows);
    free(k->kinds);
}

/* Of the mini-batch-assigners in front of the node the first one; NULL: there is none. */
static const struct value *interval_of(const struct cplan_node *node, uint32_t depth)
{
    const struct value *found = NULL;
    if (!strcmp(node->type, "stream-exec-mini-batch-assigner"))
        return cplan_member(node->json, "miniBatchInterval");
    for (uint32_t i = 0; depth && !found && i < node->n_inputs; i++)
        found = interval_of(node->inputs[i], depth - 1);
    return found;
}

bool bundle_open(struct bundle *b, struct op *o, const struct ltype *const *key_types, uint32_t n_keys, bool local, struct err *e)
{
    enum { DEPTH = 64 };
    const char *text = cplan_config(o->node, "table.exec.mini-batch.size");
    char *end = NULL;
    if (!op_mini_batch(o))
        return true;
    b->size = text ? strtoll(text, &end, 10) : 0;
    if (!text || *end || end == text || !b->size)
        return err_set(e, ERR_USAGE, "table.exec.mini-batch.size is '%s', no number of rows", text ? text : "");
    b->on = b->size > 0;
    b->local = local;
    const struct value *interval = interval_of(o->node, DEPTH);
    b->latency = cplan_int(interval, "interval", 0, e);
    b->rowtime = !strcmp(cplan_text(interval, "mode", "", e), "RowTime");
    b->next = b->latency - 1;
    kstate_init(&b->keys, key_types, n_keys, sizeof(struct bundle_key), release);
    return e->kind == ERR_NONE;
}

/* RowTimeMiniBatchAssginerOperator, ProcTimeMiniBatchAssignerOperator: the one sends on a watermark an interval, the other one its own. */
bool bundle_over(struct bundle *b, int64_t wm)
{
    if (wm == INT64_MAX || b->latency <= 0)
        return true;
    if (!b->rowtime || wm < b->next)
        return false;
    int64_t into = wm % b->latency, last = wm - (into < 0 ? into + b->latency : into) + b->latency - 1;
    b->next = last > wm ? last : last + b->latency;
    return true;
}

void bundle_add(struct bundle *b, struct op *o, const union cell *key, const uint8_t *null, const struct batch *of, uint32_t row)
{
    bool fresh;
    struct bundle_key *k = (struct bundle_key *)kstate_at(&b->keys, key, null, &fresh)->value;
    if (b->latency > 0 && !b->rowtime && o->wake == INT64_MAX) { /* batches begin at multiples of their length */
        const struct world *w = job_world(o->job);
        o->wake = (w->now(w->ctx) / b->latency + 1) * b->latency;
    }
    if (k->n == k->cap) {
        k->cap = k->cap ? k->cap * 2 : 2;
        k->rows = mem_grow(k->rows, k->cap, sizeof(struct row *));
        k->kinds = mem_grow(k->kinds, k->cap, 1);
    }
    k->kinds[k->n] = (uint8_t)batch_kind(of, row);
    k->rows[k->n++] = row_of(of, row, o->in[0]->kids, NULL, o->in[0]->n);
    b->in_front++;
    if (!b->local || fresh || k->turn != b->turn) /* the local one hands on a row for each key */
        b->rows++;
    k->turn = b->turn;
}

struct batch bundle_row(const struct bundle_key *k, uint32_t i, struct vec *cols)
{
    struct row *r = k->rows[i];
    for (uint32_t c = 0; c < r->n; c++)
        cols[c] = (struct vec){&r->v[c], &r->null[c]};
    return (struct batch){.n = 1, .n_cols = r->n, .cols = cols, .kind = &k->kinds[i]};
}

bool bundle_full(struct bundle *b)
{
    if (!b->local)
        return b->rows >= b->size;
    if (b->in_front < b->size)
        return false;
    b->in_front = 0;
    b->turn++;
    return b->rows >= b->size;
}

void bundle_clear(struct bundle *b)
{
    kstate_clear(&b->keys);
    b->rows = 0;
}

void bundle_close(struct bundle *b)
{
    if (b->on)
        kstate_clear(&b->keys);
}
