/* stream-exec-window-aggregate, and the pair of local and global window aggregate: the local one hands rows on, the global one, whose calls are
 * written over those rows, aggregates them (WindowAggOperator, SliceUnsharedWindowAggProcessor, SliceSharedWindowAggProcessor of
 * flink-table-runtime 2.3). Results go out when the watermark passes a window's end; rows behind that are late and dropped. */
#include <stdlib.h>
#include <string.h>

#include "runtime/agg.h"
#include "runtime/session.h"

struct property {
    enum { WINDOW_START, WINDOW_END, WINDOW_TIME } what;
};

struct window_agg {
    struct windowing w;
    struct agg *aggs;
    uint32_t n_aggs, n_keys, n_properties;
    const uint32_t *keys;
    const struct ltype **key_types; /* the keys, then the window's end and start */
    struct property *properties;
    struct kstate state;
    struct sessions sessions;
    int64_t next; /* the least end that is open: nothing to do before */
    struct window *windows;
    union cell *key;
    uint8_t *key_null;
    struct acc *session_acc;
    struct vec *row; /* of a session, to be added */
    struct due {
        struct kentry *e;
        int64_t end;
        uint32_t at;
    } * due;
    uint32_t cap_due;
};

struct window_value {
    uint32_t n;
    int64_t rows;
    struct acc acc[];
};

static void release(void *value)
{
    struct window_value *v = value;
    for (uint32_t i = 0; i < v->n; i++)
        acc_release(&v->acc[i]);
}

static bool read_properties(struct op *o, struct window_agg *g, struct err *e)
{
    static const struct {
        const char *word;
        int what;
    } words[] = {{"WindowStart", WINDOW_START}, {"WindowEnd", WINDOW_END}, {"Rowtime", WINDOW_TIME}};
    const struct value *list = cplan_member(o->node->json, "namedWindowProperties");
    g->n_properties = list && list->kind == VAL_LIST ? list->n : 0;
    g->properties = arena_array(o->a, g->n_properties + 1, sizeof *g->properties);
    for (uint32_t i = 0; i < g->n_properties; i++) {
        const char *kind = cplan_text(cplan_member(&list->items[i], "property"), "kind", "", e);
        size_t k = 0;
        while (k < 3 && strcmp(words[k].word, kind))
            k++;
        if (k == 3)
            return op_refuse(o, e, arena_printf(o->a, "window property %s", kind));
        g->properties[i].what = words[k].what;
    }
    return true;
}

static const struct cplan_node *local_of(const struct op *o)
{
    const struct cplan_node *node = o->node;
    while (node->n_inputs == 1 && strcmp(node->type, "stream-exec-local-window-aggregate"))
        node = node->inputs[0];
    return node;
}

static bool output_fits(const struct op *o, const struct window_agg *g, struct err *e)
{
    if (o->n_cols != g->n_keys + g->n_aggs + g->n_properties)
        return err_set(e, ERR_CORRUPT, "its output is not its keys, aggregates and window");
    for (uint32_t i = 0; i < o->n_cols; i++) {
        uint32_t a = i - g->n_keys;
        enum lslot slot = i < g->n_keys ? g->key_types[i]->slot : a < g->n_aggs ? g->aggs[a].result->slot : SLOT_TIMESTAMP;
        if (slot != o->types[i]->slot)
            return err_set(e, ERR_CORRUPT, "column %u of its output is of another type", i);
    }
    return true;
}

static bool open_op(struct op *o, struct err *e)
{
    struct window_agg *g = o->self = arena_alloc(o->a, sizeof *g);
    bool global = !strcmp(o->node->type, "stream-exec-global-window-aggregate");
    const struct value *spec = global ? local_of(o)->json : o->node->json; /* keys and time as columns of the rows */
    const struct ltype *row = o->in[0];
    g->next = INT64_MAX;
    g->keys = cplan_ints(o->a, spec, "grouping", row->n, &g->n_keys, e);
    if (!windowing_read(&g->w, o, cplan_member(spec, "windowing"), row, e) || !read_properties(o, g, e) ||
        !(g->aggs = aggs_read(o, "aggCalls", NULL, row, &g->n_aggs, e)))
        return false;
    if (cplan_bool(o->node->json, "needRetraction", false, e))
        return op_refuse(o, e, "a window over changes");
    g->key_types = arena_array(o->a, g->n_keys + 2, sizeof *g->key_types);
    for (uint32_t i = 0; i < g->n_keys; i++)
        g->key_types[i] = row->kids[g->keys[i]];
    g->key_types[g->n_keys] = g->key_types[g->n_keys + 1] = type_simple(o->a, L_BIGINT, false);
    g->key = arena_array(o->a, g->n_keys + 2, sizeof *g->key);
    g->key_null = arena_alloc(o->a, g->n_keys + 2);
    g->windows = arena_array(o->a, windowing_most(&g->w), sizeof *g->windows);
    g->session_acc = arena_array(o->a, g->n_aggs + 1, sizeof *g->session_acc);
    g->row = arena_array(o->a, row->n + 1, sizeof *g->row);
    kstate_init(&g->state, g->key_types, g->n_keys + 2, sizeof(struct window_value) + g->n_aggs * sizeof(struct acc), release);
    if (g->w.kind == WINDOW_SESSION && !g->w.attached)
        sessions_init(&g->sessions, o, &g->w, g->keys, g->n_keys);
    return output_fits(o, g, e);
}

