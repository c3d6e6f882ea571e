#include "inspect/figures.h"

#include <stdio.h>
#include <string.h>

static void add_reason(struct totals *t, const char *cls, const char *why, uint64_t n)
{
    uint32_t i = 0;
    while (i < t->n_reasons &&
           (strncmp(t->reasons[i].cls, cls, REASON_TEXT - 1) || strncmp(t->reasons[i].why, why, REASON_TEXT - 1)))
        i++;
    if (i == FIGURES_REASONS)
        return;
    struct reason *r = &t->reasons[i];
    if (i == t->n_reasons) {
        t->n_reasons++;
        snprintf(r->cls, sizeof r->cls, "%s", cls);
        snprintf(r->why, sizeof r->why, "%s", why);
    }
    r->n += n;
}

void totals_add(struct totals *to, const struct totals *more)
{
    to->entries += more->entries;
    to->bytes += more->bytes;
    to->nulls += more->nulls;
    to->opaque += more->opaque;
    to->sum += more->sum;
    for (uint32_t i = 0; i < more->n_reasons; i++)
        add_reason(to, more->reasons[i].cls, more->reasons[i].why, more->reasons[i].n);
}

static struct totals *totals_of(struct sink *s) { return ((struct figures_sink *)s)->all->to; }

static void on_null(struct sink *s) { totals_of(s)->nulls++; }

static void on_integer(struct sink *s, int64_t v) { totals_of(s)->sum += (uint64_t)v; }

static void on_opaque(struct sink *s, const char *cls, const uint8_t *p, size_t n, const char *why)
{
    (void)p;
    (void)n;
    struct totals *t = totals_of(s);
    t->opaque++;
    add_reason(t, cls, why, 1);
}

static void no_null(struct sink *s) { (void)s; }

static void no_boolean(struct sink *s, bool v)
{
    (void)s;
    (void)v;
}

static void no_integer(struct sink *s, int64_t v)
{
    (void)s;
    (void)v;
}

static void no_real(struct sink *s, double v, bool single)
{
    (void)s;
    (void)v;
    (void)single;
}

static void no_text(struct sink *s, const char *p, size_t n)
{
    (void)s;
    (void)p;
    (void)n;
}

static void no_hex(struct sink *s, const char *prefix, const uint8_t *p, size_t n)
{
    (void)s;
    (void)prefix;
    (void)p;
    (void)n;
}

static void no_box(struct sink *s, enum sink_box box)
{
    (void)s;
    (void)box;
}

static const struct sink_ops value_ops = {on_null, no_boolean, on_integer, no_real,   no_text, no_hex,
                                          no_box,  no_box,     no_text,    on_opaque, NULL,    NULL};
static const struct sink_ops key_ops = {no_null, no_boolean, no_integer, no_real,   no_text, no_hex,
                                        no_box,  no_box,     no_text,    on_opaque, NULL,    NULL};

void figures_init(struct figures *f)
{
    *f = (struct figures){.value = {.sink.ops = &value_ops, .all = f}, .key = {.sink.ops = &key_ops, .all = f}};
}

void figures_free(struct figures *f)
{
    buf_free(&f->value.sink.scratch);
    buf_free(&f->key.sink.scratch);
}
