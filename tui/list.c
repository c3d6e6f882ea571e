#include "tui/list.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "live/model.h"
#include "tui/meter.h"

/* --- filling --- */

void list_begin(struct list *l)
{
    arena_free(&l->arena);
    l->n_rows = l->filled = 0;
}

void list_row(struct list *l, const char *id, enum style s)
{
    if (l->n_rows == l->cap_rows) {
        l->cap_rows = l->cap_rows ? l->cap_rows * 2 : 32;
        l->rows = mem_grow(l->rows, l->cap_rows, sizeof *l->rows);
    }
    l->rows[l->n_rows++] = (struct list_row){
        .id = arena_str(&l->arena, id), .cells = arena_array(&l->arena, l->n_cols, sizeof(struct list_cell)), .style = (uint8_t)s};
    l->filled = 0;
}

static struct list_cell *next_cell(struct list *l, enum style s)
{
    struct list_cell *c = &l->rows[l->n_rows - 1].cells[l->filled++];
    c->style = (uint8_t)s;
    c->number = NAN;
    return c;
}

void list_text(struct list *l, enum style s, const char *text)
{
    struct list_cell *c = next_cell(l, s);
    c->text = text ? arena_str(&l->arena, text) : NULL;
    c->columns = text ? text_columns(text, strlen(text)) : 1;
}

void list_textf(struct list *l, enum style s, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    list_text(l, s, text);
}

void list_number(struct list *l, enum style s, double number, const char *shown)
{
    list_text(l, s, shown);
    struct list_cell *c = &l->rows[l->n_rows - 1].cells[l->filled - 1];
    c->kind = CELL_NUMBER;
    c->number = number;
}

void list_whole(struct list *l, enum style s, int64_t number, const char *shown)
{
    list_number(l, s, number == LIVE_ABSENT ? NAN : (double)number, shown);
    l->rows[l->n_rows - 1].cells[l->filled - 1].whole = true;
}

static void put_series(struct list *l, struct list_cell *c, const double *v, uint32_t n)
{
    double *copy = arena_array(&l->arena, n + 1u, sizeof *copy);
    if (n)
        memcpy(copy, v, sizeof *v * n);
    c->series = copy;
    c->n_series = n;
    c->columns = (int)n;
}

void list_spark(struct list *l, enum style s, const double *v, uint32_t n)
{
    struct list_cell *c = next_cell(l, s);
    c->kind = CELL_SPARK;
    put_series(l, c, v, n);
}

void list_heat(struct list *l, const double *v, uint32_t n)
{
    struct list_cell *c = next_cell(l, ST_NORMAL);
    c->kind = CELL_HEAT;
    put_series(l, c, v, n);
}

void list_load(struct list *l, double busy, double pressed, double idle)
{
    struct list_cell *c = next_cell(l, ST_NORMAL);
    c->kind = CELL_LOAD;
    c->number = busy;
    c->more[0] = pressed;
    c->more[1] = idle;
}

void list_bar(struct list *l, enum style s, double share)
{
    struct list_cell *c = next_cell(l, s);
    c->kind = CELL_BAR;
    c->number = share;
}

void list_spans(struct list *l, const struct list_span *v, uint32_t n)
{
    enum { WISH = 400 };
    struct list_cell *c = next_cell(l, ST_NORMAL);
    struct list_span *copy = arena_array(&l->arena, n + 1u, sizeof *copy);
    if (n)
        memcpy(copy, v, sizeof *v * n);
    c->kind = CELL_SPANS;
    c->spans = copy;
    c->n_series = n;
    c->columns = WISH;
}

void list_end(struct list *l) { list_arrange(l); }

/* --- filter and order --- */

static bool in_order(const char *letters, const char *text)
{
    for (; *letters && *text; text++)
        if ((*letters | 0x20) == (*text | 0x20))
            letters++;
    return !*letters;
}

bool filter_matches(const char *filter, const char *text)
{
    if (*filter == '!')
        return !filter[1] || !strcasestr(text, filter + 1);
    if (*filter == '~')
        return in_order(filter + 1, text);
    return strcasestr(text, filter) != NULL;
}

/* `text` is room to work in. */
static bool row_passes(const struct list *l, const struct list_row *r, struct buf *text)
{
    if (!l->filter[0])
        return true;
    text->n = 0;
    for (uint32_t c = 0; c < l->n_cols; c++)
        if (r->cells[c].text) {
            buf_puts(text, r->cells[c].text);
            buf_putc(text, ' ');
        }
    return filter_matches(l->filter, buf_cstr(text));
}

