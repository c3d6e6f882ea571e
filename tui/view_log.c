/* The text of a log, which goes on as the file grows. Flink sends files as a whole only (HandlerUtils.transferFile knows no ranges), so
 * they are asked for as seldom as their size says, and not at all while the list of files says that they have not changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/log_file.h"
#include "tui/log_text.h"
#include "tui/show.h"

enum {
    EVERY_MS = 3000,       /* a small file */
    MIB_MS = 500,          /* for each MiB of a larger one */
    UNCHANGED_MS = 600000, /* one of which the list says that it is as it was */
    STEP = 8,              /* columns to the side */
    SIDE_MAX = 4000,
    WRAPPED_MAX = 40, /* rows of a line */
    ONCE_MAX = 4000   /* lines of a single look */
};

struct state {
    struct log_text text;
    uint64_t number;                  /* of the answer that it is of */
    const struct live_snapshot *held; /* which has the text; NULL: the world's, of a single look */
    uint64_t skipped;
    uint32_t at, top; /* places in text.order: under the cursor, the first shown */
    bool left;        /* the end is not followed */
    bool wrapped;
    int side; /* columns left out */
    int page;
};

static const struct live_answer *answer(const struct view *v, const struct world *w, struct live_ask *ask, struct arena *a)
{
    return log_file_ask(a, v->at.item, ask) && w->snapshot ? live_find(w->snapshot, ask) : NULL;
}

/* --- asking --- */

static uint32_t pace(const struct world *w, const struct live_ask *ask, const struct live_answer *got)
{
    const struct live_text *t = got ? got->data : NULL;
    const struct live_log *row = log_file_row(w, ask);
    if (!t)
        return EVERY_MS;
    if (row && live_has(row->size) && (uint64_t)row->size == t->skipped + t->n && live_or(row->modified_ms, 0) < got->came_ms)
        return UNCHANGED_MS;
    uint64_t mib = (t->skipped + t->n) >> 20;
    return EVERY_MS + (uint32_t)(mib < 1000 ? mib : 1000) * MIB_MS;
}

static void want_it(const struct view *v, const struct world *w, struct wants *wants)
{
    struct arena a = {0};
    struct live_ask ask;
    const struct live_answer *got = answer(v, w, &ask, &a);
    if (log_file_ask(&a, v->at.item, &ask)) {
        const struct live_ask list = process_ask(PROCESS_LOGS, ask.item, NULL);
        want_ask(wants, &list);
        want_every(wants, EVERY_MS);
        want_ask(wants, &ask);
        want_every(wants, pace(w, &ask, got));
    }
    arena_free(&a);
}

/* --- the text --- */

static void to_end(struct state *s) { s->at = s->text.n_order ? s->text.n_order - 1 : 0; }

/* Filters, and finds the line again that was under the cursor. */
static void arrange(struct view *v, struct state *s)
{
    size_t at = s->at < s->text.n_order ? s->text.lines[s->text.order[s->at]].at : 0;
    log_filter(&s->text, v->list.filter);
    s->at = log_place(&s->text, at);
    if (!s->left || s->at >= s->text.n_order)
        to_end(s);
}

static void load(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    struct arena a = {0};
    struct live_ask ask;
    const struct live_answer *got = answer(v, w, &ask, &a);
    const struct live_text *t = got ? got->data : NULL;
    if (t && got->number != s->number) {
        /* where the cursor was in the whole file, also when its beginning is no longer kept */
        uint64_t at = s->skipped + (s->at < s->text.n_order ? s->text.lines[s->text.order[s->at]].at : 0);
        const struct live_snapshot *before = s->held;
        bool another = t->skipped + t->n < s->skipped + s->text.n; /* begun anew */
        s->held = w->once ? NULL : live_hold(w->snapshot);
        log_read(&s->text, t->text, t->n);
        s->skipped = t->skipped;
        s->number = got->number;
        log_filter(&s->text, v->list.filter);
        s->at = at >= s->skipped && !another ? log_place(&s->text, (size_t)(at - s->skipped)) : 0;
        if (!s->left || s->at >= s->text.n_order)
            to_end(s);
        if (before)
            live_release(before);
    }
    arena_free(&a);
}

static void find(struct view *v, const char *filter)
{
    (void)filter;
    arrange(v, v->state);
}

