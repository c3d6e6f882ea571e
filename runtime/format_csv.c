/* Format csv (flink-csv 2.3). */
#include <string.h>

#include "runtime/conn.h"
#include "runtime/csv_rows.h"

static bool open_reader(struct op *o, struct source *s, struct err *e)
{
    struct csv_rows *r = s->reader = arena_alloc(o->a, sizeof *r);
    const char *delimiter = cplan_option(&s->table, "csv.field-delimiter", ","),
               *quote = cplan_option(&s->table, "csv.quote-character", "\"");
    if (!strcmp(delimiter, "\\t"))
        delimiter = "\t";
    if (strlen(delimiter) != 1 || strlen(quote) != 1)
        return op_refuse(o, e, "a delimiter or quote of CSV of several bytes");
    r->delimiter = *delimiter;
    r->quote = *quote;
    r->null_literal = cplan_option(&s->table, "csv.null-literal", NULL);
    r->n_fields = s->physical->n;
    r->column = s->column_of;
    r->types = o->types;
    r->n = o->n_cols;
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

static const char *const options[] = {"field-delimiter", "quote-character", "null-literal", "ignore-parse-errors", NULL};

const struct format format_csv = {.name = "csv", .options = options, .open_reader = open_reader, .read = read_line};