/* False: the window has gone. */
static bool add(struct op *o, const struct batch *b, uint32_t at, struct window w)
{
    struct window_agg *g = o->self;
    bool fresh;
    if (windowing_closes(&g->w, o->ev, w.end) <= o->wm)
        return false;
    g->key[g->n_keys].i = w.end;
    g->key[g->n_keys + 1].i = w.start;
    struct window_value *v = (struct window_value *)kstate_at(&g->state, g->key, g->key_null, &fresh)->value;
    v->n = g->n_aggs;
    v->rows++;
    aggs_add(g->aggs, g->n_aggs, v->acc, b, at, 1);
    if (w.end < g->next)
        g->next = w.end;
    return true;
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct window_agg *g = o->self;
    uint32_t time = g->w.attached ? g->w.end : g->w.time;
    (void)input;
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        if (b->cols[time].null[i]) {
            op_fail(o, ERR_CONVERT, "column %s is NULL, which a row's time must not be", o->in[0]->names[time]);
            return;
        }
        if (g->sessions.o) {
            sessions_add(&g->sessions, b, i);
            continue;
        }
        for (uint32_t k = 0; k < g->n_keys; k++) {
            g->key[k] = b->cols[g->keys[k]].v[i];
            g->key_null[k] = b->cols[g->keys[k]].null[i];
        }
        if (g->w.attached) {
            bool start = g->w.start != UINT32_MAX && !b->cols[g->w.start].null[i];
            op_count(&o->late,
                     !add(o, b, i, (struct window){start ? b->cols[g->w.start].v[i].t.ms : 0, b->cols[g->w.end].v[i].t.ms}));
            continue;
        }
        uint32_t n = windowing_assign(&g->w, windowing_time(&g->w, o->ev, b->cols[time].v[i].t), g->windows);
        bool some = false;
        for (uint32_t k = n; k-- > 0;)
            some |= add(o, b, i, g->windows[k]);
        op_count(&o->late, !some);
    }
}

static void emit(struct op *o, const struct row *key, struct window w, struct acc *acc)
{
    struct window_agg *g = o->self;
    uint32_t row = op_row(o, ROW_INSERT);
    for (uint32_t i = 0; i < g->n_keys; i++)
        op_keep(o, row, i, key->v[i], key->null[i]);
    for (uint32_t i = 0; i < g->n_aggs; i++) {
        union cell v;
        bool some = g->aggs[i].fn->result(&g->aggs[i], &acc[i], &v);
        op_keep(o, row, g->n_keys + i, v, !some);
    }
    for (uint32_t i = 0; i < g->n_properties; i++) {
        uint32_t c = g->n_keys + g->n_aggs + i;
        int64_t ms = g->properties[i].what == WINDOW_START ? w.start : g->properties[i].what == WINDOW_END ? w.end : w.end - 1;
        if (o->types[c]->root == L_TIMESTAMP_LTZ && o->ev->zone)
            ms = zone_utc(o->ev->zone, ms);
        op_put(o, row, c, (union cell){.t = {ms, 0}}, 0);
    }
}

static void session_over(struct op *o, const struct row *key, const struct session *s)
{
    struct window_agg *g = o->self;
    struct batch one = {.n = 1, .n_cols = o->in[0]->n, .cols = g->row};
    for (uint32_t i = 0; i < s->n; i++) {
        for (uint32_t c = 0; c < one.n_cols; c++)
            g->row[c] = (struct vec){&s->rows[i]->v[c], &s->rows[i]->null[c]};
        aggs_add(g->aggs, g->n_aggs, g->session_acc, &one, 0, 1);
    }
    emit(o, key, s->window, g->session_acc);
    for (uint32_t i = 0; i < g->n_aggs; i++)
        acc_release(&g->session_acc[i]);
}

static int by_end(const void *a, const void *b)
{
    const struct due *x = a, *y = b;
    return x->end != y->end ? (x->end > y->end) - (x->end < y->end) : (x->at > y->at) - (x->at < y->at);
}

static void watermark(struct op *o, int64_t wm)
{
    struct window_agg *g = o->self;
    uint32_t n = 0;
    if (g->sessions.o) {
        sessions_until(&g->sessions, wm, session_over);
        return;
    }
    if (!g->state.n || windowing_closes(&g->w, o->ev, g->next) > wm)
        return;
    g->next = INT64_MAX;
    for (struct kentry *e = g->state.first; e; e = e->next) {
        int64_t end = e->key->v[g->n_keys].i;
        if (windowing_closes(&g->w, o->ev, end) > wm) {
            g->next = end < g->next ? end : g->next;
            continue;
        }
        if (n == g->cap_due)
            g->due = mem_grow(g->due, g->cap_due = g->cap_due ? g->cap_due * 2 : 64, sizeof *g->due);
        g->due[n] = (struct due){e, end, n};
        n++;
    }
    if (n)
        qsort(g->due, n, sizeof *g->due, by_end);
    for (uint32_t i = 0; i < n; i++) {
        struct kentry *e = g->due[i].e;
        emit(o, e->key, (struct window){e->key->v[g->n_keys + 1].i, g->due[i].end}, ((struct window_value *)e->value)->acc);
        kstate_remove(&g->state, e);
    }
}

static void close_op(struct op *o)
{
    struct window_agg *g = o->self;
    if (!g)
        return;
    kstate_clear(&g->state);
    if (g->sessions.o)
        sessions_close(&g->sessions);
    free(g->due);
}

const struct op_class op_window_agg = {
    .open = open_op, .batch = batch, .watermark = watermark, .close = close_op, .min_inputs = 1, .max_inputs = 1};
