#include "runtime/json_rows.h"

#include <string.h>

#include "runtime/json_values.h"

static uint32_t column(const struct json_rows *r, struct bytes name)
{
    uint32_t i = 0;
    while (i < r->n && (strlen(r->names[i]) != name.n || memcmp(r->names[i], name.p, name.n)))
        i++;
    return i;
}

/* The next member's name and colon: its column, r->n where it is none. */
static bool key(struct json_rows *r, struct json_in *in, uint32_t at, uint32_t *c)
{
    struct bytes name;
    struct json_key *k = &r->keys[at % JSON_KEYS];
    json_blanks(in);
    if (k->n && (size_t)(in->end - in->p) > k->n && !memcmp(in->p, k->text, k->n)) {
        in->p += k->n;
        *c = k->column;
        return true;
    }
    const uint8_t *from = in->p;
    if (!json_mark(in, '"') || !json_text(in, &name) || !json_mark(in, ':'))
        return json_wrong(in, "a malformed object");
    *c = column(r, name);
    size_t n = (size_t)(in->p - from);
    if (n <= sizeof k->text) {
        *k = (struct json_key){.n = (uint32_t)n, .column = *c};
        memcpy(k->text, from, n);
    }
    return true;
}

static bool members(struct json_rows *r, struct json_in *in, struct vec *cols, uint32_t row)
{
    uint32_t c, seen = 0;
    if (!json_mark(in, '{'))
        return json_wrong(in, "no object where a row must be");
    for (c = 0; c < r->n; c++)
        cols[c].null[row] = 1;
    for (uint32_t at = 0; !json_mark(in, '}'); at++) {
        if (at && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        if (!key(r, in, at, &c))
            return false;
        c = seen < r->n || !r->by_count ? c : r->n;
        seen += c < r->n;
        if (c < r->n ? !json_value(in, r->types[c], &cols[c].v[row], &cols[c].null[row]) : !json_skip(in))
            return false;
    }
    return seen >= r->n || !in->all_fields || json_wrong(in, "a member is missing");
}

static bool read_kind(struct json_in *in, enum row_kind *kind)
{
    struct bytes s;
    if (!json_mark(in, '"') || !json_text(in, &s) || s.n != 2)
        return json_wrong(in, "no change kind in op");
    for (int k = ROW_INSERT; k <= ROW_DELETE; k++)
        if (!memcmp(row_kind_name((enum row_kind)k), s.p, 2)) {
            *kind = (enum row_kind)k;
            return true;
        }
    return json_wrong(in, "no change kind in op");
}

static bool change(struct json_rows *r, struct json_in *in, struct vec *cols, uint32_t row, enum row_kind *kind)
{
    struct bytes name;
    bool data = false, op = false;
    if (!json_mark(in, '{'))
        return json_wrong(in, "no object where a change must be");
    for (bool first = true; !json_mark(in, '}'); first = false) {
        if (!first && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        if (!json_mark(in, '"') || !json_text(in, &name) || !json_mark(in, ':'))
            return json_wrong(in, "a malformed object");
        bool ok;
        if (name.n == 4 && !memcmp(name.p, "data", 4))
            ok = data = members(r, in, cols, row);
        else if (name.n == 2 && !memcmp(name.p, "op", 2))
            ok = op = read_kind(in, kind);
        else
            ok = json_skip(in);
        if (!ok)
            return false;
    }
    return (data && op) || json_wrong(in, "a change without data or op");
}

bool json_rows_line(struct json_rows *r, struct scratch *heap, struct bytes line, struct vec *cols, uint32_t row,
                    enum row_kind *kind, struct err *e)
{
    struct json_in in = {.p = line.p,
                         .end = line.p + line.n,
                         .heap = heap,
                         .iso = r->iso,
                         .lenient = r->lenient,
                         .by_count = r->by_count,
                         .all_fields = r->all_fields};
    *kind = ROW_INSERT;
    bool ok = r->changelog ? change(r, &in, cols, row, kind) : members(r, &in, cols, row);
    if (ok) {
        json_blanks(&in);
        ok = in.p == in.end || json_wrong(&in, "something behind the row");
    }
    if (ok)
        return true;
    return err_set(e, ERR_CONVERT, "%s: %.*s", in.why, (int)(line.n > 200 ? 200 : line.n), (const char *)line.p);
}

bool json_rows_next(struct bytes *line, struct bytes *one, bool *bad)
{
    struct scratch heap = {0};
    struct json_in in = {.p = line->p, .end = line->p + line->n, .heap = &heap};
    bool first = json_mark(&in, '[');
    *bad = false;
    if (json_mark(&in, ']')) {
        json_blanks(&in);
        *bad = in.p < in.end;
        return false;
    }
    if (!first && !json_mark(&in, ','))
        json_wrong(&in, "no comma");
    json_blanks(&in);
    *one = (struct bytes){in.p, 0};
    *bad = in.why || !json_skip(&in);
    one->n = (size_t)(in.p - one->p);
    *line = (struct bytes){in.p, (size_t)(in.end - in.p)};
    scratch_free(&heap);
    return !*bad;
}
