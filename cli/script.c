#include "cli/script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool read_whole(const char *path, struct buf *b, struct err *e)
{
    FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
    if (!f)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    size_t got;
    do {
        buf_reserve(b, 64 << 10);
        got = fread(b->p + b->n, 1, 64 << 10, f);
        b->n += got;
    } while (got && b->n <= PLAN_MAX_BYTES);
    bool ok = !ferror(f) || err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    if (f != stdin)
        fclose(f);
    return ok && (b->n <= PLAN_MAX_BYTES || err_set(e, ERR_LIMIT, "%s is larger than 64 MiB, which no plan is", path));
}

bool setting_pair(struct arena *a, const char *text, const char *pair[2], struct err *e)
{
    const char *eq = strchr(text, '=');
    if (!eq || eq == text)
        return err_set(e, ERR_USAGE, "--set takes KEY=VALUE, not '%s'", text);
    pair[0] = arena_strn(a, text, (size_t)(eq - text));
    pair[1] = eq + 1;
    return true;
}

bool is_script(const struct buf *text)
{
    size_t i = 0;
    while (i < text->n && strchr(" \t\r\n", text->p[i]) && text->p[i])
        i++;
    return i == text->n || text->p[i] != '{';
}
