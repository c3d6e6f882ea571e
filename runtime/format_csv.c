/* Format csv (flink-csv 2.3). */
#include <string.h>

#include "runtime/conn.h"
#include "runtime/csv_rows.h"
#include "sql/cell_json.h"

static bool separators(struct op *o, const struct cplan_table *t, char *delimiter, char *quote, struct err *e)
{
    const char *d = cplan_option(t, "csv.field-delimiter", ","), *q = cplan_option(t, "csv.quote-character", "\"");
    if (!strcmp(d, "\\t"))
        d = "\t";
    *delimiter = *d;
    *quote = *q;
    return (strlen(d) == 1 && strlen(q) == 1) || op_refuse(o, e, "a delimiter or quote of CSV of several bytes");
}

static bool open_reader(struct op *o, struct source *s, struct err *e)
{
    struct csv_rows *r = s->reader = arena_alloc(o->a, sizeof *r);
    if (!separators(o, &s->table, &r->delimiter, &r->quote, e))
        return false;
    r->null_literal = cplan_option(&s->table, "csv.null-literal", NULL);
    r->n_fields = s->physical->n;
    r->column = s->column_of;
    r->types = o->types;
    r->n = s->n_read;
    return csv_rows_open(r, o->a, e);
}

static int read_line(struct op *o, struct source *s, struct bytes line, struct err *bad)
{
    uint32_t row = op_row(o, ROW_INSERT);
    if (csv_rows_line(s->reader, o->ev, line, o->cols, row, bad))
        return 1;
    o->n_rows--;
    return -1;
}

/* --- writing --- */

struct csv_out {
    char delimiter, quote;
    const char *null_literal;
    struct buf one; /* a value */
};

static bool open_writer(struct op *o, struct table_sink *s, struct err *e)
{
    struct csv_out *c = s->writer = arena_alloc(o->a, sizeof *c);
    const struct ltype *row = cplan_table_row(&s->table, o->a);
    if (!separators(o, &s->table, &c->delimiter, &c->quote, e))
        return false;
    c->null_literal = cplan_option(&s->table, "csv.null-literal", "");
    for (uint32_t i = 0; i < row->n; i++)
        if (cell_points(row->kids[i]) && !type_is_text(row->kids[i]) && !type_is_bytes(row->kids[i]))
            return op_refuse(o, e,
                             arena_printf(o->a, "writing %s to CSV (column %s)", lroot_name(row->kids[i]->root), row->names[i]));
    return true;
}

/* As Jackson's CsvGenerator: texts that are long, or have a character that is not above all special ones. */
static bool needs_quotes(const struct csv_out *c, struct bytes s)
{
    uint8_t special = (uint8_t)(c->delimiter > c->quote ? c->delimiter : c->quote);
    if (s.n > 24)
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= special || s.p[i] <= '\r')
            return true;
    return false;
}

static void put_text(const struct csv_out *c, struct buf *to, struct bytes s)
{
    if (!needs_quotes(c, s)) {
        buf_put(to, s.p, s.n);
        return;
    }
    buf_putc(to, (uint8_t)c->quote);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == (uint8_t)c->quote)
            buf_putc(to, s.p[i]);
        buf_putc(to, s.p[i]);
    }
    buf_putc(to, (uint8_t)c->quote);
}

/* What is a text in JSON is one here. */
static void put_value(struct csv_out *c, struct buf *to, const struct ltype *t, union cell v)
{
    struct jsonw w = {.out = &c->one};
    if (type_is_text(t)) {
        put_text(c, to, v.s);
        return;
    }
    c->one.n = 0;
    cell_json(&w, CELL_JSON_FLINK, t, v, 0);
    if (c->one.n > 1 && c->one.p[0] == '"')
        put_text(c, to, (struct bytes){c->one.p + 1, c->one.n - 2});
    else
        buf_put(to, c->one.p, c->one.n);
}

static void write_line(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct csv_out *c = s->writer;
    (void)o;
    for (uint32_t i = 0; i < b->n_cols; i++) {
        if (i)
            buf_putc(&s->out, (uint8_t)c->delimiter);
        if (b->cols[i].null[row])
            buf_puts(&s->out, c->null_literal);
        else
            put_value(c, &s->out, s->types[i], b->cols[i].v[row]);
    }
    buf_putc(&s->out, '\n');
}

static void close_writer(struct table_sink *s)
{
    struct csv_out *c = s->writer;
    if (c)
        buf_free(&c->one);
}

static const char *const options[] = {"field-delimiter", "quote-character", "null-literal", "ignore-parse-errors", NULL};

const struct format format_csv = {.name = "csv",
                                  .options = options,
                                  .open_reader = open_reader,
                                  .read = read_line,
                                  .open_writer = open_writer,
                                  .write = write_line,
                                  .close_writer = close_writer};
