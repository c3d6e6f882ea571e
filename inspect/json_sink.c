#include "inspect/json_sink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "savepoint/javaio.h"

struct json_frame {
    enum sink_box box;
    uint64_t n;        /* events so far: values, for maps keys and values */
    size_t first_mark; /* sorted boxes: index of the first item's mark */
};

static bool is_sorted(enum sink_box b) { return b == BOX_SET || b == BOX_MAP || b == BOX_PAIRS; }
static bool is_pairs(enum sink_box b) { return b == BOX_MAP || b == BOX_PAIRS; }

static void mark(struct json_sink *j)
{
    if (j->n_marks == j->cap_marks) {
        j->cap_marks = j->cap_marks ? j->cap_marks * 2 : 64;
        j->marks = mem_grow(j->marks, j->cap_marks, sizeof *j->marks);
    }
    j->marks[j->n_marks++] = j->out->n;
}

/* What stands in front of a value: a comma, an opening bracket of a pair. */
static void before(struct json_sink *j)
{
    if (!j->depth)
        return;
    struct json_frame *f = &j->frames[j->depth - 1];
    uint64_t n = f->n++;
    if (f->box == BOX_OBJECT)
        return; /* the key has written it */
    bool second = is_pairs(f->box) && n % 2;
    if (n)
        buf_putc(j->out, ',');
    if (is_sorted(f->box) && !second)
        mark(j);
    if (is_pairs(f->box) && !second)
        buf_putc(j->out, '[');
}

static void after(struct json_sink *j)
{
    if (!j->depth)
        return;
    struct json_frame *f = &j->frames[j->depth - 1];
    if (is_pairs(f->box) && f->n % 2 == 0)
        buf_putc(j->out, ']');
}

static void on_null(struct sink *s)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    buf_put(j->out, "null", 4);
    after(j);
}

static void on_boolean(struct sink *s, bool v)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    if (v)
        buf_put(j->out, "true", 4);
    else
        buf_put(j->out, "false", 5);
    after(j);
}

static void on_integer(struct sink *s, int64_t v)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    jsonw_digits(j->out, v);
    after(j);
}

static void on_real(struct sink *s, double v, bool single)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    buf_reserve(j->out, 40);
    char *p = (char *)j->out->p + j->out->n;
    if (isfinite(v)) {
        j->out->n += java_real(p, v, single);
    } else {
        *p = '"';
        size_t n = java_real(p + 1, v, single);
        p[n + 1] = '"';
        j->out->n += n + 2;
    }
    after(j);
}

static void on_text(struct sink *s, const char *p, size_t n)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    jsonw_quote(j->out, p, n);
    after(j);
}

static void hex_text(struct buf *b, const char *prefix, const uint8_t *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    buf_putc(b, '"');
    buf_puts(b, prefix);
    buf_reserve(b, 2 * n);
    uint8_t *to = b->p + b->n;
    for (size_t i = 0; i < n; i++) {
        *to++ = (uint8_t)digits[p[i] >> 4];
        *to++ = (uint8_t)digits[p[i] & 15];
    }
    b->n += 2 * n;
    buf_putc(b, '"');
}

static void on_hex(struct sink *s, const char *prefix, const uint8_t *p, size_t n)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    hex_text(j->out, prefix, p, n);
    after(j);
}

static void on_begin(struct sink *s, enum sink_box box)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    if (j->depth == j->cap) {
        j->cap = j->cap ? j->cap * 2 : 16;
        j->frames = mem_grow(j->frames, j->cap, sizeof *j->frames);
    }
    j->frames[j->depth++] = (struct json_frame){.box = box, .first_mark = j->n_marks};
    if (box == BOX_MAP)
        buf_put(j->out, "{\"$map\":[", 9);
    else
        buf_putc(j->out, box == BOX_OBJECT ? '{' : '[');
}

struct item {
    const uint8_t *p;
    size_t n;
};

static int by_text(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int c = memcmp(x->p, y->p, n);
    return c ? c : (x->n > y->n) - (x->n < y->n);
}

/* Puts the items of the innermost container in order; they stand at the end of out, a comma after each but the last. */
static void sort_items(struct json_sink *j, const struct json_frame *f)
{
    size_t n = j->n_marks - f->first_mark;
    if (n < 2)
        return;
    size_t from = j->marks[f->first_mark], end = j->out->n;
    if (end - from > JSON_SINK_SORT_LIMIT)
        return;
    struct item *items = mem_grow(NULL, n, sizeof *items);
    bool ordered = true;
    for (size_t i = 0; i < n; i++) {
        size_t at = j->marks[f->first_mark + i], next = i + 1 < n ? j->marks[f->first_mark + i + 1] - 1 : end;
        items[i] = (struct item){j->out->p + at, next - at};
        ordered = ordered && (!i || by_text(&items[i - 1], &items[i]) <= 0);
    }
    if (!ordered) {
        qsort(items, n, sizeof *items, by_text);
        j->sorted.n = 0;
        for (size_t i = 0; i < n; i++) {
            if (i)
                buf_putc(&j->sorted, ',');
            buf_put(&j->sorted, items[i].p, items[i].n);
        }
        memcpy(j->out->p + from, j->sorted.p, j->sorted.n);
    }
    free(items);
}

static void on_end(struct sink *s, enum sink_box box)
{
    struct json_sink *j = (struct json_sink *)s;
    struct json_frame f = j->frames[--j->depth];
    if (is_pairs(box) && f.n % 2) /* a decoder that failed between key and value */
        buf_put(j->out, ",null]", 6);
    if (is_sorted(box)) {
        sort_items(j, &f);
        j->n_marks = f.first_mark;
    }
    if (box == BOX_MAP)
        buf_put(j->out, "]}", 2);
    else
        buf_putc(j->out, box == BOX_OBJECT ? '}' : ']');
    after(j);
}

static void on_key(struct sink *s, const char *p, size_t n)
{
    struct json_sink *j = (struct json_sink *)s;
    if (j->frames[j->depth - 1].n)
        buf_putc(j->out, ',');
    jsonw_quote(j->out, p, n);
    buf_putc(j->out, ':');
}

static void on_opaque(struct sink *s, const char *cls, const uint8_t *p, size_t n, const char *why)
{
    struct json_sink *j = (struct json_sink *)s;
    before(j);
    buf_puts(j->out, "{\"$opaque\":");
    jsonw_quote(j->out, cls, strlen(cls));
    buf_printf(j->out, ",\"length\":%zu,\"why\":", n);
    jsonw_quote(j->out, why, strlen(why));
    buf_puts(j->out, ",\"$hex\":");
    hex_text(j->out, "", p, n);
    buf_putc(j->out, '}');
    after(j);
}

static const struct sink_ops json_ops = {on_null,  on_boolean, on_integer, on_real,   on_text, on_hex,
                                         on_begin, on_end,     on_key,     on_opaque, NULL,    NULL};

void json_sink_init(struct json_sink *j, struct buf *out) { *j = (struct json_sink){.sink = {.ops = &json_ops}, .out = out}; }

void json_sink_reset(struct json_sink *j)
{
    j->depth = 0;
    j->n_marks = 0;
}

void json_sink_free(struct json_sink *j)
{
    free(j->frames);
    free(j->marks);
    buf_free(&j->sorted);
    buf_free(&j->sink.scratch);
    *j = (struct json_sink){0};
}
