#include "cli/opt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

enum { HELP_COLUMN = 28 };

struct all {
    const struct opt_set *sets;
    size_t n;
};

static const char *name_at(const void *ctx, size_t i)
{
    const struct all *all = ctx;
    for (size_t s = 0; s < all->n; s++)
        for (const struct opt *o = all->sets[s].table; o->name; o++)
            if (!i--)
                return o->name;
    return NULL;
}

static const struct opt *find(const struct all *all, const char *name, size_t len, char letter, void **to)
{
    for (size_t s = 0; s < all->n; s++)
        for (const struct opt *o = all->sets[s].table; o->name; o++)
            if (name ? strlen(o->name) == len && !memcmp(o->name, name, len) : o->letter == letter) {
                *to = (char *)all->sets[s].to + o->at;
                return o;
            }
    return NULL;
}

static bool take_choice(const struct opt *o, int *to, const char *value, struct err *e)
{
    for (int i = 0; o->choices[i]; i++)
        if (!strcmp(o->choices[i], value)) {
            *to = i;
            return true;
        }
    struct buf b = {0};
    for (int i = 0; o->choices[i]; i++)
        buf_printf(&b, "%s%s", i ? o->choices[i + 1] ? ", " : " or " : "", o->choices[i]);
    err_set(e, ERR_USAGE, "--%s takes %s, not '%s'", o->name, buf_cstr(&b), value);
    buf_free(&b);
    return false;
}

static bool take_value(const struct opt *o, void *to, const char *value, struct err *e)
{
    switch (o->type) {
    case OPT_FLAG:
        *(bool *)to = true;
        return true;
    case OPT_TEXT:
    case OPT_FILE:
        *(const char **)to = value;
        return true;
    case OPT_TEXTS: {
        struct opt_texts *texts = to;
        texts->v = mem_grow(texts->v, texts->n + 1, sizeof *texts->v);
        texts->v[texts->n++] = value;
        return true;
    }
    case OPT_COUNT: {
        char *end;
        errno = 0;
        uintmax_t v = strtoumax(value, &end, 10);
        if (*value < '0' || *value > '9' || *end || errno)
            return err_set(e, ERR_USAGE, "--%s takes a number, not '%s'", o->name, value);
        *(uint64_t *)to = v;
        return true;
    }
    case OPT_CHOICE:
        return take_choice(o, to, value, e);
    }
    return false;
}

/* One argument that starts with "--". *at is its place in argv, moved on when the value is the next one. */
static bool take_long(const struct all *all, int argc, char **argv, int *at, struct err *e)
{
    const char *name = argv[*at] + 2, *value = strchr(name, '=');
    size_t len = value ? (size_t)(value - name) : strlen(name);
    void *to;
    const struct opt *o = find(all, name, len, 0, &to);
    if (!o) {
        char *word = strndup(name, len);
        const char *meant = word ? nearest_name(word, name_at, all) : NULL;
        err_set(e, ERR_USAGE, meant ? "no option --%.*s; did you mean --%s?" : "no option --%.*s", (int)len, name, meant);
        free(word);
        return false;
    }
    if (o->type == OPT_FLAG && value)
        return err_set(e, ERR_USAGE, "--%s takes no value", o->name);
    if (o->type != OPT_FLAG && !value) {
        if (*at + 1 >= argc)
            return err_set(e, ERR_USAGE, "--%s needs a value", o->name);
        return take_value(o, to, argv[++*at], e);
    }
    return take_value(o, to, value ? value + 1 : NULL, e);
}

static bool take_letters(const struct all *all, int argc, char **argv, int *at, struct err *e)
{
    for (const char *p = argv[*at] + 1; *p; p++) {
        void *to;
        const struct opt *o = find(all, NULL, 0, *p, &to);
        if (!o)
            return err_set(e, ERR_USAGE, "no option -%c", *p);
        if (o->type == OPT_FLAG) {
            take_value(o, to, NULL, e);
            continue;
        }
        if (!p[1] && *at + 1 >= argc)
            return err_set(e, ERR_USAGE, "-%c needs a value", *p);
        return take_value(o, to, p[1] ? p + 1 : argv[++*at], e);
    }
    return true;
}

bool opt_parse(const struct opt_set *sets, size_t n, int argc, char **argv, struct opt_args *operands, struct err *e)
{
    const struct all all = {sets, n};
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        const char *s = argv[i];
        if (only_operands || s[0] != '-' || !s[1])
            operands->v[operands->n++] = s;
        else if (!strcmp(s, "--"))
            only_operands = true;
        else if (!(s[1] == '-' ? take_long(&all, argc, argv, &i, e) : take_letters(&all, argc, argv, &i, e)))
            return false;
    }
    return true;
}

void opt_free(const struct opt_set *sets, size_t n)
{
    for (size_t s = 0; s < n; s++)
        for (const struct opt *o = sets[s].table; o->name; o++)
            if (o->type == OPT_TEXTS)
                free(((struct opt_texts *)(void *)((char *)sets[s].to + o->at))->v);
}

void opt_help(const struct opt *table, struct buf *b)
{
    for (const struct opt *o = table; o->name; o++) {
        size_t start = b->n;
        if (o->letter)
            buf_printf(b, "  -%c, --%s", o->letter, o->name);
        else
            buf_printf(b, "      --%s", o->name);
        if (o->type == OPT_CHOICE)
            for (int i = 0; o->choices[i]; i++)
                buf_printf(b, "%c%s", i ? '|' : ' ', o->choices[i]);
        else if (o->metavar)
            buf_printf(b, " %s", o->metavar);
        if (b->n - start > HELP_COLUMN - 2) {
            buf_putc(b, '\n');
            start = b->n;
        }
        buf_printf(b, "%*s%s\n", (int)(HELP_COLUMN - (b->n - start)), "", o->help);
    }
}
