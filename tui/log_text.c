#include "tui/log_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/term.h"
#include "tui/list.h"

enum {
    HEAD = 96,          /* bytes in which a level is looked for */
    FILTER_MAX = 65536, /* bytes of a line that a filter sees */
    SHOWN_MAX = 65536   /* bytes of a line that can be shown */
};

const char *const log_level_words[] = {"", "trace", "debug", "info", "warning", "error"};

static bool part_of_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '.'; }

/* The level that stands in a line as a word of its own; NONE: it is no line of a logger. */
static enum log_level level_of(const char *p, size_t n)
{
    static const struct {
        const char *word;
        uint8_t n, level;
    } words[] = {{"INFO", 4, LOG_INFO},   {"WARN", 4, LOG_WARN},    {"WARNING", 7, LOG_WARN}, {"ERROR", 5, LOG_ERROR},
                 {"FATAL", 5, LOG_ERROR}, {"SEVERE", 6, LOG_ERROR}, {"DEBUG", 5, LOG_DEBUG},  {"TRACE", 5, LOG_TRACE}};
    if (!n || *p == '\t' || *p == ' ') /* the trace behind one */
        return LOG_NONE;
    n = n < HEAD ? n : HEAD;
    for (size_t i = 0; i + 4 <= n; i++) {
        if (p[i] < 'A' || p[i] > 'Z' || (i && part_of_word(p[i - 1])))
            continue;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (i + words[k].n <= n && !memcmp(p + i, words[k].word, words[k].n) &&
                (i + words[k].n == n || !part_of_word(p[i + words[k].n])))
                return (enum log_level)words[k].level;
    }
    return LOG_NONE;
}

void log_read(struct log_text *t, const char *p, size_t n)
{
    enum log_level before = LOG_NONE;
    uint32_t cap = 0;
    free(t->lines);
    t->lines = NULL;
    t->n_lines = 0;
    t->p = p;
    t->n = n < UINT32_MAX ? n : UINT32_MAX - 1;
    for (size_t at = 0; at < t->n;) {
        const char *end = memchr(p + at, '\n', t->n - at);
        size_t k = end ? (size_t)(end - p) - at : t->n - at;
        if (t->n_lines == cap) {
            cap = cap ? 2 * cap : 1024;
            t->lines = mem_grow(t->lines, cap, sizeof *t->lines);
        }
        enum log_level own = level_of(p + at, k);
        before = own ? own : before;
        t->lines[t->n_lines++] =
            (struct log_line){(uint32_t)at, (uint32_t)(k && p[at + k - 1] == '\r' ? k - 1 : k), (uint8_t)before, own};
        at += k + 1;
    }
    log_filter(t, "");
}

void log_filter(struct log_text *t, const char *filter)
{
    struct buf b = {0};
    t->order = mem_grow(t->order, t->n_lines + 1u, sizeof *t->order);
    t->n_order = 0;
    for (uint32_t i = 0; i < t->n_lines; i++) {
        bool passes = !*filter;
        if (!passes) {
            b.n = 0;
            buf_put(&b, t->p + t->lines[i].at, t->lines[i].n < FILTER_MAX ? t->lines[i].n : FILTER_MAX);
            passes = filter_matches(filter, buf_cstr(&b));
        }
        if (passes)
            t->order[t->n_order++] = i;
    }
    buf_free(&b);
}

uint32_t log_place(const struct log_text *t, size_t at)
{
    uint32_t low = 0, high = t->n_order;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (t->lines[t->order[middle]].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t log_problem(const struct log_text *t, uint32_t from, int direction)
{
    for (int64_t i = (int64_t)from + direction; i >= 0 && i < t->n_order; i += direction) {
        const struct log_line *l = &t->lines[t->order[i]];
        if (l->own && l->level >= LOG_WARN)
            return (uint32_t)i;
    }
    return from;
}

/* Behind a sequence that sets colours, if p begins with one; else p. */
static const char *behind_colour(const char *p, const char *end)
{
    const char *q = p;
    if (end - q < 3 || q[0] != 27 || q[1] != '[')
        return p;
    for (q += 2; q < end && (isdigit((unsigned char)*q) || *q == ';');)
        q++;
    return q < end && *q == 'm' ? q + 1 : p;
}

static void clean(struct buf *b, const char *p, size_t n)
{
    const char *end = p + n;
    while (p < end) {
        const char *q = behind_colour(p, end);
        if (q == p && *p == '\t') {
            buf_puts(b, "    ");
            q = p + 1;
        } else if (q == p) {
            for (q = p + 1; q < end && *q != '\t' && *q != 27;)
                q++;
            term_escape(b, p, (size_t)(q - p));
        }
        p = q;
    }
}

int log_show(const struct log_text *t, uint32_t line, int column, int columns, struct buf *b)
{
    const struct log_line *l = &t->lines[line];
    struct buf text = {0};
    clean(&text, t->p + l->at, l->n < SHOWN_MAX ? l->n : SHOWN_MAX);
    const char *s = buf_cstr(&text);
    size_t from = term_prefix(s, text.n, (size_t)column), all = term_columns(s, text.n);
    buf_put(b, s + from, term_prefix(s + from, text.n - from, (size_t)columns));
    buf_free(&text);
    return (int)all;
}

void log_free(struct log_text *t)
{
    free(t->lines);
    free(t->order);
    *t = (struct log_text){0};
}
