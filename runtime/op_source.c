/* stream-exec-table-source-scan: rows of a table. Connector filesystem with a file of lines, formats json, changelog-json and csv. */
#include <stdlib.h>
#include <string.h>

#include "runtime/csv_rows.h"
#include "runtime/json_rows.h"
#include "runtime/op.h"

enum { CHUNK = 256 << 10, LINE_MAX_BYTES = 64 << 20 };

struct source {
    struct cplan_table table;
    bool is_csv;
    struct json_rows rows;
    struct csv_rows csv;
    const char *path;
    int64_t left;  /* rows that a pushed-down limit still lets through; INT64_MAX: no limit */
    bool skip_bad; /* json.ignore-parse-errors */
    int file;      /* -1: not open */
    bool at_end;
    uint64_t line; /* lines read so far */
    uint8_t *buffer;
    size_t from, to, cap; /* unread bytes of the buffer */
};

/* Options that mean nothing here, or what they must say. */
static bool known_options(struct op *o, struct source *s, struct err *e)
{
    static const char *const known[] = {"connector",
                                        "path",
                                        "format",
                                        "changelog-json.changelog-mode",
                                        "json.timestamp-format.standard",
                                        "json.ignore-parse-errors",
                                        "json.fail-on-missing-field",
                                        "csv.field-delimiter",
                                        "csv.quote-character",
                                        "csv.null-literal",
                                        "csv.ignore-parse-errors"};
    const struct cplan_table *t = &s->table;
    for (uint32_t i = 0; i < t->n_options; i++) {
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(known[k], t->option_names[i]))
            k++;
        if (k == sizeof known / sizeof *known)
            return op_refuse(o, e, arena_printf(o->a, "option '%s' of table %s", t->option_names[i], t->name));
    }
    if (!strcmp(cplan_option(t, "json.fail-on-missing-field", "false"), "true"))
        return op_refuse(o, e, "json.fail-on-missing-field = true");
    return true;
}

static bool csv_options(struct op *o, struct source *s, struct err *e)
{
    const char *delimiter = cplan_option(&s->table, "csv.field-delimiter", ","),
               *quote = cplan_option(&s->table, "csv.quote-character", "\"");
    if (!strcmp(delimiter, "\\t"))
        delimiter = "\t";
    if (strlen(delimiter) != 1 || strlen(quote) != 1)
        return op_refuse(o, e, "a delimiter or quote of CSV of several bytes");
    s->csv.delimiter = *delimiter;
    s->csv.quote = *quote;
    s->csv.null_literal = cplan_option(&s->table, "csv.null-literal", NULL);
    return true;
}

static bool connector(struct op *o, struct source *s, struct err *e)
{
    const struct cplan_table *t = &s->table;
    const char *name = cplan_option(t, "connector", ""), *format = cplan_option(t, "format", "");
    if (!t->resolved)
        return err_set(e, ERR_UNSUPPORTED,
                       "the plan has no options of table %s: compile it with table.plan.compile.catalog-objects = ALL", t->name);
    if (strcmp(name, "filesystem"))
        return op_refuse(o, e, arena_printf(o->a, "reading from connector '%s' (table %s)", name, t->name));
    if (strcmp(format, "json") && strcmp(format, "changelog-json") && strcmp(format, "csv"))
        return op_refuse(o, e, arena_printf(o->a, "reading format '%s' (table %s)", format, t->name));
    if (t->n_partition)
        return op_refuse(o, e, "reading partitioned tables");
    s->rows.changelog = !strcmp(format, "changelog-json");
    s->rows.iso = !strcmp(cplan_option(t, "json.timestamp-format.standard", "SQL"), "ISO-8601");
    s->is_csv = !strcmp(format, "csv");
    s->skip_bad = !strcmp(cplan_option(t, s->is_csv ? "csv.ignore-parse-errors" : "json.ignore-parse-errors", "false"), "true");
    s->path = cplan_option(t, "path", NULL);
    if (!s->path)
        return err_set(e, ERR_CORRUPT, "table %s has no path", t->name);
    if (!strncmp(s->path, "file://", 7))
        s->path += 7;
    return known_options(o, s, e) && (!s->is_csv || csv_options(o, s, e));
}

/* Which physical columns, in the order of the output. */
static bool projected(struct op *o, struct source *s, const struct value *fields, struct err *e)
{
    const struct ltype *physical = cplan_table_row(&s->table, o->a);
    uint32_t n = fields ? fields->n : physical->n;
    const char **names = arena_array(o->a, n + 1, sizeof *names);
    if (n != o->n_cols)
        return err_set(e, ERR_CORRUPT, "it has other columns than its table");
    int32_t *fields_of = arena_array(o->a, physical->n + 1, sizeof *fields_of);
    memset(fields_of, 0xff, physical->n * sizeof *fields_of);
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
        names[i] = physical->names[c];
        fields_of[c] = (int32_t)i;
        if (!s->is_csv && !json_rows_can(o->types[i], e))
            return err_in(e, "column %s", names[i]);
    }
    s->rows.n = n;
    s->rows.names = names;
    s->rows.types = o->types;
    s->rows.guess = arena_array(o->a, n + 1, sizeof *s->rows.guess);
    s->csv.n_fields = physical->n;
    s->csv.column = fields_of;
    s->csv.types = o->types;
    s->csv.n = n;
    return !s->is_csv || csv_rows_open(&s->csv, o->a, e);
}

