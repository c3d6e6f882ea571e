#include "tui/graph_box.h"

#include <math.h>
#include <string.h>

#include "tui/meter.h"
#include "tui/show.h"

enum { SPARK = 12 };

enum style box_frame(const struct live_vertex *x, const struct vertex_load *k)
{
    if (k->root || (x && state_style(x->status) == ST_BAD))
        return ST_BAD;
    if (load_pressed(k->pressed))
        return ST_PRESSED;
    return x && x->status && !strcmp(x->status, "RUNNING") ? ST_FRAME : x ? state_style(x->status) : ST_FRAME;
}

/* "Source: " says what the place says as well, and takes the room of what only the name says. */
const char *box_name(const char *name) { return strncmp(name, "Source: ", 8) ? name : name + 8; }

void box_mini(struct grid *g, struct rect b, const char *name, const struct vertex_load *k, enum style s)
{
    if (k->root)
        grid_put(g, b.x, b.y, ST_BAD, '!');
    else if (load_pressed(k->pressed))
        grid_put(g, b.x, b.y, ST_PRESSED, 0x2593);
    else
        grid_put(g, b.x, b.y, ST_BUSY, k->busy >= 0.5 ? 0x2588 : k->busy >= 0.1 ? 0x2584 : 0xb7);
    grid_text(g, b.x + 1, b.y, b.w - 1, s == ST_FRAME ? ST_NORMAL : s, box_name(name));
}

/* How far event time is behind what comes to the vertex. Returns the columns; none where nothing is known, as of sources. */
int box_lag(struct grid *g, int x, int y, int w, const struct live_watermarks *m, const struct vertex_load *k)
{
    int64_t lag = m && m->n_list ? marks_lag(&k->marks, m->low) : LIVE_ABSENT;
    if (lag != LIVE_ABSENT)
        return grid_textf(g, x, y, w, lag > 60000 ? ST_WARN : ST_NORMAL, " wm lag %s ", show_ms(lag).s);
    if (!m || !m->n_list || !live_has(m->low))
        return 0;
    return grid_text(g, x, y, w, ST_DIM, m->low == LIVE_WATERMARK_END ? " wm ended " : " wm none yet ");
}

void box_full(struct grid *g, struct rect b, const struct live_vertex *x, const struct vertex_load *k,
              const struct live_watermarks *marks)
{
    int inside = b.w - 2;
    grid_fill(g, (struct rect){b.x + 1, b.y + 1, inside, b.h - 2}, ST_NORMAL, ' ');
    meter_load(g, b.x + 1, b.y + 2, inside - 10, k->busy, k->pressed, k->idle);
    bool pressed = load_pressed(k->pressed);
    grid_textf(g, b.x + inside - 8, b.y + 2, 9, pressed ? ST_PRESSED : ST_BUSY, "%4s %s",
               show_share(pressed ? k->pressed : k->busy).s, pressed ? "held" : "busy");
    int at = b.x + 1;
    at += grid_textf(g, at, b.y + 3, inside, ST_DIM, "×%s ", show_count(x ? x->parallelism : LIVE_ABSENT).s);
    if (x && x->status && strcmp(x->status, "RUNNING"))
        at += grid_textf(g, at, b.y + 3, b.x + 1 + inside - at, state_style(x->status), "%s ", x->status);
    grid_textf(g, at, b.y + 3, b.x + 1 + inside - at, ST_NORMAL, "%s → %s", show_rate(k->in_rate).s, show_rate(k->out_rate).s);
    /* on the frame, which leaves a row more for others */
    at = box_lag(g, b.x + 2, b.y + b.h - 1, inside - 1, marks, k);
    int room = inside - 2 - at < SPARK ? inside - 2 - at : SPARK;
    if (k->busy_over.n && room > 0)
        meter_spark(g, b.x + b.w - 2 - room, b.y + b.h - 1, room, ST_CHART, k->busy_over.v, k->busy_over.n, 1);
}
