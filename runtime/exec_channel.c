#include <stdlib.h>
#include <string.h>

#include "runtime/exec.h"

enum { PRESSED_MS = 100 }; /* how often it is told, while it lasts */

static struct msg *fresh(struct channel *c)
{
    pthread_mutex_lock(&c->to->lock);
    struct msg *m = c->spare;
    if (m)
        c->spare = m->next;
    pthread_mutex_unlock(&c->to->lock);
    if (!m)
        m = mem_zalloc(sizeof *m);
    scratch_reset(&m->heap);
    m->next = NULL;
    m->n = 0;
    m->kinds_differ = m->end = false;
    m->idle = IDLE_SAME;
    m->wm = INT64_MIN;
    m->barrier = 0;
    c->since = c->from->job->world->ticks(c->from->job->world->ctx);
    return c->filling = m;
}

/* A message that something may be added to: what stands in it goes before it. */
static struct msg *open_for_rows(struct channel *c)
{
    struct msg *m = c->filling;
    if (m && (m->n == c->rows || m->idle || m->wm != INT64_MIN))
        channel_push(c);
    m = c->filling ? c->filling : fresh(c);
    if (!m->cols) {
        m->cols = mem_zalloc((c->n_cols + 1) * sizeof *m->cols);
        m->kinds = mem_alloc(c->rows);
        for (uint32_t i = 0; i < c->n_cols; i++)
            m->cols[i] = (struct vec){mem_alloc(c->rows * sizeof(union cell)), mem_alloc(c->rows)};
    }
    return m;
}

static void copy_column(struct msg *m, uint32_t col, const struct ltype *t, const struct vec *from, const uint32_t *sel, uint32_t n)
{
    union cell *v = m->cols[col].v + m->n;
    uint8_t *null = m->cols[col].null + m->n;
    bool points = cell_points(t);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = sel ? sel[i] : i;
        null[i] = from->null[row];
        if (!points)
            v[i] = from->v[row];
        else if (!null[i])
            v[i] = cell_copy(&m->heap, t, from->v[row]);
    }
}

void channel_rows(struct channel *c, const struct batch *b, const uint32_t *sel, uint32_t n)
{
    for (uint32_t at = 0; at < n;) {
        struct msg *m = open_for_rows(c);
        uint32_t some = n - at < c->rows - m->n ? n - at : c->rows - m->n;
        struct vec part;
        for (uint32_t i = 0; i < c->n_cols; i++) {
            part = sel ? b->cols[i] : (struct vec){b->cols[i].v + at, b->cols[i].null + at};
            copy_column(m, i, c->types[i], &part, sel ? sel + at : NULL, some);
        }
        for (uint32_t i = 0; i < some; i++) {
            m->kinds[m->n + i] = b->kind ? b->kind[sel ? sel[at + i] : at + i] : ROW_INSERT;
            m->kinds_differ |= m->kinds[m->n + i] != ROW_INSERT;
        }
        m->n += some;
        at += some;
    }
}

void channel_idle(struct channel *c, bool idle)
{
    struct msg *m = c->filling;
    if (m && m->wm != INT64_MIN)
        channel_push(c);
    m = c->filling ? c->filling : fresh(c);
    m->idle = idle ? IDLE_YES : IDLE_NO;
}

void channel_watermark(struct channel *c, int64_t wm)
{
    struct msg *m = c->filling ? c->filling : fresh(c);
    m->wm = wm; /* one that nobody has seen counts no more */
}

void channel_barrier(struct channel *c, uint64_t checkpoint)
{
    struct msg *m = c->filling ? c->filling : fresh(c);
    m->barrier = checkpoint;
    channel_push(c);
}

void channel_end(struct channel *c)
{
    struct msg *m = c->filling ? c->filling : fresh(c);
    m->end = true;
    channel_push(c);
}

static void wait_for_space(struct channel *c)
{
    struct job *j = c->from->job;
    const struct world *w = j->world;
    int64_t from = w->ticks(w->ctx);
    while (atomic_load(&c->n) >= CHANNEL_MESSAGES && !atomic_load(&j->cancelled)) {
        struct timespec at = soon(PRESSED_MS);
        pthread_cond_timedwait(&c->space, &c->to->lock, &at);
        int64_t now = w->ticks(w->ctx);
        c->from->pressed += now - from;
        task_spend(&c->from->back_pressured, now - from);
        from = now;
    }
}

void channel_push(struct channel *c)
{
    struct msg *m = c->filling;
    struct task *to = c->to;
    if (!m)
        return;
    c->filling = NULL;
    pthread_mutex_lock(&to->lock);
    if (atomic_load(&c->n) >= CHANNEL_MESSAGES && !c->from->job->one_thread)
        wait_for_space(c);
    if (c->last)
        c->last->next = m;
    else
        c->first = m;
    c->last = m;
    atomic_fetch_add(&c->n, 1);
    if (atomic_load(&to->waiting)) {
        atomic_store(&to->waiting, false);
        pthread_cond_signal(&to->arrived);
    }
    pthread_mutex_unlock(&to->lock);
}

struct msg *channel_pop(struct channel *c)
{
    if (!atomic_load(&c->n))
        return NULL;
    pthread_mutex_lock(&c->to->lock);
    struct msg *m = c->first;
    c->first = m->next;
    if (!c->first)
        c->last = NULL;
    if (atomic_fetch_sub(&c->n, 1) == CHANNEL_MESSAGES)
        pthread_cond_signal(&c->space);
    pthread_mutex_unlock(&c->to->lock);
    return m;
}

void channel_give_back(struct channel *c, struct msg *m)
{
    pthread_mutex_lock(&c->to->lock);
    m->next = c->spare;
    c->spare = m;
    pthread_mutex_unlock(&c->to->lock);
}

static void free_all(struct channel *c, struct msg *m)
{
    for (struct msg *next; m; m = next) {
        next = m->next;
        for (uint32_t i = 0; m->cols && i < c->n_cols; i++) {
            free(m->cols[i].v);
            free(m->cols[i].null);
        }
        free(m->cols);
        free(m->kinds);
        scratch_free(&m->heap);
        free(m);
    }
}

void channel_free(struct channel *c)
{
    free_all(c, c->first);
    free_all(c, c->spare);
    free_all(c, c->filling);
    pthread_cond_destroy(&c->space);
}
