#include "cli/out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/term.h"
#include "cli/signals.h"

bool out_write(struct buf *b, struct err *e)
{
    size_t at = 0;
    while (at < b->n) {
        ssize_t n = write(STDOUT_FILENO, b->p + at, b->n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            b->n = 0;
            return err_set(e, ERR_IO, "standard output: %s", strerror(errno));
        }
        at += (size_t)n;
    }
    b->n = 0;
    return true;
}

void out_lines(struct buf *to, const struct buf *text)
{
    for (size_t at = 0, n; at < text->n; at += n + 1) {
        const uint8_t *end = memchr(text->p + at, '\n', text->n - at);
        n = end ? (size_t)(end - text->p) - at : text->n - at;
        term_escape(to, text->p + at, n);
        buf_putc(to, '\n');
    }
}

void out_complain(const char *text)
{
    struct buf b = {0};
    signals_pass();
    buf_puts(&b, "weir: ");
    term_escape(&b, text, strlen(text));
    buf_putc(&b, '\n');
    fwrite(b.p, 1, b.n, stderr);
    buf_free(&b);
}
