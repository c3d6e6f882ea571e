#include "tests/support/program.h"

#include <stdio.h>
#include <string.h>

bool program_file(const char *dir, const char *name, struct buf *b)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    for (size_t got = 1; got;) {
        buf_reserve(b, 1 << 16);
        got = fread(b->p + b->n, 1, 1 << 16, f);
        b->n += got;
    }
    fclose(f);
    return true;
}

void program_put(struct buf *b, const char *what, const char *with)
{
    struct buf to = {0};
    buf_cstr(b);
    const char *p = (const char *)b->p, *at;
    for (; (at = strstr(p, what)); p = at + strlen(what)) {
        buf_put(&to, p, (size_t)(at - p));
        buf_puts(&to, with);
    }
    buf_puts(&to, p);
    buf_free(b);
    *b = to;
}

/* SET 'key' = 'value'; */
void program_settings(const char *sql, struct arena *a, struct job_opts *opts)
{
    enum { MOST = 64 };
    const char **names = arena_array(a, MOST, sizeof *names), **values = arena_array(a, MOST, sizeof *values);
    for (uint32_t i = 0; i < opts->n_config && i < MOST; i++) {
        names[i] = opts->config_names[i];
        values[i] = opts->config_values[i];
    }
    for (const char *p = sql; (p = strstr(p, "SET '")) && opts->n_config < MOST;) {
        const char *key = p + 5, *end = strchr(key, '\''), *value = end ? strstr(end + 1, "= '") : NULL;
        const char *stop = value ? strchr(value + 3, '\'') : NULL;
        if (!stop)
            break;
        names[opts->n_config] = arena_strn(a, key, (size_t)(end - key));
        values[opts->n_config++] = arena_strn(a, value + 3, (size_t)(stop - value - 3));
        p = stop;
    }
    opts->config_names = names;
    opts->config_values = values;
}