static int compare_cells(const struct list_cell *a, const struct list_cell *b)
{
    if (a->kind == CELL_TEXT)
        return strcasecmp(a->text ? a->text : "", b->text ? b->text : "");
    if (isnan(a->number) || isnan(b->number))
        return isnan(a->number) - isnan(b->number) ? (isnan(a->number) ? -1 : 1) : 0; /* what is not known is least */
    return (a->number > b->number) - (a->number < b->number);
}

static int compare_rows(const void *a, const void *b, void *list)
{
    const struct list *l = list;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = l->sort < 0 ? 0 : compare_cells(&l->rows[x].cells[l->sort], &l->rows[y].cells[l->sort]);
    if (c)
        return l->descending ? -c : c;
    return (x > y) - (x < y);
}

static void keep_cursor(struct list *l)
{
    const struct list_row *r = list_here(l);
    if (l->cursor_id && r && !strcmp(l->cursor_id, r->id))
        return;
    free(l->cursor_id);
    l->cursor_id = r ? mem_strdup(r->id) : NULL;
}

static int natural_width(const struct list *l, uint32_t c)
{
    int w = text_columns(l->cols[c].title, strlen(l->cols[c].title)) + (l->sort == (int)c);
    if (l->cols[c].unseen)
        return 0;
    if (l->cols[c].width)
        return l->cols[c].width;
    for (uint32_t i = 0; i < l->n_order; i++) {
        const struct list_cell *cell = &l->rows[l->order[i]].cells[c];
        w = cell->columns > w ? cell->columns : w;
    }
    return w;
}

void list_arrange(struct list *l)
{
    struct buf text = {0};
    l->order = mem_grow(l->order, l->n_rows + 1u, sizeof *l->order);
    l->n_order = 0;
    for (uint32_t i = 0; i < l->n_rows; i++)
        if (row_passes(l, &l->rows[i], &text))
            l->order[l->n_order++] = i;
    buf_free(&text);
    qsort_r(l->order, l->n_order, sizeof *l->order, compare_rows, l);
    for (uint32_t c = 0; c < l->n_cols && c < LIST_COLS; c++)
        l->natural[c] = natural_width(l, c);
    for (uint32_t i = 0; i < l->n_order && l->cursor_id; i++)
        if (!strcmp(l->rows[l->order[i]].id, l->cursor_id))
            l->cursor = i;
    if (l->cursor >= l->n_order)
        l->cursor = l->n_order ? l->n_order - 1 : 0;
    if (l->n_order)
        keep_cursor(l);
}

const struct list_row *list_here(const struct list *l) { return l->cursor < l->n_order ? &l->rows[l->order[l->cursor]] : NULL; }

void list_goto(struct list *l, const char *id)
{
    for (uint32_t i = 0; i < l->n_order; i++)
        if (!strcmp(l->rows[l->order[i]].id, id))
            l->cursor = i;
    keep_cursor(l);
}

bool list_marked(const struct list *l, const char *id)
{
    for (uint32_t i = 0; i < l->n_marks; i++)
        if (!strcmp(l->marks[i], id))
            return true;
    return false;
}

void list_mark(struct list *l, const char *id, bool on)
{
    for (uint32_t i = 0; i < l->n_marks; i++)
        if (!strcmp(l->marks[i], id)) {
            if (!on) {
                free(l->marks[i]);
                l->marks[i] = l->marks[--l->n_marks];
            }
            return;
        }
    if (!on)
        return;
    l->marks = mem_grow(l->marks, l->n_marks + 1u, sizeof *l->marks);
    l->marks[l->n_marks++] = mem_strdup(id);
}

/* --- drawing --- */

