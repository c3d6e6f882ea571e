#include "tui/wrap.h"

#include <string.h>

#include "base/term.h"

/* Bytes of escaped text that fit into `columns`: up to a blank, unless a single word is wider. */
static size_t line_of(const char *p, size_t n, int columns)
{
    size_t fits = term_prefix(p, n, (size_t)columns);
    if (fits == n)
        return n;
    for (size_t i = fits; i > 0; i--)
        if (p[i] == ' ')
            return i;
    return fits ? fits : 1;
}

int wrap_draw(struct grid *g, struct rect r, enum style s, const char *head, const char *text)
{
    struct buf b = {0};
    int indent = grid_text(g, r.x, r.y, r.w, s, head), y = 0;
    term_escape(&b, text, strlen(text));
    const char *p = buf_cstr(&b);
    for (size_t n = b.n; n && y < r.h && indent < r.w; y++) {
        size_t k = line_of(p, n, r.w - indent);
        grid_textn(g, r.x + indent, r.y + y, r.w - indent, s, p, k);
        while (k < n && p[k] == ' ')
            k++;
        p += k;
        n -= k;
    }
    buf_free(&b);
    return y ? y : 1;
}
