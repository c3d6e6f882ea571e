/* stream-exec-sink: where rows go, by the table's connector and format; or, whatever the table says, a changelog on standard output. */
#include <string.h>

#include "runtime/conn.h"
#include "runtime/materialize.h"
#include "sql/cast.h"

enum { DRAIN = 64 << 10 };

extern const struct connector conn_ndjson, conn_rows;

static bool connector(struct op *o, struct table_sink *s, struct err *e)
{
    const struct cplan_table *t = &s->table;
    const char *name = cplan_option(t, "connector", ""), *format = cplan_option(t, "format", "");
    if (job_output(o->job) != JOB_TABLES) {
        s->conn = job_output(o->job) == JOB_ROWS ? &conn_rows : &conn_ndjson;
        return true;
    }
    if (!t->resolved)
        return err_set(e, ERR_UNSUPPORTED,
                       "the plan has no options of table %s: compile it with table.plan.compile.catalog-objects = ALL", t->name);
    s->conn = connector_named(name);
    if (!s->conn || !s->conn->put)
        return op_refuse(o, e, arena_printf(o->a, "writing to connector '%s' (table %s)", name, t->name));
    if (s->conn->formats) {
        s->format = format_named(format);
        if (!s->format || !s->format->write)
            return op_refuse(o, e, arena_printf(o->a, "writing format '%s' (table %s)", format, t->name));
    }
    if (t->n_partition)
        return op_refuse(o, e, "writing partitioned tables");
    return options_known(o, t, s->conn, s->format, e);
}

/* The metadata columns that the plan writes (WritingMetadata), behind the physical ones. */
static bool add_metadata(struct op *o, struct table_sink *s, const struct value *keys, struct cplan_column *to, uint32_t *n,
                         struct err *e)
{
    for (uint32_t i = 0; keys && keys->kind == VAL_LIST && i < keys->n; i++) {
        const char *key = keys->items[i].kind == VAL_TEXT ? keys->items[i].text : "";
        uint32_t c = 0;
        for (; c < s->table.n; c++) {
            const struct cplan_column *k = &s->table.columns[c];
            if (k->kind == COLUMN_METADATA && !k->is_virtual && !strcmp(cplan_metadata_key(k), key))
                break;
        }
        if (c == s->table.n || *n > s->table.n)
            return err_set(e, ERR_CORRUPT, "it writes metadata '%s', which its table does not have", key);
        if (job_output(o->job) == JOB_TABLES)
            return op_refuse(
                o, e, arena_printf(o->a, "writing metadata (column %s) of table %s", s->table.columns[c].name, s->table.name));
        to[(*n)++] = s->table.columns[c];
    }
    return true;
}

/* Leaves of the table's columns those that are written, in the order of the rows; its key is of them. */
static bool written(struct op *o, struct table_sink *s, const struct value *abilities, struct err *e)
{
    struct cplan_table *t = &s->table;
    struct cplan_column *columns = arena_array(o->a, t->n + 2u, sizeof *columns);
    uint32_t n = 0, *key = arena_array(o->a, t->n_key + 1u, sizeof *key);
    for (uint32_t i = 0; i < t->n_key; i++)
        key[i] = cplan_key_column(t, i);
    for (uint32_t c = 0; c < t->n; c++)
        if (t->columns[c].kind == COLUMN_PHYSICAL)
            columns[n++] = t->columns[c];
    s->n_physical = n;
    for (uint32_t i = 0; abilities && abilities->kind == VAL_LIST && i < abilities->n; i++) {
        const char *type = cplan_text(&abilities->items[i], "type", "", e);
        if (!strcmp(type, "Overwrite") && job_output(o->job) == JOB_TABLES &&
            cplan_bool(&abilities->items[i], "overwrite", true, e))
            return err_set(e, ERR_UNSUPPORTED, "a stream overwrites no table, as in Flink: INSERT INTO %s", t->name);
        if (!strcmp(type, "WritingMetadata") &&
            !add_metadata(o, s, cplan_member(&abilities->items[i], "metadataKeys"), columns, &n, e))
            return false;
    }
    for (uint32_t c = 0; c < n; c++)
        columns[c].kind = COLUMN_PHYSICAL;
    t->columns = columns;
    t->n = n;
    t->key = key;
    return e->kind == ERR_NONE;
}