/* Widths of the columns, 0 for those left out; one blank stands between two. */
static void fit_columns(const struct list *l, int room, int *w)
{
    int sum = 0, flexible = 0, least = 0;
    for (uint32_t c = 0; c < l->n_cols; c++) {
        w[c] = c && c <= l->hscroll ? 0 : l->natural[c];
        int floor = l->cols[c].flex && w[c] > l->cols[c].flex ? l->cols[c].flex : w[c];
        sum += w[c] ? w[c] + 1 : 0;
        least += w[c] ? floor + 1 : 0;
    }
    while (least - 1 > room) {
        uint32_t worst = l->n_cols;
        for (uint32_t c = 0; c < l->n_cols; c++)
            if (w[c] && l->cols[c].rank && (worst == l->n_cols || l->cols[c].rank >= l->cols[worst].rank))
                worst = c;
        if (worst == l->n_cols)
            break;
        int floor = l->cols[worst].flex && w[worst] > l->cols[worst].flex ? l->cols[worst].flex : w[worst];
        sum -= w[worst] + 1;
        least -= floor + 1;
        w[worst] = 0;
    }
    for (uint32_t c = 0; c < l->n_cols; c++)
        flexible += w[c] && l->cols[c].flex ? 1 : 0;
    while (sum - 1 > room && flexible) { /* the widest flexible column gives way, down to its least */
        uint32_t widest = l->n_cols;
        for (uint32_t c = 0; c < l->n_cols; c++)
            if (w[c] > l->cols[c].flex && l->cols[c].flex && (widest == l->n_cols || w[c] > w[widest]))
                widest = c;
        if (widest == l->n_cols)
            break;
        w[widest]--;
        sum--;
    }
}

static void draw_heat(struct grid *g, int x, int y, int w, const struct list_cell *c)
{
    for (uint32_t i = 0; i < c->n_series && (int)i < w; i++)
        meter_heat(g, x + (int)i, y, c->series[i]);
    if ((int)c->n_series > w)
        grid_put(g, x + w - 1, y, ST_DIM, 0x2026);
}

static int column_of(double share, int w) { return (int)((isnan(share) || share < 0 ? 0 : share > 1 ? 1 : share) * w); }

static void draw_spans(struct grid *g, int x, int y, int w, const struct list_cell *c)
{
    for (uint32_t i = 0; i < c->n_series; i++) {
        const struct list_span *s = &c->spans[i];
        int from = column_of(s->from, w), to = column_of(s->to, w);
        from = from >= w ? w - 1 : from;
        grid_fill(g, (struct rect){x + from, y, to > from ? to - from : 1, 1}, (enum style)s->style, s->code);
    }
}

static void draw_cell(const struct list *l, struct grid *g, int x, int y, int w, uint32_t c, const struct list_row *r)
{
    const struct list_cell *cell = &r->cells[c];
    enum style s = cell->style == ST_NORMAL ? (enum style)r->style : (enum style)cell->style;
    const char *text = cell->text ? cell->text : "-";
    if (cell->kind == CELL_SPARK)
        meter_spark(g, x, y, w, s, cell->series, cell->n_series, 0);
    else if (cell->kind == CELL_HEAT)
        draw_heat(g, x, y, w, cell);
    else if (cell->kind == CELL_BAR)
        meter_bar(g, x, y, w, s, cell->number);
    else if (cell->kind == CELL_SPANS)
        draw_spans(g, x, y, w, cell);
    else if (cell->kind == CELL_LOAD)
        meter_load(g, x, y, w, cell->number, cell->more[0], cell->more[1]);
    else if (l->cols[c].align == LIST_RIGHT)
        grid_right(g, x, y, w, s, text);
    else
        grid_text(g, x, y, w, s, text);
}

void list_draw(struct list *l, struct grid *g, struct rect r, bool cursor)
{
    int w[LIST_COLS], x = r.x + 1; /* the first column is for marks */
    if (r.h < 1 || l->n_cols > LIST_COLS)
        return;
    fit_columns(l, r.w - 1, w);
    for (uint32_t c = 0; c < l->n_cols; c++) {
        char title[64];
        l->heads[c].x = x;
        l->heads[c].w = w[c];
        if (!w[c])
            continue;
        snprintf(title, sizeof title, "%s%s", l->cols[c].title, l->sort == (int)c ? l->descending ? "▼" : "▲" : "");
        if (l->cols[c].align == LIST_RIGHT)
            grid_right(g, x, r.y, w[c], ST_HEAD, title);
        else
            grid_text(g, x, r.y, w[c], ST_HEAD, title);
        x += w[c] + 1;
    }
    l->page = r.h - 1;
    l->drawn = (struct rect){r.x, r.y + 1, r.w, r.h - 1};
    if (l->cursor < l->top)
        l->top = l->cursor;
    if (l->page > 0 && l->cursor >= l->top + (uint32_t)l->page)
        l->top = l->cursor - (uint32_t)l->page + 1;
    if (l->n_order < l->top + (uint32_t)(l->page > 0 ? l->page : 0))
        l->top = l->n_order > (uint32_t)l->page ? l->n_order - (uint32_t)l->page : 0;
    for (int i = 0; i < l->page && l->top + (uint32_t)i < l->n_order; i++) {
        const struct list_row *row = &l->rows[l->order[l->top + (uint32_t)i]];
        int y = r.y + 1 + i;
        x = r.x + 1;
        for (uint32_t c = 0; c < l->n_cols; c++) {
            if (!w[c])
                continue;
            draw_cell(l, g, x, y, w[c], c, row);
            x += w[c] + 1;
        }
        if (list_marked(l, row->id))
            grid_put(g, r.x, y, ST_MARKED, 0x25cf);
        if (cursor && l->top + (uint32_t)i == l->cursor)
            grid_reverse(g, (struct rect){r.x, y, r.w, 1});
    }
}

