#include "migrate/csv.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

static bool fault(const struct csv *c, struct err *e, const char *what)
{
    return err_set(e, ERR_CONVERT, "line %zu: %s", c->line + 1, what);
}

static bool put(struct csv *c, int byte, struct err *e)
{
    if (c->bytes.n >= CSV_RECORD)
        return fault(c, e, "a record of more than 64 MiB");
    buf_putc(&c->bytes, (uint8_t)byte);
    return true;
}

static bool is_text(const struct buf *b)
{
    uint32_t code;
    for (size_t i = 0; i < b->n;) {
        unsigned n = utf8_next(b->p + i, b->n - i, &code);
        if (!n || utf8_surrogate(code))
            return false;
        i += n;
    }
    return true;
}

static bool end_field(struct csv *c, bool quoted, struct err *e)
{
    if (c->n == CSV_FIELDS)
        return fault(c, e, "more than 4096 fields");
    c->fields[c->n] = (struct csv_field){.quoted = quoted};
    c->ends[c->n++] = c->bytes.n;
    return put(c, 0, e);
}

/* Behind the opening mark; *next is what follows the closing one. */
static bool quoted(struct csv *c, int *next, struct err *e)
{
    for (;;) {
        int ch = getc_unlocked(c->f);
        if (ch == EOF)
            return fault(c, e, "quotation marks that are not closed");
        c->line += ch == '\n';
        if (ch == '"' && (ch = getc_unlocked(c->f)) != '"') {
            *next = ch;
            return true;
        }
        if (!put(c, ch, e))
            return false;
    }
}

/* From its first byte on; *end is the comma, line end or EOF behind it. */
static bool field(struct csv *c, int ch, int *end, struct err *e)
{
    bool marks = ch == '"';
    if (marks && !quoted(c, &ch, e))
        return false;
    for (; ch != ',' && ch != '\n' && ch != EOF; ch = getc_unlocked(c->f)) {
        if (ch == '\r') {
            int next = getc_unlocked(c->f);
            if (next == '\n' || next == EOF) {
                ch = next;
                break;
            }
            ungetc(next, c->f);
        }
        if (marks)
            return fault(c, e, "something behind a field in quotation marks");
        if (ch == '"')
            return fault(c, e, "quotation marks inside of a field that does not begin with them");
        if (!put(c, ch, e))
            return false;
    }
    *end = ch;
    return end_field(c, marks, e);
}

static void point(struct csv *c)
{
    size_t from = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        c->fields[i].text = (const char *)c->bytes.p + from;
        c->fields[i].n = c->ends[i] - from;
        from = c->ends[i] + 1;
    }
}

bool csv_next(struct csv *c, struct err *e)
{
    int ch, end = ',';
    do {
        c->n = 0;
        c->bytes.n = 0;
        c->begun = c->line + 1;
        if ((ch = getc_unlocked(c->f)) == EOF)
            return ferror(c->f) ? err_set(e, ERR_IO, "cannot be read: %s", strerror(errno)) : false;
        if (!field(c, ch, &end, e))
            return false;
        while (end == ',')
            if (!field(c, getc_unlocked(c->f), &end, e))
                return false;
        c->line += end == '\n';
    } while (c->n == 1 && !c->ends[0] && !c->fields[0].quoted);
    if (!is_text(&c->bytes))
        return err_set(e, ERR_CONVERT, "line %zu: bytes that are no text (UTF-8)", c->begun);
    point(c);
    return true;
}

void csv_free(struct csv *c) { buf_free(&c->bytes); }
