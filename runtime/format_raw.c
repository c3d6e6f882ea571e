/* Format raw: a line is the only column's value (RawFormatFactory of flink-table-runtime 2.3), texts and bytes. */
#include <string.h>

#include "runtime/conn.h"
#include "sql/types.h"

static bool fits(const struct op *o, const struct ltype *row, struct err *e)
{
    if (row->n != 1)
        return err_set(e, ERR_USAGE, "format raw is for a table of one column");
    if (!type_is_text(row->kids[0]) && !type_is_bytes(row->kids[0]))
        return op_refuse(o, e, "format raw of a column that is neither text nor bytes");
    return true;
}

static bool open_reader(struct op *o, struct source *s, struct err *e) { return fits(o, s->physical, e); }

static int read_line(struct op *o, struct source *s, struct bytes line, struct err *bad)
{
    uint32_t row = op_row(o, ROW_INSERT);
    (void)bad;
    if (s->n_read)
        op_put(o, row, 0, (union cell){.s = line}, 0);
    return 1;
}

static bool open_writer(struct op *o, struct table_sink *s, struct err *e) { return fits(o, cplan_table_row(&s->table, o->a), e); }

static void write_line(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    (void)o;
    if (!b->cols[0].null[row])
        buf_put(&s->out, b->cols[0].v[row].s.p, b->cols[0].v[row].s.n);
    buf_putc(&s->out, '\n');
}

const struct format format_raw = {
    .name = "raw", .open_reader = open_reader, .read = read_line, .open_writer = open_writer, .write = write_line};
