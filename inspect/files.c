#include "inspect/files.h"

#include <stdlib.h>
#include <string.h>

struct ref { /* one handle's use of a file */
    const struct meta_stream *stream;
    const struct meta_operator *op;
    const struct meta_subtask *subtask; /* NULL: the coordinator's */
    uint32_t part;                      /* in the scan; UINT32_MAX: none, as for data in flight */
};

struct gather {
    struct files *files;
    struct ref *refs;
    size_t n;
    struct ref who; /* whose streams are being added */
};

static void add(struct gather *g, const struct meta_stream *h)
{
    if (h->tag == HANDLE_BYTE_STREAM)
        g->files->inline_bytes += h->inl.n;
    if (h->tag != HANDLE_FILE && h->tag != HANDLE_RELATIVE_FILE && h->tag != HANDLE_SEGMENT_FILE)
        return;
    if (!(g->n & (g->n - 1)))
        g->refs = mem_grow(g->refs, g->n ? g->n * 2 : 1, sizeof *g->refs);
    g->refs[g->n] = g->who;
    g->refs[g->n++].stream = h;
}

static void add_keyed(struct gather *g, const struct meta_keyed *k)
{
    add(g, &k->stream);
    for (uint32_t i = 0; i < k->n_shared; i++)
        add(g, &k->shared[i].stream);
    for (uint32_t i = 0; i < k->n_private; i++)
        add(g, &k->priv[i].stream);
    for (uint32_t i = 0; i < k->n_materialized; i++)
        add_keyed(g, &k->materialized[i]);
    for (uint32_t i = 0; i < k->n_log; i++)
        add_keyed(g, &k->log[i]);
    for (uint32_t i = 0; i < k->n_changes; i++)
        g->files->inline_bytes += k->changes[i].bytes.n;
    for (uint32_t i = 0; i < k->n_parts; i++)
        add(g, &k->parts[i].stream);
}

static void add_part(struct gather *g, const struct part *p)
{
    g->who = (struct ref){.op = p->op, .subtask = p->subtask, .part = p->index};
    switch (p->kind) {
    case PART_KEYED:
        add_keyed(g, &p->subtask->keyed);
        break;
    case PART_RAW_KEYED:
        add_keyed(g, &p->subtask->raw_keyed);
        break;
    case PART_OPERATOR:
        add(g, &p->subtask->managed.stream);
        break;
    case PART_RAW_OPERATOR:
        add(g, &p->subtask->raw.stream);
        break;
    }
}

static void add_all(struct gather *g, const struct scan *s)
{
    for (uint32_t i = 0; i < s->n_parts; i++)
        add_part(g, &s->parts[i]);
    for (uint32_t i = 0; i < s->n_ops; i++) {
        g->who = (struct ref){.op = s->ops[i], .part = UINT32_MAX};
        add(g, &s->ops[i]->coordinator);
        for (uint32_t j = 0; j < s->ops[i]->n; j++) {
            const struct meta_subtask *sub = &s->ops[i]->subtasks[j];
            g->who.subtask = sub;
            for (uint32_t k = 0; k < sub->n_inputs; k++)
                add(g, &sub->inputs[k].stream);
            for (uint32_t k = 0; k < sub->n_outputs; k++)
                add(g, &sub->outputs[k].stream);
        }
    }
}