/* --- keys --- */

static void move(struct list *l, long by)
{
    long to = (long)l->cursor + by, last = l->n_order ? (long)l->n_order - 1 : 0;
    l->cursor = (uint32_t)(to < 0 ? 0 : to > last ? last : to);
    keep_cursor(l);
}

bool list_verb(struct list *l, enum verb v)
{
    switch (v) {
    case VERB_UP:
        move(l, -1);
        return true;
    case VERB_DOWN:
        move(l, 1);
        return true;
    case VERB_PAGE_UP:
        move(l, -(l->page > 1 ? l->page - 1 : 1));
        return true;
    case VERB_PAGE_DOWN:
        move(l, l->page > 1 ? l->page - 1 : 1);
        return true;
    case VERB_TOP:
        move(l, -(long)l->n_order);
        return true;
    case VERB_BOTTOM:
        move(l, (long)l->n_order);
        return true;
    case VERB_LEFT:
        l->hscroll -= l->hscroll > 0;
        return true;
    case VERB_RIGHT:
        l->hscroll += l->hscroll + 2 < l->n_cols;
        return true;
    case VERB_MARK:
        if (list_here(l))
            list_mark(l, list_here(l)->id, !list_marked(l, list_here(l)->id));
        move(l, 1);
        return true;
    case VERB_SORT:
        l->sort = l->sort + 1 < (int)l->n_cols ? l->sort + 1 : -1;
        l->descending = l->sort >= 0 && l->cols[l->sort].align == LIST_RIGHT;
        list_arrange(l);
        return true;
    case VERB_REVERSE:
        l->descending = !l->descending;
        list_arrange(l);
        return true;
    default:
        return false;
    }
}

void list_sort(struct list *l, int column)
{
    bool again = l->sort == column;
    l->sort = column;
    l->descending = again ? !l->descending : l->cols[column].align == LIST_RIGHT;
    list_arrange(l);
}

bool list_click(struct list *l, int x, int y)
{
    const struct rect *r = &l->drawn;
    uint32_t place = l->top + (uint32_t)(y - r->y);
    for (uint32_t c = 0; y == r->y - 1 && c < l->n_cols && c < LIST_COLS; c++)
        if (x >= l->heads[c].x && x < l->heads[c].x + l->heads[c].w) {
            list_sort(l, (int)c);
            return true;
        }
    if (x < r->x || x >= r->x + r->w || y < r->y || y >= r->y + r->h || place >= l->n_order)
        return false;
    l->cursor = place;
    keep_cursor(l);
    return true;
}

/* --- JSON --- */

static void json_cell(struct jsonw *w, const struct list_cell *c)
{
    char digits[40];
    int precision = c->whole ? 0 : fabs(c->number) < 1e5 ? 6 : 15; /* what is no share is told whole */
    if (c->kind == CELL_NUMBER && !isfinite(c->number))
        jsonw_null(w);
    else if (c->kind == CELL_NUMBER)
        jsonw_raw(w, digits, (size_t)snprintf(digits, sizeof digits, c->whole ? "%.*f" : "%.*g", precision, c->number));
    else
        jsonw_str(w, c->text);
}

void list_json(const struct list *l, struct jsonw *w)
{
    jsonw_array(w);
    for (uint32_t i = 0; i < l->n_order; i++) {
        const struct list_row *r = &l->rows[l->order[i]];
        jsonw_object(w);
        for (uint32_t c = 0; c < l->n_cols; c++)
            if (l->cols[c].json) {
                jsonw_key(w, l->cols[c].json);
                json_cell(w, &r->cells[c]);
            }
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

void list_free(struct list *l)
{
    for (uint32_t i = 0; i < l->n_marks; i++)
        free(l->marks[i]);
    free(l->marks);
    free(l->cursor_id);
    free(l->rows);
    free(l->order);
    arena_free(&l->arena);
    *l = (struct list){0};
}
