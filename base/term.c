#include "base/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"

bool term_is(int fd) { return isatty(fd) == 1; }

unsigned term_width(int fd)
{
    struct winsize size;
    if (!term_is(fd))
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

bool term_colour(int fd, enum term_when when)
{
    if (when != TERM_AUTO)
        return when == TERM_ALWAYS;
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return term_is(fd) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t code, const struct range *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (code >= r[i].first && code <= r[i].last)
            return true;
    return false;
}
#define IN(code, ranges) in_ranges(code, ranges, sizeof(ranges) / sizeof *(ranges))

/* Characters without a column of their own, and those with two (Unicode's East Asian Wide and Fullwidth): the blocks that
 * matter, as wcwidth has them, without depending on the locale. */
static const struct range none[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},   {0x06d6, 0x06dc},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},   {0x2060, 0x2064},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};
/* Marks and overrides of the reading direction, line and paragraph separators. */
static const struct range steering[] = {{0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

void term_escape(struct buf *b, const void *from, size_t left)
{
    const uint8_t *p = from;
    while (left) {
        uint32_t code;
        unsigned n = utf8_next(p, left, &code);
        if (!n)
            buf_printf(b, "\\x%02x", *p);
        else if (code == '\n' || code == '\t' || code == '\r')
            buf_puts(b, code == '\n' ? "\\n" : code == '\t' ? "\\t" : "\\r");
        else if (code < 0x80 && utf8_control(code))
            buf_printf(b, "\\x%02x", code);
        else if (utf8_control(code) || utf8_surrogate(code) || IN(code, steering))
            buf_printf(b, "\\u%04x", code);
        else
            buf_put(b, p, n);
        p += n ? n : 1;
        left -= n ? n : 1;
    }
}

static unsigned columns_of(uint32_t code) { return IN(code, none) ? 0 : IN(code, wide) ? 2 : 1; }

size_t term_prefix(const char *s, size_t n, size_t columns)
{
    const uint8_t *p = (const uint8_t *)s;
    size_t at = 0, taken = 0;
    while (at < n) {
        uint32_t code;
        unsigned len = utf8_next(p + at, n - at, &code);
        unsigned width = len ? columns_of(code) : 1;
        if (taken + width > columns)
            break;
        taken += width;
        at += len ? len : 1;
    }
    return at;
}

size_t term_columns(const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *)s;
    size_t columns = 0;
    for (size_t at = 0; at < n;) {
        uint32_t code;
        unsigned len = utf8_next(p + at, n - at, &code);
        columns += len ? columns_of(code) : 1;
        at += len ? len : 1;
    }
    return columns;
}