static bool columns(struct op *o, struct table_sink *s, const struct value *abilities, struct err *e)
{
    if (!written(o, s, abilities, e))
        return false;
    const struct ltype *row = cplan_table_row(&s->table, o->a);
    if (row->n != o->in[0]->n)
        return err_set(e, ERR_CORRUPT, "its input has other columns than its table");
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

/* Could a value of this type hold NULL where its type says NOT NULL? */
static bool may_hold_null(const struct ltype *t)
{
    if (!t->nullable)
        return true;
    for (uint32_t i = 0; i < t->n; i++)
        if (may_hold_null(t->kids[i]))
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
    s->strict = arena_array(o->a, o->n_cols + 1, sizeof *s->strict);
    for (uint32_t c = 0; c < o->n_cols; c++)
        if (may_hold_null(s->types[c]))
            s->strict[s->n_strict++] = c;
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
    if (!connector(o, s, e) || !columns(o, s, cplan_member(sink, "abilities"), e) || !enforcers(o, s, e) ||
        (s->format && s->format->open_writer && !s->format->open_writer(o, s, e)) ||
        (s->conn->open_sink && !s->conn->open_sink(o, s, e)))
        return false;
    s->upserts = materialize_open(o, s->types, s->n_physical, s->table.key, s->table.n_key, e);
    return e->kind == ERR_NONE;
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
    for (uint32_t i = 0; i < s->n_strict; i++) {
        uint32_t c = s->strict[i];
        if (holds_null(s->types[c], b->cols[c].v[row], b->cols[c].null[row])) {
            if (!s->drop_nulls)
                op_fail(
                    o, ERR_CONVERT,
                    "column '%s' of table %s is NOT NULL, but a null is written to it; table.exec.sink.not-null-enforcer = DROP drops such rows",
                    s->table.columns[c].name, s->table.name);
            return false;
        }
    }
    return true;
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
    op_count(&o->rows_out, 1);
    s->conn->put(o, s, b, row);
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
        bool kept = row && c < s->upserts->n_kept;
        o->cols[c].v[0] = kept ? row->v[c] : b->cols[c].v[at];
        o->cols[c].null[0] = kept ? row->null[c] : row ? 1 : b->cols[c].null[at];
    }
    put(o, s, &one, 0);
}

static void flush(struct op *o)
{
    struct table_sink *s = o->self;
    if (s->conn->drain)
        s->conn->drain(o, s);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct table_sink *s = o->self;
    (void)input;
    if (s->upserts)
        ttl_look(&s->upserts->ttl, o);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++)
        if (s->upserts)
            put_upsert(o, s, b, i);
        else
            put(o, s, b, i);
    if (s->out.n > DRAIN)
        flush(o);
}

static void end(struct op *o)
{
    struct table_sink *s = o->self;
    if (op_failed(o))
        return;
    if (s->conn->end)
        s->conn->end(o, s);
    else
        flush(o);
}

static void close_op(struct op *o)
{
    struct table_sink *s = o->self;
    if (!s)
        return;
    if (s->conn && s->conn->close_sink)
        s->conn->close_sink(o, s);
    if (s->format && s->format->close_writer)
        s->format->close_writer(s);
    buf_free(&s->out);
    materialize_close(s->upserts);
}

static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct table_sink *s = o->self;
    if (s->conn->snapshot_sink)
        s->conn->snapshot_sink(o, s, checkpoint, to);
    else
        flush(o);
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    struct table_sink *s = o->self;
    return !s->conn->restore_sink || s->conn->restore_sink(o, s, of, e);
}

static void completed(struct op *o, uint64_t checkpoint)
{
    struct table_sink *s = o->self;
    if (s->conn->completed)
        s->conn->completed(o, s, checkpoint);
}

static const char *const lists[] = {"pending-files", NULL};

const struct op_class op_sink = {.open = open_op,
                                 .batch = batch,
                                 .flush = flush,
                                 .end = end,
                                 .close = close_op,
                                 .uid = "writer",
                                 .lists = lists,
                                 .snapshot = snapshot,
                                 .restore = restore,
                                 .completed = completed,
                                 .min_inputs = 1,
                                 .max_inputs = 1};