/* --- keys --- */

static void move(struct state *s, int64_t by)
{
    int64_t to = (int64_t)s->at + by, last = s->text.n_order ? (int64_t)s->text.n_order - 1 : 0;
    s->at = (uint32_t)(to < 0 ? 0 : to > last ? last : to);
    s->left = s->at != last;
}

static bool verb(struct view *v, const struct world *w, enum verb what)
{
    struct state *s = v->state;
    (void)w;
    switch (what) {
    case VERB_UP:
    case VERB_DOWN:
        move(s, what == VERB_UP ? -1 : 1);
        return true;
    case VERB_PAGE_UP:
    case VERB_PAGE_DOWN:
        move(s, (s->page > 1 ? s->page - 1 : 1) * (what == VERB_PAGE_UP ? -1 : 1));
        return true;
    case VERB_TOP:
    case VERB_BOTTOM:
        move(s, what == VERB_TOP ? -(int64_t)s->text.n_order : (int64_t)s->text.n_order);
        return true;
    case VERB_LEFT:
    case VERB_RIGHT:
        s->side += what == VERB_LEFT ? -STEP : STEP;
        s->side = s->side < 0 ? 0 : s->side > SIDE_MAX ? SIDE_MAX : s->side;
        return true;
    case VERB_FOLD:
        s->wrapped = !s->wrapped;
        return true;
    case VERB_NEXT_SUBTASK:
    case VERB_SUBTASK_BEFORE:
        move(s, (int64_t)log_problem(&s->text, s->at, what == VERB_NEXT_SUBTASK ? 1 : -1) - s->at);
        return true;
    default:
        return false;
    }
}

/* --- drawing --- */

static enum style style_of(const struct log_line *l)
{
    static const enum style styles[] = {[LOG_NONE] = ST_NORMAL, [LOG_TRACE] = ST_DIM, [LOG_DEBUG] = ST_DIM,
                                        [LOG_INFO] = ST_NORMAL, [LOG_WARN] = ST_WARN, [LOG_ERROR] = ST_BAD};
    return styles[l->level];
}

/* Draws a line at y and says how many rows it has taken, at most `room`. */
static int draw_line(const struct state *s, uint32_t place, struct grid *g, struct rect r, int y, int room)
{
    uint32_t line = s->text.order[place];
    int rows = 0, all = 0;
    do {
        struct buf b = {0};
        all = log_show(&s->text, line, s->wrapped ? rows * r.w : s->side, r.w, &b);
        if (g)
            grid_textn(g, r.x, y + rows, r.w, style_of(&s->text.lines[line]), b.p, b.n);
        buf_free(&b);
        rows++;
    } while (s->wrapped && rows < room && rows < WRAPPED_MAX && rows * r.w < all);
    return rows;
}

/* So that the cursor's line is on the screen. */
static void scroll(struct state *s, struct rect r)
{
    if (s->at < s->top)
        s->top = s->at;
    if (s->at - s->top >= (uint32_t)r.h)
        s->top = s->at - (uint32_t)r.h + 1;
    if (!s->wrapped && s->text.n_order < s->top + (uint32_t)r.h)
        s->top = s->text.n_order > (uint32_t)r.h ? s->text.n_order - (uint32_t)r.h : 0;
    if (!s->wrapped)
        return;
    int rows = 0;
    uint32_t i = s->at;
    for (;; i--) {
        rows += draw_line(s, i, NULL, r, 0, r.h);
        if (rows > r.h || i == s->top)
            break;
    }
    if (rows > r.h)
        s->top = i < s->at ? i + 1 : i;
}

static int draw_name(struct grid *g, int x, int y, int room, const char *item)
{
    const char *slash = strrchr(item, '/'), *file = slash ? slash + 1 : "";
    const char *name = !strcmp(file, LOG_FILE_MAIN) ? "main log" : !strcmp(file, LOG_FILE_STDOUT) ? "standard output" : NULL;
    if (!name)
        return grid_text(g, x, y, room, ST_BOLD, item);
    return grid_textf(g, x, y, room, ST_BOLD, "%.*s: %s", (int)(slash - item), item, name);
}

