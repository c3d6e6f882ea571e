#include "migrate/streams.h"

struct visit {
    stream_fn *fn;
    void *ctx;
};

static void files(const struct visit *v, const struct meta_file *f, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        v->fn(v->ctx, &f[i].stream);
}

/* Handles in handles are as deep as meta_read has let them be. */
static void keyed(const struct visit *v, const struct meta_keyed *k, uint32_t n)
{
    for (; n; n--, k++) {
        v->fn(v->ctx, &k->stream);
        files(v, k->shared, k->n_shared);
        files(v, k->priv, k->n_private);
        keyed(v, k->materialized, k->n_materialized);
        keyed(v, k->log, k->n_log);
        for (uint32_t i = 0; i < k->n_parts; i++)
            v->fn(v->ctx, &k->parts[i].stream);
    }
}

static void channels(const struct visit *v, const struct meta_channel *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        v->fn(v->ctx, &c[i].stream);
}

void each_stream(const struct meta *m, stream_fn *fn, void *ctx)
{
    const struct visit v = {fn, ctx};
    for (uint32_t i = 0; i < m->n; i++) {
        const struct meta_operator *op = &m->operators[i];
        fn(ctx, &op->coordinator);
        for (uint32_t j = 0; j < op->n; j++) {
            const struct meta_subtask *s = &op->subtasks[j];
            fn(ctx, &s->managed.stream);
            fn(ctx, &s->raw.stream);
            keyed(&v, &s->keyed, 1);
            keyed(&v, &s->raw_keyed, 1);
            channels(&v, s->inputs, s->n_inputs);
            channels(&v, s->outputs, s->n_outputs);
        }
    }
}
