/* Connector savepoint: the keyed state of an operator in a snapshot, a row a key (SavepointDynamicTableSourceFactory, KeyedStateReader of
 * flink-state-processor-api 2.3). The primary key is the key; every other column is a state, which the snapshot's own serializers read. Subtasks
 * of the snapshot are dealt among ours. Values that cannot be decoded are NULL, and counted as skipped. */
#include <string.h>
#include <strings.h>

#include "runtime/conn.h"
#include "runtime/state_rows.h"

/* fields.COLUMN.OPTION: of a column, and one of Flink's. Classes need not be told, since the snapshot says what its values are. */
static bool field_options_known(const struct cplan_table *t, struct err *e)
{
    static const char *const known[] = {"state-name",  "state-type",   "key-class",        "map-key-format",
                                        "value-class", "value-format", "key-type-factory", "value-type-factory"};
    for (uint32_t i = 0; i < t->n_options; i++) {
        const char *name = t->option_names[i], *dot = strrchr(name, '.');
        uint32_t c = 0, k = 0;
        if (strncmp(name, "fields.", 7) != 0)
            continue;
        size_t n = dot > name + 7 ? (size_t)(dot - name - 7) : 0;
        while (c < t->n && (strlen(t->columns[c].name) != n || memcmp(t->columns[c].name, name + 7, n) != 0))
            c++;
        while (k < sizeof known / sizeof *known && strcmp(dot + 1, known[k]) != 0)
            k++;
        if (c == t->n || k == sizeof known / sizeof *known)
            return err_set(e, ERR_USAGE, "'%s' is no option of a column of table %s", name, t->name);
    }
    return true;
}

static const char *of_field(struct op *o, const struct cplan_table *t, const char *column, const char *name, const char *otherwise)
{
    return cplan_option(t, arena_printf(o->a, "fields.%s.%s", column, name), otherwise);
}

static bool kind_known(const char *kind)
{
    return !kind || !strcasecmp(kind, "VALUE") || !strcasecmp(kind, "LIST") || !strcasecmp(kind, "MAP");
}

static bool open_source(struct op *o, struct source *s, struct err *e)
{
    const struct cplan_table *t = &s->table;
    const struct ltype *row = s->physical;
    const char *path = cplan_option(t, "state.path", NULL);
    const char *uid = cplan_option(t, "operator.uid", NULL), *hash = cplan_option(t, "operator.uid.hash", NULL);
    struct state_rows_column *columns = arena_array(o->a, row->n + 1, sizeof *columns);
    if (!path)
        return err_set(e, ERR_USAGE, "table %s needs 'state.path', where its snapshot is", t->name);
    if (!uid == !hash)
        return err_set(e, ERR_USAGE, "table %s needs either 'operator.uid' or 'operator.uid.hash'", t->name);
    if (t->n_key != 1)
        return err_set(e, ERR_USAGE, "table %s needs a primary key of one column, which is the state's key", t->name);
    for (uint32_t c = 0; c < row->n; c++) {
        const char *name = row->names[c];
        bool key = !strcmp(name, t->columns[t->key[0]].name);
        columns[c] = (struct state_rows_column){name, key ? NULL : of_field(o, t, name, "state-name", name),
                                                of_field(o, t, name, "state-type", NULL), row->kids[c], s->column_of[c] >= 0};
        if (!kind_known(columns[c].kind))
            return err_set(e, ERR_USAGE, "fields.%s.state-type is VALUE, LIST or MAP, not '%s'", name, columns[c].kind);
    }
    if (!field_options_known(t, e))
        return false;
    struct state_rows *r = s->self = state_rows_open(o->a, path, uid, hash, columns, row->n, e);
    if (!r)
        return err_in(e, "table %s", t->name);
    state_rows_seek(r, (struct state_rows_at){o->subtask, 0});
    return true;
}

static void close_source(struct op *o, struct source *s)
{
    (void)o;
    state_rows_close(s->self);
}

static enum step step(struct op *o, struct source *s)
{
    struct err e = {0};
    uint32_t n, opaque;
    if (!state_rows_next(s->self, o->subtasks, &o->ev->heap, &n, &opaque, &e)) {
        if (e.kind != ERR_NONE)
            op_fail(o, e.kind, "%s", e.text);
        return STEP_OVER;
    }
    op_count(&o->skipped, opaque);
    for (uint32_t i = 0; i < n && s->left > 0; i++, s->left--) {
        uint32_t row = op_row(o, ROW_INSERT);
        for (uint32_t c = 0; c < s->physical->n; c++) {
            union cell cell;
            uint8_t null;
            if (s->column_of[c] < 0)
                continue;
            state_rows_cell(s->self, i, c, &cell, &null);
            op_put(o, row, (uint32_t)s->column_of[c], cell, null);
        }
        op_count(&o->rows_in, 1);
    }
    return STEP_MORE;
}

/* A subtask of the snapshot, and the next slice of it. */
static void snapshot_source(struct op *o, struct source *s, struct snap *to)
{
    struct state_rows_at next = state_rows_tell(s->self);
    position_put(o, to, next.subtask, next.slice);
}

static bool restore_source(struct op *o, struct source *s, const struct snap *of, struct err *e)
{
    struct state_rows_at now = state_rows_tell(s->self);
    int64_t subtask = now.subtask, slice = now.slice;
    if (!position_take(o, s, of, &subtask, &slice, e))
        return false;
    state_rows_seek(s->self, (struct state_rows_at){(uint32_t)subtask, (uint32_t)slice});
    return true;
}

static const char *const options[] = {"state.backend.type", "state.path", "operator.uid", "operator.uid.hash", "fields.*", NULL};

const struct connector conn_savepoint = {.name = "savepoint",
                                         .options = options,
                                         .open_source = open_source,
                                         .step = step,
                                         .close_source = close_source,
                                         .snapshot_source = snapshot_source,
                                         .restore_source = restore_source};
