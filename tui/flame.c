#include "tui/flame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the tree --- */

static double samples_of(const struct live_flame_node *n) { return n->value > 0 ? (double)n->value : 0; }

static int most_first(const void *a, const void *b)
{
    const struct live_flame_node *x = *(const struct live_flame_node *const *)a, *y = *(const struct live_flame_node *const *)b;
    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return strcmp(live_text_or(x->name, ""), live_text_or(y->name, ""));
}

/* The children of node i behind all that is there. */
static void take_children(struct flame *f, const struct live_flame_node **nodes, uint32_t i)
{
    const struct live_flame_node *n = nodes[i];
    uint32_t room = FLAME_FRAMES - f->n, take = n->n_children < room ? n->n_children : room;
    if (f->v[i].depth + 1 >= FLAME_DEPTH)
        take = 0;
    f->cut |= take < n->n_children;
    f->v[i].first = f->n;
    f->v[i].n_children = take;
    for (uint32_t k = 0; k < take; k++)
        nodes[f->n + k] = &n->children[k];
    qsort(nodes + f->n, take, sizeof(struct live_flame_node *), most_first);
    for (uint32_t k = 0; k < take; k++, f->n++)
        f->v[f->n] = (struct flame_frame){.name = arena_str(&f->names, live_text_or(nodes[f->n]->name, "?")),
                                          .samples = samples_of(nodes[f->n]),
                                          .parent = i,
                                          .depth = (uint16_t)(f->v[i].depth + 1)};
}

static size_t method_length(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon && strspn(colon + 1, "-0123456789") == strlen(colon + 1) ? (size_t)(colon - name) : strlen(name);
}

static int by_method(const void *a, const void *b, void *frames)
{
    const struct flame_frame *v = frames;
    const char *x = v[*(const uint32_t *)a].name, *y = v[*(const uint32_t *)b].name;
    size_t n = method_length(x), m = method_length(y);
    int c = strncmp(x, y, n < m ? n : m);
    return c ? c : (n > m) - (n < m);
}

static void number_methods(struct flame *f)
{
    uint32_t *order = mem_alloc(sizeof *order * ((size_t)f->n + 1));
    for (uint32_t i = 0; i < f->n; i++)
        order[i] = i;
    qsort_r(order, f->n, sizeof *order, by_method, f->v);
    f->n_methods = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!i || by_method(&order[i - 1], &order[i], f->v))
            f->n_methods++;
        f->v[order[i]].method = f->n_methods - 1;
    }
    free(order);
}

void flame_take(struct flame *f, const struct live_flame_node *root)
{
    arena_free(&f->names);
    f->n = f->n_methods = 0;
    f->cut = false;
    if (!root)
        return;
    uint32_t cap = 256;
    const struct live_flame_node **nodes = mem_alloc(sizeof *nodes * cap);
    f->v = mem_grow(f->v, cap, sizeof *f->v);
    nodes[0] = root;
    f->v[f->n++] = (struct flame_frame){.name = arena_str(&f->names, live_text_or(root->name, "?")), .samples = samples_of(root)};
    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t need = (uint64_t)f->n + nodes[i]->n_children;
        need = need < FLAME_FRAMES ? need : FLAME_FRAMES;
        while (cap < need) {
            cap *= 2;
            nodes = mem_grow(nodes, cap, sizeof *nodes);
            f->v = mem_grow(f->v, cap, sizeof *f->v);
        }
        take_children(f, nodes, i);
    }
    free(nodes);
    for (uint32_t i = f->n; i-- > 0;) { /* children before parents: what they have the parent has, whatever it says */
        double below = 0;
        for (uint32_t k = 0; k < f->v[i].n_children; k++)
            below += f->v[f->v[i].first + k].samples;
        if (f->v[i].samples < below)
            f->v[i].samples = below;
        f->v[i].self = f->v[i].samples - below;
    }
    number_methods(f);
}

