#include "tui/flame_draw.h"

#include <stdio.h>
#include <string.h>

#include "tui/list.h"

enum style flame_style(enum flame_kind kind)
{
    static const enum style styles[FLAME_KINDS] = {[FLAME_YOURS] = ST_FLAME_YOURS,
                                                   [FLAME_STATE] = ST_FLAME_STATE,
                                                   [FLAME_FLINK] = ST_FLAME_FLINK,
                                                   [FLAME_JAVA] = ST_FLAME_JAVA};
    return styles[kind];
}

bool flame_lit(const struct flame *f, const struct flame_box *b, const struct flame_look *look)
{
    for (uint32_t i = b->last;; i = f->v[i].parent) {
        if (look->method >= 0 ? f->v[i].method == look->method : *look->filter && filter_matches(look->filter, f->v[i].name))
            return true;
        if (i == b->frame || !i)
            return false;
    }
}

/* Whose code a box is: of a chain that of who is nearest to the job, since the rest is called for them. */
static enum flame_kind kind_of(const struct flame *f, const struct flame_box *b)
{
    enum flame_kind kind = flame_kind(f->v[b->last].name);
    for (uint32_t i = b->last; i != b->frame && i; i = f->v[i].parent) {
        enum flame_kind above = flame_kind(f->v[f->v[i].parent].name);
        kind = f->v[i].parent && above < kind ? above : kind; /* the root is nobody's */
    }
    return kind;
}

/* The most telling label that takes no more than `room` columns: of a chain its ends, else its end, which is what runs. */
static void label(const struct flame *f, const struct flame_box *b, int room, struct buf *text)
{
    int n, m, share_columns;
    char share[32];
    const char *end = f->v[b->last].name, *begin = f->v[b->frame].name, *p = flame_name(end, FLAME_CLASS, &n);
    double all = f->v[0].samples;
    snprintf(share, sizeof share, " %.0f%%", all > 0 ? 100 * f->v[b->frame].samples / all : 0);
    share_columns = (int)strlen(share);
    text->n = 0;
    if (!b->last) {
        buf_printf(text, "all %.0f samples", all);
        return;
    }
    if (b->last != b->frame) {
        const char *q = b->frame ? flame_name(begin, FLAME_CLASS, &m) : "all";
        m = b->frame ? m : 3;
        if (text_columns(q, (size_t)m) + text_columns(p, (size_t)n) + 5 <= room) {
            buf_put(text, q, (size_t)m);
            buf_puts(text, f->v[b->last].depth == f->v[b->frame].depth + 1 ? " → " : " … ");
        }
    }
    if (!text->n && text_columns(p, (size_t)n) > room)
        p = flame_name(end, FLAME_METHOD, &n);
    buf_put(text, p, (size_t)n);
    if (text_columns(text->p, text->n) + share_columns <= room)
        buf_puts(text, share);
}

static void draw_box(const struct flame *f, const struct flame_box *b, const struct flame_look *look, bool at, struct grid *g,
                     struct rect r, struct buf *text)
{
    bool some = look->method >= 0 || *look->filter, lit = flame_lit(f, b, look);
    enum style s = some ? lit ? ST_MATCH : ST_DIM : flame_style(kind_of(f, b));
    if (at) /* differs from the others without a colour as well */
        s = ST_BOLD;
    uint32_t fill = at ? 0x2501 : look->plain || (some && !lit) ? lit ? 0x2593 : 0x2591 : ' ';
    grid_fill(g, r, s, fill);
    grid_put(g, r.x, r.y, s, at ? 0x25b6 : 0x258f);
    if (r.w > 2) {
        label(f, b, r.w - 1, text);
        grid_textn(g, r.x + 1, r.y, r.w - 1, s, text->p, text->n);
    }
    if (!at && !(some && !lit))
        grid_reverse(g, r);
}

void flame_draw(const struct flame *f, const struct flame_boxes *b, const struct flame_look *look, struct grid *g, struct rect r)
{
    struct buf text = {0};
    const struct rect old = grid_clip(g, r);
    for (uint32_t i = 0; i < b->n; i++) {
        const struct flame_box *x = &b->v[i];
        int y = x->row - look->top;
        if (y >= 0 && y < r.h)
            draw_box(f, x, look, i == look->at, g, (struct rect){r.x + x->x, r.y + y, x->w, 1}, &text);
    }
    buf_free(&text);
    grid_unclip(g, old);
}
