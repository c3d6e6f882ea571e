/* stream-exec-sink: where rows go. Connectors filesystem (json, changelog-json), print, blackhole; or, whatever the table says, a changelog on
 * standard output. */
#include <string.h>

#include "runtime/materialize.h"
#include "sql/cast.h"
#include "sql/cell_json.h"

enum { DRAIN = 64 << 10 };

enum target { TO_NDJSON, TO_PRINT, TO_BLACKHOLE, TO_FILE };

struct table_sink {
    struct cplan_table table;
    enum target target;
    bool changelog;            /* format changelog-json */
    bool named;                /* several sinks share standard output */
    bool drop_nulls;           /* table.exec.sink.not-null-enforcer = DROP */
    const struct caster **fit; /* table.exec.sink.type-length-enforcer: values to their types' lengths; NULL: as they are */
    bool length_errors;        /* … = ERROR: one that does not fit fails */
    const char *path;
    struct buf out;
    const struct ltype **types;  /* of the table's columns that are written */
    struct materialize *upserts; /* NULL: rows go as they come */
};

static bool connector(struct op *o, struct table_sink *s, struct err *e)
{
    const struct cplan_table *t = &s->table;
    const char *name = cplan_option(t, "connector", ""), *format = cplan_option(t, "format", "");
    if (job_output(o->job) == JOB_NDJSON)
        return true;
    if (!t->resolved)
        return err_set(e, ERR_UNSUPPORTED,
                       "the plan has no options of table %s: compile it with table.plan.compile.catalog-objects = ALL", t->name);
    if (!strcmp(name, "print")) {
        s->target = TO_PRINT;
        return true;
    }
    if (!strcmp(name, "blackhole")) {
        s->target = TO_BLACKHOLE;
        return true;
    }
    if (strcmp(name, "filesystem"))
        return op_refuse(o, e, arena_printf(o->a, "writing to connector '%s' (table %s)", name, t->name));
    if (strcmp(format, "json") && strcmp(format, "changelog-json"))
        return op_refuse(o, e, arena_printf(o->a, "writing format '%s' (table %s)", format, t->name));
    if (t->n_partition)
        return op_refuse(o, e, "writing partitioned tables");
    s->target = TO_FILE;
    s->changelog = !strcmp(format, "changelog-json");
    s->path = cplan_option(t, "path", NULL);
    if (!s->path)
        return err_set(e, ERR_CORRUPT, "table %s has no path", t->name);
    if (!strncmp(s->path, "file://", 7))
        s->path += 7;
    return true;
}

static bool columns(struct op *o, struct table_sink *s, struct err *e)
{
    const struct ltype *row = cplan_table_row(&s->table, o->a);
    if (row->n != o->in[0]->n || s->table.n != row->n)
        return op_refuse(o, e, "a sink that writes other columns than its table's physical ones");
    for (uint32_t c = 0; c < row->n; c++)
        if (row->kids[c]->slot != o->in[0]->kids[c]->slot)
            return err_set(e, ERR_CORRUPT, "column %s has another type than in its table", row->names[c]);
    if (o->n_cols != row->n)
        return err_set(e, ERR_CORRUPT, "its output has other columns than its input");
    s->types = row->kids;
    return true;
}

/* The type with texts and bytes of any length, as rows come. */
static const struct ltype *without_lengths(struct arena *a, const struct ltype *t)
{
    if (type_is_text(t) || type_is_bytes(t))
        return type_length(a, type_is_text(t) ? L_VARCHAR : L_VARBINARY, TYPE_MAX_LENGTH, t->nullable);
    if (!t->n)
        return t;
    struct ltype *copy = arena_alloc(a, sizeof *copy);
    *copy = *t;
    copy->kids = arena_array(a, t->n + 1, sizeof *copy->kids);
    for (uint32_t i = 0; i < t->n; i++)
        copy->kids[i] = without_lengths(a, t->kids[i]);
    return copy;
}

static bool lengths_in_collection(const struct ltype *t, bool inside)
{
    if (inside && (type_is_text(t) || type_is_bytes(t)))
        return t->length < TYPE_MAX_LENGTH;
    for (uint32_t i = 0; i < t->n; i++)
        if (lengths_in_collection(t->kids[i], inside || t->root == L_ARRAY || t->root == L_MAP || t->root == L_MULTISET))
            return true;
    return false;
}