void flame_free(struct flame *f)
{
    arena_free(&f->names);
    free(f->v);
    *f = (struct flame){0};
}

/* --- names --- */

const char *flame_name(const char *name, enum flame_name how, int *n)
{
    size_t method = method_length(name), all = name[method] == ':' && name[method + 1] == '-' ? method : strlen(name);
    const char *from = name, *dot = NULL, *before = NULL;
    for (const char *p = name; p < name + method && *p != '(' && *p != '/'; p++) /* Lambda$12/0x7f….run: the class ends at "/" */
        if (*p == '.') {
            before = dot;
            dot = p;
        }
    const char *slash = memchr(name, '/', method), *last = memrchr(name, '.', method);
    if (how == FLAME_CLASS && (slash ? dot : before))
        from = (slash ? dot : before) + 1;
    if (how == FLAME_METHOD && last)
        from = last + 1;
    *n = (int)((how == FLAME_METHOD ? name + method : name + all) - from);
    return from;
}

enum flame_kind flame_kind(const char *name)
{
    static const struct {
        const char *begins;
        enum flame_kind kind;
    } kinds[] = {
        {"org.apache.flink.runtime.state.", FLAME_STATE},
        {"org.apache.flink.contrib.streaming.state.", FLAME_STATE},
        {"org.apache.flink.state.", FLAME_STATE},
        {"org.rocksdb.", FLAME_STATE},
        {"org.forstdb.", FLAME_STATE},
        {"org.apache.flink.", FLAME_FLINK},
        {"java.", FLAME_JAVA},
        {"javax.", FLAME_JAVA},
        {"jdk.", FLAME_JAVA},
        {"sun.", FLAME_JAVA},
        {"com.sun.", FLAME_JAVA},
        {"scala.", FLAME_JAVA},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strncmp(name, kinds[i].begins, strlen(kinds[i].begins)))
            return kinds[i].kind;
    return FLAME_YOURS;
}

void flame_way(const struct flame *f, uint32_t frame, struct buf *way)
{
    uint32_t step[FLAME_DEPTH];
    int n = 0;
    way->n = 0;
    for (; frame && frame < f->n && n < FLAME_DEPTH; frame = f->v[frame].parent)
        step[n++] = frame;
    while (n-- > 0) {
        buf_puts(way, f->v[step[n]].name);
        buf_putc(way, '\n');
    }
}

uint32_t flame_follow(const struct flame *f, const char *way, bool *all)
{
    uint32_t at = 0;
    while (*way && f->n) {
        size_t n = strcspn(way, "\n");
        uint32_t to = 0;
        for (uint32_t k = 0; !to && k < f->v[at].n_children; k++) {
            const char *name = f->v[f->v[at].first + k].name;
            if (!strncmp(name, way, n) && !name[n])
                to = f->v[at].first + k;
        }
        if (!to)
            break;
        at = to;
        way += n + (way[n] == '\n');
    }
    *all = !*way;
    return at;
}

/* --- layout --- */

/* The last frame of a chain in which each one is all that the one before it does. */
static uint32_t end_of_chain(const struct flame *f, uint32_t i, bool fold)
{
    while (fold && f->v[i].n_children == 1 && f->v[i].self == 0)
        i = f->v[i].first;
    return i;
}

static void add_box(struct flame_boxes *out, uint32_t *cap, double **from, double at, struct flame_box b)
{
    if (out->n == *cap) {
        *cap = *cap ? *cap * 2 : 64;
        out->v = mem_grow(out->v, *cap, sizeof *out->v);
        *from = mem_grow(*from, *cap, sizeof **from);
    }
    (*from)[out->n] = at;
    out->v[out->n++] = b;
    out->rows = b.row + 1;
}

/* The boxes of what the frames of box i have called. `from`: the samples left of each box, counted from the top's beginning, so
 * that a frame begins where its caller begins, however deep. */