static void draw_head(const struct view *v, const struct state *s, struct grid *g, struct rect r)
{
    uint32_t errors = 0, warnings = 0;
    int x = r.x + 1, end = r.x + r.w;
    for (uint32_t i = 0; i < s->text.n_lines; i++) {
        errors += s->text.lines[i].own && s->text.lines[i].level == LOG_ERROR;
        warnings += s->text.lines[i].own && s->text.lines[i].level == LOG_WARN;
    }
    x += draw_name(g, x, r.y, end - x, v->at.item);
    x += grid_textf(g, x, r.y, end - x, ST_NORMAL, "  %s, %s lines", show_bytes((int64_t)(s->skipped + s->text.n)).s,
                    show_count(s->text.n_lines).s);
    if (s->skipped)
        x += grid_textf(g, x, r.y, end - x, ST_WARN, ", only its end: %s before are not kept", show_bytes((int64_t)s->skipped).s);
    if (v->list.filter[0])
        x += grid_textf(g, x, r.y, end - x, ST_MATCH, "  %s pass", show_count(s->text.n_order).s);
    if (errors)
        x += grid_textf(g, x, r.y, end - x, ST_BAD, "  %u error%s", errors, errors > 1 ? "s" : "");
    if (warnings)
        x += grid_textf(g, x, r.y, end - x, ST_WARN, "  %u warning%s", warnings, warnings > 1 ? "s" : "");
    x += grid_text(g, x, r.y, end - x, s->left ? ST_DIM : ST_OK, s->left ? "  G follows" : "  following");
    grid_text(g, x, r.y, end - x, ST_DIM, s->wrapped ? "  wrapped (z)" : "  n N next, last problem  z wraps");
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    struct state *s = v->state;
    struct arena a = {0};
    struct live_ask ask;
    const struct live_answer *got = answer(v, w, &ask, &a);
    struct rect text = {r.x, r.y + 1, r.w, r.h - 1};
    if (!s->number) {
        if (log_file_ask(&a, v->at.item, &ask))
            draw_why(g, r, got);
        else
            grid_textf(g, r.x + 1, r.y, r.w - 1, ST_WARN, "'%s' names no file: TASKMANAGER/FILE, jobmanager/FILE", v->at.item);
        arena_free(&a);
        return r.h;
    }
    draw_head(v, s, g, r);
    s->page = text.h;
    if (s->text.n_order && text.h > 0) {
        scroll(s, text);
        int y = text.y;
        for (uint32_t i = s->top; i < s->text.n_order && y < text.y + text.h; i++) {
            int rows = draw_line(s, i, g, text, y, text.y + text.h - y);
            if (i == s->at && s->left && !w->once)
                grid_reverse(g, (struct rect){text.x, y, text.w, rows});
            y += rows;
        }
    } else if (text.h > 0) {
        grid_text(g, text.x + 1, text.y, text.w, ST_DIM, s->text.n_lines ? "no line passes the filter" : "empty");
    }
    arena_free(&a);
    return r.h;
}

/* --- without a terminal --- */

static void extent(struct view *v, const struct world *w, int *width, int *height)
{
    const struct state *s = v->state;
    (void)w;
    (void)width;
    *height = 1 + (s->text.n_order < ONCE_MAX ? s->text.n_order ? (int)s->text.n_order : 1 : ONCE_MAX);
}

static void json(const struct view *v, const struct world *w, struct jsonw *out)
{
    const struct state *s = v->state;
    (void)w;
    jsonw_member_uint(out, "bytes", s->skipped + s->text.n);
    jsonw_member_uint(out, "bytesBefore", s->skipped);
    jsonw_key(out, "lines");
    jsonw_array(out);
    for (uint32_t i = 0; i < s->text.n_order; i++) {
        const struct log_line *l = &s->text.lines[s->text.order[i]];
        jsonw_object(out);
        jsonw_key(out, "level");
        if (l->level)
            jsonw_str(out, log_level_words[l->level]);
        else
            jsonw_null(out);
        jsonw_key(out, "text");
        jsonw_strn(out, s->text.p + l->at, l->n);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

static void close_it(struct view *v)
{
    struct state *s = v->state;
    log_free(&s->text);
    if (s->held)
        live_release(s->held);
}

const struct view_ops view_log = {
    .sort = -1,
    .state = sizeof(struct state),
    .want = want_it,
    .load = load,
    .draw = draw,
    .verb = verb,
    .find = find,
    .json = json,
    .extent = extent,
    .close = close_it,
};
