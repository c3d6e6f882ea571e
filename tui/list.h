/* A table that can be filtered, sorted, walked and marked: what most views are. The same rows are drawn and printed as JSON. */
#ifndef WEIR_TUI_LIST_H
#define WEIR_TUI_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonw.h"
#include "tui/cells.h"
#include "tui/keys.h"

struct list_col {
    const char *title;
    const char *json;                     /* the member's name; NULL: a picture, not in JSON */
    enum { LIST_LEFT, LIST_RIGHT } align; /* numbers: right */
    uint8_t rank;                         /* where there is no room, those with the highest rank go first; 0: stays */
    uint8_t flex;                         /* not 0: takes what room there is, but at least that much */
    uint8_t width;                        /* not 0: exactly that wide */
    bool unseen;                          /* only in JSON */
};

struct list_cell {
    enum { CELL_TEXT, CELL_NUMBER, CELL_SPARK, CELL_LOAD, CELL_HEAT, CELL_BAR, CELL_SPANS } kind;
    uint8_t style;
    bool whole; /* NUMBER: without a fraction */
    int columns;
    const char *text;              /* NULL: none */
    double number, more[2];        /* NUMBER, BAR: what is sorted by; LOAD: busy, backpressured, idle */
    const double *series;          /* SPARK, HEAT: n_series values */
    const struct list_span *spans; /* SPANS: n_series of them */
    uint32_t n_series;
};

/* A piece of a bar over the whole cell; both ends are shares of its width. */
struct list_span {
    double from, to;
    uint8_t style;
    uint32_t code; /* what it is filled with */
};

struct list_row {
    const char *id; /* stays the same from one filling to the next */
    struct list_cell *cells;
    uint8_t style;
};

enum { LIST_COLS = 32 };

/* Zero-initialise with the columns; list_free. */
struct list {
    const struct list_col *cols;
    uint32_t n_cols; /* at most LIST_COLS */
    int sort;        /* column, -1: as filled */
    bool descending;
    char filter[128];
    /* the filling */
    struct arena arena;
    struct list_row *rows;
    uint32_t n_rows, cap_rows, filled; /* filled: cells of the last row */
    uint32_t *order, n_order;          /* rows that pass the filter, as sorted */
    int natural[LIST_COLS];            /* columns that each would like to have */
    /* the walk */
    char *cursor_id;
    uint32_t cursor, top; /* places in order */
    uint32_t hscroll;     /* columns left out at the left, behind the first */
    int page;             /* rows shown at the last drawing */
    struct rect drawn;    /* where the rows were drawn last */
    struct {
        int x, w; /* of each column's head then; w 0: not shown */
    } heads[LIST_COLS];
    char **marks;
    uint32_t n_marks;
};

/* --- filling: list_begin, then for every row list_row and its cells, then list_end --- */
void list_begin(struct list *l);
void list_row(struct list *l, const char *id, enum style s);
void list_text(struct list *l, enum style s, const char *text); /* NULL: "-", null in JSON */
void list_textf(struct list *l, enum style s, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A number and how it is shown. NaN: absent. */
void list_number(struct list *l, enum style s, double number, const char *shown);
/* An int64_t, LIVE_ABSENT: absent. */
void list_whole(struct list *l, enum style s, int64_t number, const char *shown);
void list_spark(struct list *l, enum style s, const double *v, uint32_t n); /* v is copied */
void list_heat(struct list *l, const double *v, uint32_t n);                /* shares, a cell each; v is copied */
void list_load(struct list *l, double busy, double pressed, double idle);
void list_bar(struct list *l, enum style s, double share);
/* As wide as there is room for. The spans are copied; a later one covers an earlier one, and each has a column at least. */
void list_spans(struct list *l, const struct list_span *v, uint32_t n);
void list_end(struct list *l);

/* The row under the cursor; NULL: there is none. */
const struct list_row *list_here(const struct list *l);
/* The cursor to a row; nothing when it is not shown. */
void list_goto(struct list *l, const char *id);
bool list_marked(const struct list *l, const char *id);
void list_mark(struct list *l, const char *id, bool on);
/* Anew by the filter and the sort column, after one has changed. */
void list_arrange(struct list *l);

/* Draws titles and rows into r, the cursor's row reversed if `cursor`. */
void list_draw(struct list *l, struct grid *g, struct rect r, bool cursor);
/* A key's verb; false: none for a list. */
bool list_verb(struct list *l, enum verb v);
/* Sorts by a column: numbers from the largest down; the same column again the other way round. */
void list_sort(struct list *l, int column);
/* A click at (x, y): true when it has hit a row, under the cursor now, or a column's head, which sorts. */
bool list_click(struct list *l, int x, int y);
/* The rows as an array of objects, in their order. */
void list_json(const struct list *l, struct jsonw *w);
void list_free(struct list *l);

/* Whether text has what a filter says: "x" without regard to case, "!x" not that, "~x" the letters of x in that order. */
bool filter_matches(const char *filter, const char *text);

#endif
