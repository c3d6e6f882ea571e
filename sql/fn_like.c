/* LIKE: % any characters, _ one. */
#include "sql/fn.h"

/* Where a mismatch goes back to the last %: linear in text times pattern. */
static bool like(struct bytes s, struct bytes pattern, struct bytes escape)
{
    const uint8_t *t = s.p, *end = s.p + s.n, *p = pattern.p, *stop = p + pattern.n, *star = NULL, *mark = NULL;
    while (t < end) {
        bool escaped = p < stop && escape.n && (size_t)(stop - p) > escape.n && !memcmp(p, escape.p, escape.n);
        const uint8_t *c = escaped ? p + escape.n : p;
        unsigned n = text_char(t, end);
        if (!escaped && p < stop && *p == '%') {
            star = ++p;
            mark = t;
            continue;
        }
        if (!escaped && p < stop && *p == '_') {
            p++;
            t += n;
            continue;
        }
        if (c < stop && (size_t)(stop - c) >= n && !memcmp(c, t, n)) {
            p = c + n;
            t += n;
            continue;
        }
        if (!star)
            return false;
        p = star;
        mark += text_char(mark, end);
        t = mark;
    }
    while (p < stop && *p == '%')
        p++;
    return p == stop;
}

enum got row_like(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    struct bytes escape = x->n > 2 ? a[2].s : (struct bytes){NULL, 0}, p = a[1].s;
    if (x->n > 2 && text_chars(escape) != 1)
        return got_failed(ev, "an escape of LIKE is one character");
    for (size_t i = 0; x->n > 2 && i < p.n;) { /* an escape stands in front of %, _ or itself */
        unsigned n = text_char(p.p + i, p.p + p.n);
        if (bytes_same((struct bytes){p.p + i, n}, escape)) {
            i += n;
            if (i == p.n || (p.p[i] != '%' && p.p[i] != '_' && memcmp(p.p + i, escape.p, escape.n)))
                return got_failed(ev, "an escape of LIKE stands in front of nothing to escape");
            n = text_char(p.p + i, p.p + p.n);
        }
        i += n;
    }
    return got_bool(out, like(a[0].s, p, escape));
}