static bool enforcers(struct op *o, struct table_sink *s, struct err *e)
{
    const char *nulls = cplan_config(o->node, "table.exec.sink.not-null-enforcer");
    const char *length = cplan_config(o->node, "table.exec.sink.type-length-enforcer");
    s->drop_nulls = nulls && !strcmp(nulls, "DROP");
    if (length && strcmp(length, "IGNORE") && strcmp(length, "TRIM_PAD") && strcmp(length, "ERROR"))
        return op_refuse(o, e, arena_printf(o->a, "table.exec.sink.type-length-enforcer = %s", length));
    s->length_errors = length && !strcmp(length, "ERROR");
    if (!length || !strcmp(length, "IGNORE"))
        return true;
    s->fit = arena_array(o->a, o->n_cols + 1, sizeof *s->fit);
    for (uint32_t c = 0; c < o->n_cols; c++)
        if (lengths_in_collection(s->types[c], false))
            return err_set(e, ERR_UNSUPPORTED, "column '%s': no lengths inside of collections are enforced, as in Flink",
                           s->table.columns[c].name);
        else if (!(s->fit[c] = cast_make(o->a, without_lengths(o->a, s->types[c]), s->types[c], e)))
            return false;
    return true;
}

static bool open_op(struct op *o, struct err *e)
{
    struct table_sink *s = o->self = arena_alloc(o->a, sizeof *s);
    const struct value *sink = cplan_member(o->node->json, "dynamicTableSink"), *table = cplan_member(sink, "table");
    if (!table)
        return err_set(e, ERR_CORRUPT, "it has no table");
    if (!cplan_table_read(&s->table, o->a, table, e))
        return false;
    s->named = job_sinks(o->job) > 1;
    if (!connector(o, s, e) || !columns(o, s, e) || !enforcers(o, s, e))
        return false;
    s->upserts = materialize_open(o, s->table.key, s->table.n_key, e);
    return e->kind == ERR_NONE;
}

