/* Formats json and changelog-json: an object a line (flink-json 2.3; the second one is the corpus's {"data": {…}, "op": "+I"}). */
#include <string.h>

#include "runtime/json_format.h"
#include "runtime/json_values.h"
#include "sql/cell_json.h"

static const char *standard(const struct cplan_table *t, const struct format *f, struct arena *a, struct err *e)
{
    const char *is = format_option(t, f, a, "timestamp-format.standard", "SQL");
    if (strcmp(is, "SQL") && strcmp(is, "ISO-8601"))
        err_set(e, ERR_USAGE, "%s.timestamp-format.standard is SQL or ISO-8601, not '%s'", f->name, is);
    return is;
}

bool json_format_rows(struct op *o, struct source *s, struct json_rows *r, struct err *e)
{
    r->iso = !strcmp(standard(&s->table, s->format, o->a, e), "ISO-8601");
    r->lenient = s->skip_bad;
    r->n = s->n_read;
    r->names = s->names;
    r->types = o->types;
    r->keys = arena_array(o->a, JSON_KEYS, sizeof *r->keys);
    for (uint32_t i = 0; i < r->n; i++)
        if (!json_can(o->types[i], e))
            return err_in(e, "column %s", s->names[i]);
    return e->kind == ERR_NONE;
}

static bool open_rows(struct op *o, struct source *s, bool changelog, struct err *e)
{
    struct json_rows *r = s->reader = arena_alloc(o->a, sizeof *r);
    r->changelog = changelog;
    r->by_count = !changelog;
    r->all_fields = option_bool(&s->table, "json.fail-on-missing-field", false, e);
    if (s->skip_bad && r->all_fields)
        return err_set(e, ERR_USAGE, "json.fail-on-missing-field and json.ignore-parse-errors exclude each other");
    return json_format_rows(o, s, r, e);
}

static bool open_json(struct op *o, struct source *s, struct err *e) { return open_rows(o, s, false, e); }
static bool open_changelog(struct op *o, struct source *s, struct err *e) { return open_rows(o, s, true, e); }

static int read_row(struct op *o, struct source *s, struct bytes line, struct err *bad)
{
    enum row_kind kind = ROW_INSERT;
    uint32_t row = op_row(o, ROW_INSERT);
    if (!json_rows_line(s->reader, &o->ev->heap, line, o->cols, row, &kind, bad)) {
        o->n_rows--;
        return -1;
    }
    o->kinds[row] = (uint8_t)kind;
    return 1;
}

/* A row, or an array of rows. */
static int read_line(struct op *o, struct source *s, struct bytes line, struct err *bad)
{
    struct bytes one;
    bool broken;
    int n = 0;
    for (size_t i = 0; i < line.n && line.p[i] <= '['; i++)
        if (line.p[i] == '[') {
            while (json_rows_next(&line, &one, &broken)) {
                int got = read_row(o, s, one, bad);
                if (got < 0)
                    return -1;
                n += got;
            }
            return broken ? err_set(bad, ERR_CONVERT, "no JSON behind %d rows of an array", n), -1 : n;
        } else if (line.p[i] > ' ') {
            break;
        }
    return read_row(o, s, line, bad);
}

bool json_format_writer(struct op *o, struct table_sink *s, struct err *e)
{
    if (!strcmp(standard(&s->table, s->format, o->a, e), "ISO-8601"))
        return op_refuse(o, e, arena_printf(o->a, "writing %s with timestamp-format.standard = ISO-8601", s->format->name));
    return e->kind == ERR_NONE;
}

void json_format_put(struct jsonw *w, const struct table_sink *s, const struct batch *b, uint32_t row)
{
    jsonw_object(w);
    for (uint32_t c = 0; c < b->n_cols; c++) {
        jsonw_key(w, s->table.columns[c].name);
        cell_json(w, CELL_JSON_FLINK, s->types[c], b->cols[c].v[row], b->cols[c].null[row]);
    }
    jsonw_end_object(w);
}

static void write_json(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct jsonw w = {.out = &s->out};
    (void)o;
    json_format_put(&w, s, b, row);
    buf_putc(&s->out, '\n');
}

static void write_changelog(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    struct jsonw w = {.out = &s->out};
    (void)o;
    jsonw_object(&w);
    jsonw_key(&w, "data");
    json_format_put(&w, s, b, row);
    jsonw_member_str(&w, "op", row_kind_name(batch_kind(b, row)));
    jsonw_end_object(&w);
    buf_putc(&s->out, '\n');
}

static const char *const options[] = {"timestamp-format.standard", "ignore-parse-errors", "fail-on-missing-field", NULL};
static const char *const changelog_options[] = {"changelog-mode", NULL};

const struct format format_json = {.name = "json",
                                   .options = options,
                                   .open_reader = open_json,
                                   .read = read_line,
                                   .open_writer = json_format_writer,
                                   .write = write_json};
const struct format format_changelog_json = {.name = "changelog-json",
                                             .options = changelog_options,
                                             .changes = true,
                                             .open_reader = open_changelog,
                                             .read = read_line,
                                             .write = write_changelog};
