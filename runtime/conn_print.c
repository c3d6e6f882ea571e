/* Connector print: rows as Flink's print connector shows them, +I[1, abc] (PrintTableSinkFactory of flink-table-api-java-bridge 2.3); the
 * changelog of --format ndjson; and changes that go to whoever runs the job. */
#include "runtime/conn.h"
#include "runtime/row_text.h"
#include "sql/cell_json.h"

static void drain(struct op *o, struct table_sink *s)
{
    if (s->out.n)
        job_print(o->job, (struct bytes){s->out.p, s->out.n}, &o->ev->e);
    s->out.n = 0;
}

static void put_value(struct table_sink *s, const struct batch *b, uint32_t row, uint32_t c)
{
    struct buf one = {0};
    row_text_value(&one, s->types[c], b->cols[c].v[row], b->cols[c].null[row]);
    for (size_t i = 0; i < one.n; i++) /* for a terminal */
        if (one.p[i] < 0x20 || one.p[i] == 0x7f)
            buf_printf(&s->out, "\\x%02x", one.p[i]);
        else
            buf_putc(&s->out, one.p[i]);
    buf_free(&one);
}

/* Several subtasks say which one they are, counted from 1. */
static void put_prefix(struct op *o, struct table_sink *s)
{
    const char *identifier = cplan_option(&s->table, "print-identifier", "");
    if (*identifier)
        buf_puts(&s->out, identifier);
    if (o->subtasks > 1)
        buf_printf(&s->out, "%s%u", *identifier ? ":" : "", o->subtask + 1);
    if (*identifier || o->subtasks > 1)
        buf_puts(&s->out, "> ");
}

static void put(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    put_prefix(o, s);
    buf_printf(&s->out, "%s[", row_kind_name(batch_kind(b, row)));
    for (uint32_t c = 0; c < b->n_cols; c++) {
        if (c)
            buf_puts(&s->out, ", ");
        put_value(s, b, row, c);
    }
    buf_puts(&s->out, "]\n");
}

static void put_ndjson(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct jsonw w = {.out = &s->out};
    (void)o;
    jsonw_object(&w);
    if (s->named)
        jsonw_member_str(&w, "sink", s->table.name);
    jsonw_member_str(&w, "op", row_kind_name(batch_kind(b, row)));
    jsonw_key(&w, "row");
    jsonw_object(&w);
    for (uint32_t c = 0; c < b->n_cols; c++) {
        jsonw_key(&w, s->table.columns[c].name);
        cell_json(&w, CELL_JSON_TYPED, s->types[c], b->cols[c].v[row], b->cols[c].null[row]);
    }
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    buf_putc(&s->out, '\n');
}

static void put_change(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    job_change(o->job, b, row, s->types);
}

static const char *const options[] = {"print-identifier", NULL};

const struct connector conn_print = {.name = "print", .changes = true, .options = options, .put = put, .drain = drain};
const struct connector conn_ndjson, conn_rows;
const struct connector conn_ndjson = {.name = "", .put = put_ndjson, .drain = drain};
const struct connector conn_rows = {.name = "", .put = put_change};