/* What the planner has moved into the source. Filters stay in the plan as well: Flink's filesystem source only uses them to skip files. */
static bool abilities(struct op *o, struct source *s, const struct value *list, struct err *e)
{
    const struct value *fields = NULL;
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
            const struct value *keys = cplan_member(a, "metadataKeys");
            if (keys && keys->n)
                return op_refuse(o, e, "reading metadata columns");
        } else if (strcmp(type, "FilterPushDown")) {
            return op_refuse(o, e, arena_printf(o->a, "the source ability %s", type));
        }
    }
    return projected(o, s, fields, e);
}

static bool open_op(struct op *o, struct err *e)
{
    struct source *s = o->self = arena_alloc(o->a, sizeof *s);
    const struct value *scan = cplan_member(o->node->json, "scanTableSource"), *table = cplan_member(scan, "table");
    s->file = -1;
    s->left = INT64_MAX;
    if (!table)
        return err_set(e, ERR_CORRUPT, "it has no table");
    return cplan_table_read(&s->table, o->a, table, e) && connector(o, s, e) && abilities(o, s, cplan_member(scan, "abilities"), e);
}

/* More bytes behind those that are there; what was handed out before is gone. */
static bool fill(struct op *o, struct source *s)
{
    const struct world *w = job_world(o->job);
    if (s->from) {
        memmove(s->buffer, s->buffer + s->from, s->to - s->from);
        s->to -= s->from;
        s->from = 0;
    }
    if (s->cap - s->to < CHUNK) {
        s->cap = s->cap ? s->cap * 2 : 2 * CHUNK;
        s->buffer = mem_grow(s->buffer, s->cap, 1);
    }
    ptrdiff_t got = w->read(w->ctx, s->file, s->buffer + s->to, CHUNK, &o->ev->e);
    if (got < 0)
        return false;
    s->at_end = !got;
    s->to += (size_t)got;
    if (s->to > LINE_MAX_BYTES) {
        op_fail(o, ERR_LIMIT, "%s: line %llu is longer than 64 MiB", s->path, (unsigned long long)s->line + 1);
        return false;
    }
    return true;
}

/* The next whole line in the buffer; false: there is none. */
static bool next_line(struct source *s, struct bytes *line)
{
    const uint8_t *p = s->buffer + s->from, *end = s->from < s->to ? memchr(p, '\n', s->to - s->from) : NULL;
    if (!end && (!s->at_end || s->from == s->to))
        return false;
    size_t n = end ? (size_t)(end - p) : s->to - s->from;
    *line = (struct bytes){p, n};
    s->from += n + (end != NULL);
    s->line++;
    return true;
}

static bool blank(struct bytes line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] > ' ')
            return false;
    return true;
}

static bool ready(struct op *o, struct source *s)
{
    const struct world *w = job_world(o->job);
    if (s->file < 0 && (s->file = w->open(w->ctx, s->path, &o->ev->e)) < 0)
        return false;
    while (!s->at_end && !memchr(s->buffer ? (const char *)s->buffer + s->from : "", '\n', s->to - s->from))
        if (!fill(o, s))
            return false;
    return s->from < s->to;
}

/* A batch is a turn: with one row each, sources alternate, as the inputs of Flink's two-input tasks do. */
static bool step(struct op *o)
{
    struct source *s = o->self;
    struct bytes line;
    uint32_t n = 0, most = job_batch_rows(o->job);
    if (s->left <= 0 || !ready(o, s))
        return false;
    while (n < most && s->left > 0 && !op_failed(o) && next_line(s, &line)) {
        enum row_kind kind;
        struct err bad = {0};
        if (blank(line))
            continue;
        uint32_t row = op_row(o, ROW_INSERT);
        kind = ROW_INSERT;
        bool ok = s->is_csv ? csv_rows_line(&s->csv, o->ev, line, o->cols, row, &bad)
                            : json_rows_line(&s->rows, &o->ev->heap, line, o->cols, row, &kind, &bad);
        if (!ok) {
            o->n_rows--;
            if (s->skip_bad)
                continue;
            op_fail(o, ERR_CONVERT, "%s:%llu: %s", s->path, (unsigned long long)s->line, bad.text);
            return false;
        }
        o->kinds[row] = (uint8_t)kind;
        s->left--;
        n++;
    }
    o->rows_in += n;
    return true;
}

static void close_op(struct op *o)
{
    struct source *s = o->self;
    const struct world *w = job_world(o->job);
    if (!s)
        return;
    if (s->file >= 0)
        w->close(w->ctx, s->file);
    free(s->buffer);
}

const struct op_class op_source = {.open = open_op, .step = step, .close = close_op};
