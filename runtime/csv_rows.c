#include "runtime/csv_rows.h"

#include <string.h>
#include <strings.h>

#include "sql/base64.h"
#include "sql/civil.h"

static bool by_cast(const struct ltype *t)
{
    return type_is_number(t) || t->root == L_DATE || t->root == L_TIME || type_is_text(t);
}

bool csv_rows_open(struct csv_rows *r, struct arena *a, struct err *e)
{
    const struct ltype *text = type_length(a, L_VARCHAR, TYPE_MAX_LENGTH, true);
    r->casts = arena_array(a, r->n + 1, sizeof *r->casts);
    for (uint32_t i = 0; i < r->n; i++) {
        const struct ltype *t = r->types[i];
        if (by_cast(t) && !type_is_text(t)) {
            if (!(r->casts[i] = cast_make(a, text, t, e)))
                return false;
        } else if (!type_is_text(t) && t->root != L_BOOLEAN && !type_is_timestamp(t) && !type_is_bytes(t))
            return err_set(e, ERR_UNSUPPORTED, "reading %s from CSV is not there yet", lroot_name(t->root));
    }
    return true;
}

static struct bytes trimmed(struct bytes s)
{
    while (s.n && s.p[0] <= ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] <= ' ')
        s.n--;
    return s;
}

static bool read_bytes(struct eval *ev, struct bytes s, union cell *v)
{
    struct buf *b = &ev->text;
    b->n = 0;
    if (!base64_read(b, s))
        return false;
    v->s = scratch_copy(&ev->heap, b->p, b->n);
    return true;
}

static bool value(struct csv_rows *r, struct eval *ev, uint32_t c, struct bytes s, union cell *v, uint8_t *null)
{
    const struct ltype *t = r->types[c];
    if (type_is_text(t)) {
        v->s = s;
        return true;
    }
    if (type_is_bytes(t))
        return read_bytes(ev, s, v);
    s = trimmed(s);
    if (t->root == L_BOOLEAN) {
        v->b = s.n == 4 && !strncasecmp((const char *)s.p, "true", 4);
        return true;
    }
    if (type_is_timestamp(t)) {
        bool utc = s.n && s.p[s.n - 1] == 'Z';
        s.n -= utc;
        return utc == (t->root == L_TIMESTAMP_LTZ) && s.n > 10 && civil_parse_stamp(s, 9, &v->t);
    }
    if (type_is_integer(t) && memchr(s.p, '.', s.n)) /* a cast would cut it off */
        return false;
    enum got got = cast_run(ev, r->casts[c], (union cell){.s = s}, v);
    if (got == GOT_FAILED)
        ev->e = (struct err){0};
    *null = got == GOT_NULL;
    return got != GOT_FAILED;
}

/* Behind the opening quote; doubled ones are one. */
static bool quoted(struct csv_rows *r, struct eval *ev, const uint8_t **p, const uint8_t *end, struct bytes *s)
{
    const uint8_t *from = *p;
    uint8_t *text = scratch_alloc(&ev->heap, (size_t)(end - from)), *to = text;
    for (; *p < end; (*p)++) {
        if (**p == (uint8_t)r->quote) {
            if (*p + 1 == end || (*p)[1] != (uint8_t)r->quote)
                break;
            (*p)++;
        }
        *to++ = **p;
    }
    *s = (struct bytes){text, (size_t)(to - text)};
    if (*p == end)
        return false;
    (*p)++;
    return true;
}

bool csv_rows_line(struct csv_rows *r, struct eval *ev, struct bytes line, struct vec *cols, uint32_t row, struct err *e)
{
    const uint8_t *p = line.p, *end = p + line.n;
    if (line.n && end[-1] == '\r')
        end--;
    for (uint32_t c = 0; c < r->n; c++)
        cols[c].null[row] = 1;
    for (uint32_t f = 0;; f++) {
        struct bytes s;
        bool was_quoted = r->quote && p < end && *p == (uint8_t)r->quote;
        if (was_quoted) {
            p++;
            if (!quoted(r, ev, &p, end, &s))
                return err_set(e, ERR_CONVERT, "a quoted field without an end: %.*s", (int)(line.n > 200 ? 200 : line.n),
                               (const char *)line.p);
        }
        const uint8_t *stop = p < end ? memchr(p, r->delimiter, (size_t)(end - p)) : NULL;
        if (!stop)
            stop = end;
        if (!was_quoted)
            s = (struct bytes){p, (size_t)(stop - p)};
        if (f >= r->n_fields) {
            if (stop == end && !s.n) /* a delimiter at the end is allowed */
                return true;
            return err_set(e, ERR_CONVERT, "more fields than the table has columns: %.*s", (int)(line.n > 200 ? 200 : line.n),
                           (const char *)line.p);
        }
        int32_t c = r->column[f];
        bool null = r->null_literal && s.n == strlen(r->null_literal) && !memcmp(s.p, r->null_literal, s.n);
        if (c >= 0 && !null) {
            cols[c].null[row] = 0;
            if (!value(r, ev, (uint32_t)c, s, &cols[c].v[row], &cols[c].null[row]))
                return err_set(e, ERR_CONVERT, "field %u is no %s: %.*s", f + 1, lroot_name(r->types[c]->root),
                               (int)(line.n > 200 ? 200 : line.n), (const char *)line.p);
        }
        if (stop == end)
            return true;
        p = stop + 1;
    }
}