static int by_place(const void *a, const void *b)
{
    const struct meta_stream *x = ((const struct ref *)a)->stream, *y = ((const struct ref *)b)->stream;
    int c = strcmp(x->path, y->path);
    if (!c)
        c = (x->start > y->start) - (x->start < y->start);
    if (!c)
        c = (x->size > y->size) - (x->size < y->size);
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static void fault(struct files *f, const struct scan *s, enum err_kind kind, const char *location, const char *what,
                  const struct ref *refs, size_t n)
{
    if (!(f->n_faults & (f->n_faults - 1)))
        f->faults = mem_grow(f->faults, f->n_faults ? (size_t)f->n_faults * 2 : 1, sizeof *f->faults);
    char *whose = arena_printf(&f->arena, "operator %s", operator_label(s->names, refs->op));
    if (refs->subtask)
        whose = arena_printf(&f->arena, "%s, subtask %d", whose, refs->subtask->index);
    if (n > 1)
        whose = arena_printf(&f->arena, "%s, and %zu other handles", whose, n - 1);
    f->faults[f->n_faults++] =
        (struct file_fault){kind, arena_printf(&f->arena, "%s%s%s (%s)", location, *location ? ": " : "", what, whose)};
    for (size_t i = 0; i < n; i++)
        if (refs[i].part != UINT32_MAX)
            f->part_faulty[refs[i].part] = true;
}

/* The handles to one file. */
static void check(struct files *f, const struct scan *s, const struct ref *refs, size_t n)
{
    const struct meta_stream *h = refs->stream;
    struct err e = {0};
    struct store_file file = {0};
    f->n_files++;
    const char *location = snapshot_locate(s->snapshot, h, &f->arena, &e);
    if (!location) {
        fault(f, s, ERR_CORRUPT, "", e.text, refs, n);
        return;
    }
    if (h->tag != HANDLE_RELATIVE_FILE && strcmp(location, store_normal(&f->arena, h->path)))
        f->moved++;
    uint64_t need = 0;
    for (size_t i = 0; i < n; i++)
        if (refs[i].stream->start + refs[i].stream->size > need)
            need = refs[i].stream->start + refs[i].stream->size;
    if (!store_open(&file, location, &e)) {
        if (e.kind == ERR_MISSING)
            fault(f, s, ERR_MISSING, location, arena_printf(&f->arena, "missing, %llu bytes", (unsigned long long)need), refs, n);
        else
            fault(f, s, e.kind, "", e.text, refs, n);
    } else if (file.size < need) {
        fault(f, s, ERR_INCOMPLETE, location,
              arena_printf(&f->arena, "cut, %llu of %llu bytes are there", (unsigned long long)file.size, (unsigned long long)need),
              refs, n);
    }
    store_close(&file);
}

void files_check(struct files *f, const struct scan *s)
{
    *f = (struct files){0};
    struct gather g = {.files = f};
    add_all(&g, s);
    f->part_faulty = arena_array(&f->arena, s->n_parts, sizeof *f->part_faulty);
    f->segments = arena_array(&f->arena, g.n, sizeof *f->segments);
    if (g.n)
        qsort(g.refs, g.n, sizeof *g.refs, by_place);
    for (size_t i = 0, next; i < g.n; i = next) {
        for (next = i; next < g.n && !strcmp(g.refs[next].stream->path, g.refs[i].stream->path); next++) {
            const struct meta_stream *h = g.refs[next].stream, *last = next > i ? g.refs[next - 1].stream : NULL;
            if (last && last->start == h->start && last->size == h->size)
                continue;
            f->segments[f->n_segments++] = (struct file_segment){h->path, h->start, h->size};
            f->bytes += h->size;
        }
        check(f, s, g.refs + i, next - i);
    }
    free(g.refs);
}

void files_free(struct files *f)
{
    free(f->faults);
    arena_free(&f->arena);
    *f = (struct files){0};
}

static int compare(const struct file_segment *a, const struct file_segment *b)
{
    int c = strcmp(store_base(a->path), store_base(b->path));
    return c ? c : (a->start > b->start) - (a->start < b->start);
}

static int by_base(const void *a, const void *b) { return compare(a, b); }

/* By base name: a checkpoint that was claimed by another job, or moved, names the same files by other directories. */
uint64_t files_new_bytes(const struct files *a, const struct files *b)
{
    struct file_segment *old = mem_alloc(b->n_segments * sizeof *old + 1);
    uint64_t n = 0;
    if (b->n_segments) {
        memcpy(old, b->segments, b->n_segments * sizeof *old);
        qsort(old, b->n_segments, sizeof *old, by_base);
    }
    for (uint32_t i = 0; i < a->n_segments; i++)
        if (!b->n_segments || !bsearch(&a->segments[i], old, b->n_segments, sizeof *old, by_base))
            n += a->segments[i].size;
    free(old);
    return n;
}
