#include "runtime/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/dead_letters.h"

#define CONNECTOR(ident) extern const struct connector conn_##ident;
#include "runtime/connectors.def"
#undef CONNECTOR
#define FORMAT(ident) extern const struct format format_##ident;
#include "runtime/formats.def"
#undef FORMAT

static const struct connector *const connectors[] = {
#define CONNECTOR(ident) &conn_##ident,
#include "runtime/connectors.def"
#undef CONNECTOR
};

static const struct format *const formats[] = {
#define FORMAT(ident) &format_##ident,
#include "runtime/formats.def"
#undef FORMAT
};

const struct connector *connector_named(const char *name)
{
    for (size_t i = 0; i < sizeof connectors / sizeof *connectors; i++)
        if (!strcmp(connectors[i]->name, name))
            return connectors[i];
    return NULL;
}

const struct format *format_named(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i]->name, name))
            return formats[i];
    return NULL;
}

const char *format_option(const struct cplan_table *t, const struct format *f, struct arena *a, const char *name,
                          const char *otherwise)
{
    return cplan_option(t, arena_printf(a, "%s.%s", f->name, name), otherwise);
}

bool option_int(const struct cplan_table *t, const char *name, int64_t otherwise, int64_t *v, struct err *e)
{
    const char *text = cplan_option(t, name, NULL);
    char *end;
    *v = otherwise;
    if (!text)
        return true;
    errno = 0;
    *v = strtoll(text, &end, 10);
    return (end != text && !*end && !errno) ||
        err_set(e, ERR_USAGE, "option '%s' of table %s is no number: %s", name, t->name, text);
}

bool option_bool(const struct cplan_table *t, const char *name, bool otherwise, struct err *e)
{
    const char *text = cplan_option(t, name, otherwise ? "true" : "false");
    bool yes = !strcmp(text, "true");
    if (!yes && strcmp(text, "false"))
        err_set(e, ERR_USAGE, "option '%s' of table %s is '%s', neither true nor false", name, t->name, text);
    return yes;
}

static bool in_list(const char *const *list, const char *name)
{
    for (; list && *list; list++) {
        size_t n = strlen(*list);
        if (!strcmp(*list, name) || ((*list)[n - 1] == '*' && !strncmp(*list, name, n - 1)))
            return true;
    }
    return false;
}

bool options_known(const struct op *o, const struct cplan_table *t, const struct connector *c, const struct format *f,
                   struct err *e)
{
    static const char *const all[] = {"connector", "scan.parallelism", "sink.parallelism", NULL};
    for (uint32_t i = 0; i < t->n_options; i++) {
        const char *name = t->option_names[i];
        size_t n = f ? strlen(f->name) : 0;
        if (in_list(all, name) || (f && f->read && !strcmp(name, dead_letters_option)) || in_list(c->options, name) ||
            (c->formats && !strcmp(name, "format")) ||
            (f && !strncmp(name, f->name, n) && name[n] == '.' && in_list(f->options, name + n + 1)))
            continue;
        return op_refuse(o, e, arena_printf(o->a, "option '%s' of table %s", name, t->name));
    }
    return true;
}

void source_line(struct op *o, struct source *s, struct bytes line, const char *where, uint64_t number)
{
    struct err bad; /* not its text: this is for every line */
    bad.kind = ERR_NONE;
    int n = s->format->read(o, s, line, &bad);
    if (n < 0) {
        if (s->dead ? dead_letters_put(s->dead, o, line, where, number, bad.text) : s->skip_bad)
            op_count(&o->skipped, 1);
        else if (!s->dead)
            op_fail(o, ERR_CONVERT, "%s:%llu: %s", where, (unsigned long long)number, bad.text);
        return;
    }
    s->left -= n;
    op_count(&o->rows_in, (uint64_t)n);
}

void position_put(const struct op *o, struct snap *to, int64_t a, int64_t b)
{
    int64_t at[4] = {o->subtask, o->subtasks, a, b};
    snap_put(to, "rows", at, sizeof at);
}

bool position_take(const struct op *o, const struct source *s, const struct snap *of, int64_t *a, int64_t *b, struct err *e)
{
    for (uint32_t i = 0; i < of->n; i++) {
        int64_t at[4];
        if (strcmp(of->elements[i].list, "rows"))
            continue;
        if (of->elements[i].bytes.n != sizeof at)
            return err_set(e, ERR_CORRUPT, "the position of table %s is malformed", s->table.name);
        memcpy(at, of->elements[i].bytes.p, sizeof at);
        if (at[1] != o->subtasks)
            return err_set(e, ERR_UNSUPPORTED, "%s (table %s) goes on with its parallelism of before only, which was %lld",
                           s->conn->name, s->table.name, (long long)at[1]);
        if (at[2] < 0 || at[2] > INT64_MAX / o->subtasks - 1)
            return err_set(e, ERR_CORRUPT, "the position of table %s is malformed", s->table.name);
        if (at[0] == o->subtask) {
            *a = at[2];
            *b = at[3];
        }
    }
    return true;
}

const char *option_path(const struct cplan_table *t, const char *name, struct err *e)
{
    const char *path = cplan_option(t, name, NULL);
    if (!path) {
        err_set(e, ERR_CORRUPT, "table %s has no %s", t->name, name);
        return NULL;
    }
    if (!strncmp(path, "file:", 5)) {
        path += 5;
        while (path[0] == '/' && path[1] == '/')
            path++;
    } else if (strstr(path, "://")) {
        err_set(e, ERR_UNSUPPORTED, "table %s: paths other than local ones are not there yet: %s", t->name, path);
        return NULL;
    }
    return path;
}
