#include "inspect/diff.h"

#include <stdlib.h>
#include <string.h>

const char *diff_change_name(enum diff_change c)
{
    static const char *const names[] = {"same", "added", "removed", "changed"};
    return names[c];
}

/* Grows by doubling inside the arena: details are few. */
void diff_add(struct diff_details *to, const char *what, const char *from, const char *to_text, struct arena *arena)
{
    if (!(to->n & (to->n - 1))) {
        struct diff_detail *more = arena_array(arena, to->n ? (size_t)to->n * 2 : 1, sizeof *more);
        if (to->n)
            memcpy(more, to->v, to->n * sizeof *more);
        to->v = more;
    }
    to->v[to->n++] = (struct diff_detail){what, from, to_text};
}

static void numbers(struct diff_details *to, const char *what, int64_t a, int64_t b, struct arena *arena)
{
    if (a != b)
        diff_add(to, what, arena_printf(arena, "%lld", (long long)a), arena_printf(arena, "%lld", (long long)b), arena);
}

/* --- states --- */

static const char *element_role(enum state_kind k)
{
    return k == KIND_LIST || k == KIND_OPERATOR_LIST ? "element" : k == KIND_TIMERS ? "timer" : "value";
}

static const char *on_off(bool on) { return on ? "on" : "off"; }

static void compare_states(const struct diff *d, struct diff_state *s, bool counts, struct arena *arena)
{
    const struct layout_state *a = s->a, *b = s->b;
    struct diff_details *to = &s->details;
    if (a->mode != b->mode)
        diff_add(to, "mode", op_mode_name(a->mode), op_mode_name(b->mode), arena);
    if (a->v2 != b->v2)
        diff_add(to, "API", a->v2 ? "asynchronous" : "synchronous", b->v2 ? "asynchronous" : "synchronous", arena);
    if (a->ttl != b->ttl)
        diff_add(to, "TTL", on_off(a->ttl), on_off(b->ttl), arena);
    diff_types(to, a->ns, b->ns, "namespace", arena);
    diff_types(to, a->user_key, b->user_key, "user key", arena);
    diff_types(to, a->element, b->element, element_role(a->kind), arena);
    if (counts && d->counted)
        numbers(to, "entries", (int64_t)a->entries, (int64_t)b->entries, arena);
    if (counts && d->sized)
        numbers(to, "bytes", (int64_t)a->bytes, (int64_t)b->bytes, arena);
}

static int order(const char *x, enum state_kind kx, const char *y, enum state_kind ky)
{
    int c = strcmp(x, y);
    return c ? c : (kx > ky) - (kx < ky);
}

/* Both lists are in the same order: a merge. A state of another kind is another state. */
static void merge_states(struct diff *d, struct diff_op *op, bool counts)
{
    uint32_t na = op->a ? op->a->n : 0, nb = op->b ? op->b->n : 0, i = 0, j = 0;
    op->states = arena_array(&d->arena, (size_t)na + nb, sizeof *op->states);
    while (i < na || j < nb) {
        const struct layout_state *a = i < na ? &op->a->states[i] : NULL, *b = j < nb ? &op->b->states[j] : NULL;
        int c = !a ? 1 : !b ? -1 : order(a->name, a->kind, b->name, b->kind);
        struct diff_state *s = &op->states[op->n++];
        s->a = c <= 0 ? a : NULL;
        s->b = c >= 0 ? b : NULL;
        i += c <= 0;
        j += c >= 0;
        s->name = s->a ? s->a->name : s->b->name;
        s->kind = s->a ? s->a->kind : s->b->kind;
        if (s->a && s->b)
            compare_states(d, s, counts, &d->arena);
        else if (s->kind == KIND_TIMERS && d->counted && !(s->a ? s->a : s->b)->entries)
            op->n--; /* a queue without timers is made when one is needed */
    }
}

/* --- operators --- */

static void compare_ops(struct diff *d, struct diff_op *op)
{
    const struct layout_op *a = op->a, *b = op->b;
    numbers(&op->details, "maximum parallelism", a->max_parallelism, b->max_parallelism, &d->arena);
    if (a->parallelism && b->parallelism)
        numbers(&op->details, "parallelism", a->parallelism, b->parallelism, &d->arena);
    if (a->key && b->key)
        diff_types(&op->details, a->key, b->key, "key", &d->arena);
}

static int by_label(const void *a, const void *b)
{
    const struct diff_op *x = a, *y = b;
    int c = strcmp(x->label, y->label);
    return c ? c : strcmp(x->id, y->id);
}

static void add_op(struct diff *d, const struct layout_op *a, const struct layout_op *b, bool counts)
{
    const struct layout_op *one = a && (a->uid || !b) ? a : b; /* the side that knows the uid names it */
    struct diff_op *op = &d->ops[d->n++];
    *op = (struct diff_op){.label = one->label, .id = one->id, .a = a, .b = b};
    if (a && b)
        compare_ops(d, op);
    merge_states(d, op, counts);
}

void diff_layouts(struct diff *d, const struct layout *a, const struct layout *b, const struct tree *ta, const struct tree *tb,
                  bool counts)
{
    *d = (struct diff){.counted = ta && tb};
    d->sized = d->counted && !memcmp(ta->formats, tb->formats, sizeof ta->formats);
    d->ops = arena_array(&d->arena, (size_t)a->n + b->n, sizeof *d->ops);
    bool documents = !ta || !tb; /* which tell only of operators with states */
    for (uint32_t i = 0; i < a->n; i++) {
        const struct layout_op *other = layout_op_by_id(b, a->ops[i].id);
        if (other || !documents || a->ops[i].n)
            add_op(d, &a->ops[i], other, counts);
    }
    for (uint32_t i = 0; i < b->n; i++)
        if (!layout_op_by_id(a, b->ops[i].id) && (!documents || b->ops[i].n))
            add_op(d, NULL, &b->ops[i], counts);
    if (d->n)
        qsort(d->ops, d->n, sizeof *d->ops, by_label);
    diff_settle(d);
}

static enum diff_change change_of(const void *a, const void *b, bool inside)
{
    return !a ? DIFF_ADDED : !b ? DIFF_REMOVED : inside ? DIFF_CHANGED : DIFF_SAME;
}

bool diff_settle(struct diff *d)
{
    bool any = false;
    for (uint32_t i = 0; i < d->n; i++) {
        struct diff_op *op = &d->ops[i];
        bool inside = op->details.n;
        for (uint32_t j = 0; j < op->n; j++) {
            struct diff_state *s = &op->states[j];
            s->change = change_of(s->a, s->b, s->details.n || s->added || s->removed || s->changed);
            inside = inside || s->change != DIFF_SAME;
        }
        op->change = change_of(op->a, op->b, inside);
        any = any || op->change != DIFF_SAME;
    }
    return any;
}

void diff_free(struct diff *d)
{
    arena_free(&d->arena);
    *d = (struct diff){0};
}