static void put_ndjson(struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct jsonw w = {.out = &s->out};
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

static void put_json(struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct jsonw w = {.out = &s->out};
    if (s->changelog) {
        jsonw_object(&w);
        jsonw_key(&w, "data");
    }
    jsonw_object(&w);
    for (uint32_t c = 0; c < b->n_cols; c++) {
        jsonw_key(&w, s->table.columns[c].name);
        cell_json(&w, CELL_JSON_FLINK, s->types[c], b->cols[c].v[row], b->cols[c].null[row]);
    }
    jsonw_end_object(&w);
    if (s->changelog) {
        jsonw_member_str(&w, "op", row_kind_name(batch_kind(b, row)));
        jsonw_end_object(&w);
    }
    buf_putc(&s->out, '\n');
}

/* As Flink's print connector: +I[1, abc]. */
static void put_print(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    buf_printf(&s->out, "%s[", row_kind_name(batch_kind(b, row)));
    for (uint32_t c = 0; c < b->n_cols; c++) {
        struct buf one = {0};
        if (c)
            buf_puts(&s->out, ", ");
        if (b->cols[c].null[row])
            buf_puts(&one, "null");
        else
            cell_text(&one, o->ev, s->types[c], b->cols[c].v[row], false);
        for (size_t i = 0; i < one.n; i++) /* for a terminal */
            if (one.p[i] < 0x20 || one.p[i] == 0x7f)
                buf_printf(&s->out, "\\x%02x", one.p[i]);
            else
                buf_putc(&s->out, one.p[i]);
        buf_free(&one);
    }
    buf_puts(&s->out, "]\n");
}

/* Does a value hold NULL where its type says NOT NULL? Not looked at: what a row that is NULL would have. */
static bool holds_null(const struct ltype *t, union cell v, uint8_t null)
{
    if (null)
        return !t->nullable;
    if (t->root != L_ROW && t->root != L_STRUCTURED && t->root != L_ARRAY && t->root != L_MAP)
        return false;
    uint32_t n = seq_cells(t, v.q);
    for (uint32_t i = 0; i < n; i++)
        if (holds_null(seq_type(t, i, v.q->n), v.q->v[i], v.q->null[i]))
            return true;
    return false;
}

/* ConstraintEnforcer: what is NOT NULL has to be. */
static bool allowed(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    for (uint32_t c = 0; c < b->n_cols; c++)
        if (holds_null(s->types[c], b->cols[c].v[row], b->cols[c].null[row])) {
            if (!s->drop_nulls)
                op_fail(
                    o, ERR_CONVERT,
                    "column '%s' of table %s is NOT NULL, but a null is written to it; table.exec.sink.not-null-enforcer = DROP drops such rows",
                    s->table.columns[c].name, s->table.name);
            return false;
        }
    return true;
}

static void drain(struct op *o, struct table_sink *s)
{
    const struct world *w = job_world(o->job);
    if (s->out.n && s->target != TO_FILE) {
        w->print(w->ctx, (struct bytes){s->out.p, s->out.n}, &o->ev->e);
        s->out.n = 0;
    }
}

/* Values that are cut and padded stand in the sink's own columns. */
static bool fitted(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    for (uint32_t c = 0; c < b->n_cols && s->fit; c++) {
        o->cols[c].v[0] = b->cols[c].v[row];
        o->cols[c].null[0] = b->cols[c].null[row];
        if (b->cols[c].null[row] || !s->fit[c]->cast)
            continue;
        if (cast_run(o->ev, s->fit[c], b->cols[c].v[row], &o->cols[c].v[0]) != GOT_VALUE)
            return false;
        if (s->length_errors && !cell_same(s->types[c], o->cols[c].v[0], b->cols[c].v[row])) {
            op_fail(o, ERR_CONVERT, "column '%s' of table %s is %s, but a value of another length is written to it",
                    s->table.columns[c].name, s->table.name, lroot_name(s->types[c]->root));
            return false;
        }
    }
    return true;
}

static void put(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    if (!allowed(o, s, b, row) || !fitted(o, s, b, row))
        return;
    const struct batch mine = {.n = 1, .n_cols = b->n_cols, .cols = o->cols, .kind = o->kinds};
    if (s->fit) {
        o->kinds[0] = (uint8_t)batch_kind(b, row);
        b = &mine;
        row = 0;
    }
    o->rows_out++;
    if (s->target == TO_NDJSON)
        put_ndjson(s, b, row);
    else if (s->target == TO_PRINT)
        put_print(o, s, b, row);
    else if (s->target == TO_FILE)
        put_json(s, b, row);
}

/* A row by way of the upserts: itself with another kind, or one that was there before. */
static void put_upsert(struct op *o, struct table_sink *s, const struct batch *b, uint32_t at)
{
    enum row_kind kind;
    const struct row *row;
    if (!materialize_row(s->upserts, b, at, &kind, &row))
        return;
    struct batch one = {.n = 1, .n_cols = b->n_cols, .cols = o->cols, .kind = o->kinds};
    o->kinds[0] = (uint8_t)kind;
    for (uint32_t c = 0; c < b->n_cols; c++) {
        o->cols[c].v[0] = row ? row->v[c] : b->cols[c].v[at];
        o->cols[c].null[0] = row ? row->null[c] : b->cols[c].null[at];
    }
    put(o, s, &one, 0);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct table_sink *s = o->self;
    (void)input;
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++)
        if (s->upserts)
            put_upsert(o, s, b, i);
        else
            put(o, s, b, i);
    if (s->out.n > DRAIN)
        drain(o, s);
}

static void end(struct op *o)
{
    struct table_sink *s = o->self;
    const struct world *w = job_world(o->job);
    if (s->target == TO_FILE && !op_failed(o))
        w->write_file(w->ctx, arena_printf(o->a, "%s/part-%lld-0", s->path, (long long)o->node->id),
                      (struct bytes){s->out.p, s->out.n}, &o->ev->e);
    drain(o, s);
}

static void close_op(struct op *o)
{
    struct table_sink *s = o->self;
    if (!s)
        return;
    buf_free(&s->out);
    materialize_close(s->upserts);
}

const struct op_class op_sink = {.open = open_op, .batch = batch, .end = end, .close = close_op, .min_inputs = 1, .max_inputs = 1};
