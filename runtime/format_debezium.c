/* Format debezium-json: what Debezium tells of a change, an object a line (DebeziumJsonDeserializationSchema and DebeziumJsonSerializationSchema of
 * flink-json 2.3). A row is read as format json reads it. Unlike in Flink, a row that its change does not need (`before` of an insert) is not
 * looked at. */
#include <string.h>

#include "runtime/conn.h"
#include "runtime/json_format.h"
#include "runtime/json_scan.h"

struct reader {
    struct json_rows rows;
    bool schema_include; /* the change is in member "payload" */
};

struct change {
    struct bytes before, after, op; /* values as they stand there; n 0: NULL or not there */
};

static bool open_reader(struct op *o, struct source *s, struct err *e)
{
    struct reader *r = s->reader = arena_alloc(o->a, sizeof *r);
    r->schema_include = option_bool(&s->table, "debezium-json.schema-include", false, e);
    return json_format_rows(o, s, &r->rows, e);
}

/* --- what is around a row --- */

static bool value(struct json_in *in, struct bytes *v)
{
    json_blanks(in);
    const uint8_t *from = in->p;
    bool null = json_word(in, "null", 4);
    if (!null && !json_skip(in))
        return false;
    *v = (struct bytes){from, null ? 0 : (size_t)(in->p - from)};
    return true;
}

static bool op_value(struct json_in *in, struct bytes *v)
{
    *v = (struct bytes){0};
    json_blanks(in);
    return json_word(in, "null", 4) || (json_mark(in, '"') && json_text(in, v)) || json_wrong(in, "an op that is no text");
}

static bool is(struct bytes b, const char *word) { return b.n == strlen(word) && !memcmp(b.p, word, b.n); }

/* Of a name that is there twice, the last one counts. */
static bool members(struct json_in *in, bool payload, struct change *c)
{
    struct bytes name, other;
    if (!json_mark(in, '{'))
        return json_wrong(in, "no object where a change must be");
    for (bool first = true; !json_mark(in, '}'); first = false) {
        bool ok;
        if (!first && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        if (!json_mark(in, '"') || !json_text(in, &name) || !json_mark(in, ':'))
            return json_wrong(in, "a malformed object");
        if (payload)
            ok = is(name, "payload") ? members(in, false, c) : json_skip(in);
        else if (is(name, "op"))
            ok = op_value(in, &c->op);
        else
            ok = value(in, is(name, "before") ? &c->before : is(name, "after") ? &c->after : &other);
        if (!ok)
            return false;
    }
    return true;
}

/* --- rows --- */

struct line {
    struct op *o;
    struct bytes text;
    struct reader *r;
    struct err *bad;
};

static bool into(const struct line *l, struct bytes text, uint32_t row)
{
    enum row_kind kind;
    return json_rows_line(&l->r->rows, &l->o->ev->heap, text, l->o->cols, row, &kind, l->bad);
}

static int refuse(struct err *bad, const char *why, struct bytes line)
{
    err_set(bad, ERR_CONVERT, "%s: %.*s", why, (int)(line.n > 200 ? 200 : line.n), (const char *)line.p);
    return -1;
}

static int one(const struct line *l, struct bytes text, enum row_kind kind, const char *missing)
{
    if (!text.n)
        return refuse(l->bad, missing, l->text);
    if (into(l, text, op_row(l->o, kind)))
        return 1;
    l->o->n_rows--;
    return -1;
}

/* Both rows, or none: where a batch has room for one only, the second one is looked at first. */
static int update(const struct line *l, const struct change *c)
{
    struct op *o = l->o;
    if (!c->before.n)
        return refuse(l->bad, "an update without before: PostgreSQL needs REPLICA IDENTITY FULL for that", l->text);
    if (!c->after.n)
        return refuse(l->bad, "an update without after", l->text);
    if (o->n_rows + 2 > job_batch_rows(o->job))
        op_flush(o);
    uint32_t row = op_row(o, ROW_UPDATE_BEFORE);
    bool together = o->n_rows < job_batch_rows(o->job);
    if ((!together && !into(l, c->after, row)) || !into(l, c->before, row)) {
        o->n_rows--;
        return -1;
    }
    if (into(l, c->after, op_row(o, ROW_UPDATE_AFTER)))
        return 2;
    o->n_rows -= 2;
    return -1;
}

static int read_line(struct op *o, struct source *s, struct bytes line, struct err *bad)
{
    struct reader *r = s->reader;
    struct json_in in = {.p = line.p, .end = line.p + line.n, .heap = &o->ev->heap};
    struct change c = {0};
    const struct line l = {o, line, r, bad};
    bool ok = members(&in, r->schema_include, &c);
    json_blanks(&in);
    if (ok && in.p < in.end)
        ok = json_wrong(&in, "something behind the change");
    if (!ok)
        return refuse(bad, in.why, line);
    if (is(c.op, "c") || is(c.op, "r"))
        return one(&l, c.after, ROW_INSERT, "an insert without after");
    if (is(c.op, "d"))
        return one(&l, c.before, ROW_DELETE, "a delete without before: PostgreSQL needs REPLICA IDENTITY FULL for that");
    if (is(c.op, "u"))
        return update(&l, &c);
    return refuse(bad, "op is none of c, r, u and d", line);
}

/* --- writing --- */

static bool open_writer(struct op *o, struct table_sink *s, struct err *e)
{
    if (option_bool(&s->table, "debezium-json.schema-include", false, e))
        return err_set(e, ERR_USAGE, "debezium-json.schema-include of table %s is for reading only", s->table.name);
    return e->kind == ERR_NONE && json_format_writer(o, s, e);
}

/* An update is a delete and an insert. */
static void write_line(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct jsonw w = {.out = &s->out};
    enum row_kind kind = batch_kind(b, row);
    bool gone = kind == ROW_UPDATE_BEFORE || kind == ROW_DELETE;
    (void)o;
    jsonw_object(&w);
    for (int after = 0; after < 2; after++) {
        jsonw_key(&w, after ? "after" : "before");
        if (after != gone)
            json_format_put(&w, s, b, row);
        else
            jsonw_null(&w);
    }
    jsonw_member_str(&w, "op", gone ? "d" : "c");
    jsonw_end_object(&w);
    buf_putc(&s->out, '\n');
}

static const char *const options[] = {"schema-include", "timestamp-format.standard", "ignore-parse-errors", NULL};

const struct format format_debezium_json = {.name = "debezium-json",
                                            .options = options,
                                            .changes = true,
                                            .open_reader = open_reader,
                                            .read = read_line,
                                            .open_writer = open_writer,
                                            .write = write_line};
