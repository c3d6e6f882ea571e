/* stream-exec-table-source-scan: rows of a table, by its connector and format. */
#include <string.h>

#include "runtime/conn.h"
#include "runtime/dead_letters.h"

static bool connector(struct op *o, struct source *s, struct err *e)
{
    const struct cplan_table *t = &s->table;
    const char *name = cplan_option(t, "connector", ""), *format = cplan_option(t, "format", "");
    if (!t->resolved)
        return err_set(e, ERR_UNSUPPORTED,
                       "the plan has no options of table %s: compile it with table.plan.compile.catalog-objects = ALL", t->name);
    s->conn = connector_named(name);
    if (!s->conn || !s->conn->step)
        return op_refuse(o, e, arena_printf(o->a, "reading from connector '%s' (table %s)", name, t->name));
    if (s->conn->formats) {
        s->format = format_named(format);
        if (!s->format || !s->format->read)
            return op_refuse(o, e, arena_printf(o->a, "reading format '%s' (table %s)", format, t->name));
        s->skip_bad = option_bool(t, arena_printf(o->a, "%s.ignore-parse-errors", format), false, e);
        s->dead = dead_letters_of(o, t, e);
        if (s->dead && s->skip_bad)
            return err_set(e, ERR_USAGE, "options '%s' and '%s.ignore-parse-errors' of table %s exclude each other",
                           dead_letters_option, format, t->name);
    }
    if (t->n_partition)
        return op_refuse(o, e, "reading partitioned tables");
    return e->kind == ERR_NONE && options_known(o, t, s->conn, s->format, e);
}

/* What the connector tells of rows, behind their own columns. */
static bool metadata(struct op *o, struct source *s, const struct value *keys, struct err *e)
{
    uint32_t *numbers = arena_array(o->a, s->n_metadata + 1, sizeof *numbers);
    s->metadata = numbers;
    for (uint32_t i = 0; i < s->n_metadata; i++) {
        const char *key = keys->items[i].kind == VAL_TEXT ? keys->items[i].text : "";
        const struct ltype *type = s->conn->metadata ? s->conn->metadata(o->a, key, &numbers[i]) : NULL;
        if (!type)
            return op_refuse(o, e,
                             arena_printf(o->a, "metadata '%s' of connector '%s' (table %s)", key, s->conn->name, s->table.name));
        if (type->slot != o->types[s->n_read + i]->slot)
            return err_set(e, ERR_CORRUPT, "metadata '%s' has another type than the connector's", key);
        s->names[s->n_read + i] = key;
    }
    return true;
}

/* Which physical columns, in the order of the output, and which metadata behind them. */
static bool projected(struct op *o, struct source *s, const struct value *fields, const struct value *keys, struct err *e)
{
    const struct ltype *physical = s->physical = cplan_table_row(&s->table, o->a);
    uint32_t n = s->n_read = fields ? fields->n : physical->n;
    int32_t *column_of = arena_array(o->a, physical->n + 1, sizeof *column_of);
    s->n_metadata = keys && keys->kind == VAL_LIST ? keys->n : 0;
    if (n > o->n_cols || n + s->n_metadata != o->n_cols)
        return err_set(e, ERR_CORRUPT, "it has other columns than its table");
    s->names = arena_array(o->a, o->n_cols + 1, sizeof *s->names);
    memset(column_of, 0xff, physical->n * sizeof *column_of);
    s->column_of = column_of;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = i;
        if (fields) {
            const struct value *path = &fields->items[i];
            if (path->kind != VAL_LIST || !path->n || path->items[0].kind != VAL_INT || path->items[0].i < 0 ||
                path->items[0].i >= physical->n)
                return err_set(e, ERR_CORRUPT, "a projected field is no column");
            if (path->n > 1)
                return op_refuse(o, e, "reading members of rows only (ProjectPushDown of nested fields)");
            c = (uint32_t)path->items[0].i;
        }
        if (physical->kids[c]->slot != o->types[i]->slot)
            return err_set(e, ERR_CORRUPT, "column %s has another type than in its table", physical->names[c]);
        s->names[i] = physical->names[c];
        column_of[c] = (int32_t)i;
    }
    return metadata(o, s, keys, e) && (!s->format || s->format->open_reader(o, s, e));
}

/* What the planner has moved into the source. Filters stay in the plan as well: Flink's filesystem source only uses them to skip files. */
static bool abilities(struct op *o, struct source *s, const struct value *list, struct err *e)
{
    const struct value *fields = NULL, *keys = NULL;
    for (uint32_t i = 0; list && list->kind == VAL_LIST && i < list->n; i++) {
        const struct value *a = &list->items[i];
        const char *type = cplan_text(a, "type", "", e);
        if (!strcmp(type, "ProjectPushDown")) {
            fields = cplan_member(a, "projectedFields");
            if (!fields || fields->kind != VAL_LIST)
                return err_set(e, ERR_CORRUPT, "its ProjectPushDown has no fields");
        } else if (!strcmp(type, "LimitPushDown")) {
            s->left = cplan_int(a, "limit", INT64_MAX, e);
        } else if (!strcmp(type, "ReadingMetadata")) {
            keys = cplan_member(a, "metadataKeys");
        } else if (strcmp(type, "FilterPushDown")) {
            return op_refuse(o, e, arena_printf(o->a, "the source ability %s", type));
        }
    }
    return projected(o, s, fields, keys, e);
}

static bool open_op(struct op *o, struct err *e)
{
    struct source *s = o->self = arena_alloc(o->a, sizeof *s);
    const struct value *scan = cplan_member(o->node->json, "scanTableSource"), *table = cplan_member(scan, "table");
    s->left = INT64_MAX;
    if (!table)
        return err_set(e, ERR_CORRUPT, "it has no table");
    return cplan_table_read(&s->table, o->a, table, e) && connector(o, s, e) &&
        abilities(o, s, cplan_member(scan, "abilities"), e) && (!s->conn->open_source || s->conn->open_source(o, s, e));
}

static enum step step(struct op *o)
{
    struct source *s = o->self;
    return s->left > 0 ? s->conn->step(o, s) : STEP_OVER;
}

static void close_op(struct op *o)
{
    struct source *s = o->self;
    if (s)
        dead_letters_close(s->dead, o);
    if (s && s->conn && s->conn->close_source)
        s->conn->close_source(o, s);
}

static bool can_snapshot(const struct op *o, struct err *e)
{
    const struct source *s = o->self;
    return s->conn->snapshot_source || op_refuse(o, e, arena_printf(o->a, "a checkpoint of connector '%s'", s->conn->name));
}

/* The rows that a limit still lets through, of this subtask. */
static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct source *s = o->self;
    (void)checkpoint;
    if (s->left != INT64_MAX)
        snap_put(to, "limit", &s->left, sizeof s->left);
    s->conn->snapshot_source(o, s, to);
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    struct source *s = o->self;
    int64_t left;
    uint32_t at = 0;
    for (uint32_t i = 0; i < of->n; i++)
        if (!strcmp(of->elements[i].list, "limit") && of->elements[i].bytes.n == sizeof left && at++ == o->subtask) {
            memcpy(&left, of->elements[i].bytes.p, sizeof left);
            s->left = left;
        }
    return !s->conn->restore_source || s->conn->restore_source(o, s, of, e);
}

static const char *const lists[] = {"limit", "splits", "rows", NULL};

const struct op_class op_source = {.open = open_op,
                                   .step = step,
                                   .close = close_op,
                                   .uid = "source",
                                   .lists = lists,
                                   .can_snapshot = can_snapshot,
                                   .snapshot = snapshot,
                                   .restore = restore};