static void lay_children(const struct flame *f, uint32_t i, bool fold, double scale, struct flame_boxes *out, uint32_t *cap,
                         double **from)
{
    const struct flame_box b = out->v[i];
    const struct flame_frame *v = &f->v[b.last];
    double at = (*from)[i];
    int used = b.x;
    for (uint32_t k = v->first; k < v->first + v->n_children; k++) {
        double end = at + f->v[k].samples;
        int x1 = (int)(end * scale + 0.5);
        x1 = x1 > b.x + b.w ? b.x + b.w : x1;
        if (x1 > used) {
            add_box(out, cap, from, at,
                    (struct flame_box){k, end_of_chain(f, k, fold), .up = i, .x = used, .w = x1 - used, .row = b.row + 1});
            used = x1;
        }
        at = end;
    }
}

void flame_layout(const struct flame *f, uint32_t top, int columns, bool fold, struct flame_boxes *out)
{
    uint32_t cap = 0;
    double *from = NULL;
    free(out->v);
    *out = (struct flame_boxes){0};
    if (top >= f->n || columns < 1)
        return;
    add_box(out, &cap, &from, 0, (struct flame_box){.frame = top, .last = end_of_chain(f, top, fold), .w = columns});
    for (uint32_t i = 0; i < out->n; i++)
        lay_children(f, i, fold, f->v[top].samples > 0 ? columns / f->v[top].samples : 0, out, &cap, &from);
    free(from);
}

uint32_t flame_box_of(const struct flame *f, const struct flame_boxes *b, uint32_t frame)
{
    uint32_t way[FLAME_DEPTH], box = 0; /* way: the frames above it and itself, by depth */
    if (!b->n || frame >= f->n)
        return 0;
    for (uint32_t at = frame, d = f->v[at].depth + 1u; d-- > 0; at = f->v[at].parent)
        way[d] = at;
    for (uint32_t i = 1; i < b->n; i++) { /* the boxes below another one come behind it */
        uint32_t depth = f->v[b->v[i].frame].depth;
        if (b->v[i].up == box && depth <= f->v[frame].depth && way[depth] == b->v[i].frame)
            box = i;
    }
    return box;
}

/* --- the methods --- */

static int most_self_first(const void *a, const void *b)
{
    const struct flame_method *x = a, *y = b;
    if (x->self != y->self)
        return x->self < y->self ? 1 : -1;
    if (x->samples != y->samples)
        return x->samples < y->samples ? 1 : -1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* Whether a frame's method is on the stack above it already, within what is below the top. */
static bool called_again(const struct flame *f, uint32_t top, uint32_t i)
{
    for (uint32_t at = i; at != top && at;) {
        at = f->v[at].parent;
        if (at && f->v[at].method == f->v[i].method)
            return true;
    }
    return false;
}

struct flame_method *flame_methods(const struct flame *f, uint32_t top, uint32_t *n)
{
    *n = 0;
    if (top >= f->n)
        return NULL;
    struct flame_method *m = mem_zalloc(sizeof *m * ((size_t)f->n_methods + 1));
    double *most = mem_zalloc(sizeof *most * ((size_t)f->n_methods + 1));
    bool *below = mem_zalloc(f->n);
    for (uint32_t i = top; i < f->n; i++) {
        const struct flame_frame *v = &f->v[i];
        below[i] = i == top || (i > top && below[v->parent]);
        if (!below[i] || (!i && v->n_children)) /* the root is no method unless it is all there is */
            continue;
        if (!called_again(f, top, i))
            m[v->method].samples += v->samples;
        m[v->method].self += v->self;
        if (!m[v->method].frame || v->self > most[v->method]) {
            m[v->method].frame = i;
            most[v->method] = v->self;
        }
    }
    for (uint32_t i = 0; i < f->n_methods; i++)
        if (m[i].samples > 0)
            m[(*n)++] = m[i];
    free(most);
    free(below);
    qsort(m, *n, sizeof *m, most_self_first);
    return m;
}
