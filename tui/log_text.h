/* A log's text by lines: where each begins, how grave it is, which pass a filter. */
#ifndef WEIR_TUI_LOG_TEXT_H
#define WEIR_TUI_LOG_TEXT_H

#include <stdbool.h>

#include "base/mem.h"
#include "tui/cells.h"

enum log_level { LOG_NONE, LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
extern const char *const log_level_words[]; /* "", "trace", …, "error" */

struct log_line {
    uint32_t at, n; /* bytes, without the line's end */
    uint8_t level;  /* of a line that has none of its own: that of the one before it, whose stack trace it is */
    bool own;
};

/* Zero-initialise, log_free. The text is the caller's and stays while it is looked at. */
struct log_text {
    const char *p;
    size_t n;
    struct log_line *lines;
    uint32_t n_lines;
    uint32_t *order, n_order; /* lines that pass the filter */
};

/* Another text, of at most 4 GiB. */
void log_read(struct log_text *t, const char *p, size_t n);
void log_filter(struct log_text *t, const char *filter);
/* The place in `order` of the first line at or behind a byte; n_order: none. */
uint32_t log_place(const struct log_text *t, size_t at);
/* The next place in that direction (1, -1) with a line that is a warning or an error itself; `from`: there is none. */
uint32_t log_problem(const struct log_text *t, uint32_t from, int direction);
/* The line as it may be shown, from that column on, at most `columns` of it: appended to b, escaped, tabs as blanks, colours dropped.
 * Returns how many columns it would take as a whole, as far as that is worth counting. */
int log_show(const struct log_text *t, uint32_t line, int column, int columns, struct buf *b);
void log_free(struct log_text *t);

#endif
