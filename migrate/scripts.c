#include "migrate/scripts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NUMBERS = 8, DIGITS = 9 };
#define ENDING ".weir"

static struct script_file *append(struct scripts *s, const char *location)
{
    if (!(s->n & (s->n - 1))) {
        struct script_file *more = arena_array(&s->arena, s->n ? (size_t)s->n * 2 : 1, sizeof *more);
        if (s->n)
            memcpy(more, s->files, s->n * sizeof *more);
        s->files = more;
    }
    struct script_file *f = &s->files[s->n++];
    f->location = arena_str(&s->arena, location);
    f->name = store_base(f->location);
    return f;
}

static bool parse(struct script_file *f, struct bytes text, struct err *e)
{
    f->sha256 = sha256_text(text.p, text.n);
    return script_parse(&f->script, text, f->location, e);
}

bool scripts_add(struct scripts *s, const char *location, struct bytes text, struct err *e)
{
    return parse(append(s, location), text, e);
}

static bool read_file(struct scripts *s, const char *location, struct script_file **to, struct err *e)
{
    struct store_file f = {0};
    struct script_file *file = *to = append(s, location);
    bool ok = store_open(&f, location, e);
    if (ok && f.size > SCRIPT_MAX)
        ok = err_set(e, ERR_LIMIT, "%s: larger than 4 MiB, which no script is", location);
    char *text = ok ? arena_alloc(&s->arena, f.size + 1) : NULL;
    ok = ok && store_read(&f, 0, text, f.size, e) && parse(file, (struct bytes){(uint8_t *)text, f.size}, e);
    store_close(&f);
    return ok;
}

/* --- directories --- */

struct version {
    const char *name;
    uint32_t n, numbers[NUMBERS];
};

/* "V2.10__what.weir": 2, 10. */
static bool version_of(const char *name, struct version *v)
{
    const char *p = name + (*name == 'V' || *name == 'v');
    *v = (struct version){.name = name};
    while (isdigit((unsigned char)*p) && v->n < NUMBERS) {
        size_t digits = strspn(p, "0123456789");
        if (digits > DIGITS)
            return false;
        v->numbers[v->n++] = (uint32_t)strtoul(p, NULL, 10);
        p += digits;
        if ((*p == '.' || *p == '_') && isdigit((unsigned char)p[1]))
            p++;
    }
    return v->n && !isdigit((unsigned char)*p);
}

static int compare(const struct version *a, const struct version *b)
{
    for (uint32_t i = 0; i < NUMBERS; i++) {
        uint32_t x = i < a->n ? a->numbers[i] : 0, y = i < b->n ? b->numbers[i] : 0;
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static int by_version(const void *a, const void *b) { return compare(a, b); }

static bool is_script(const char *name)
{
    size_t n = strlen(name);
    return n > sizeof ENDING - 1 && !strcmp(name + n - (sizeof ENDING - 1), ENDING);
}

/* The scripts of a directory, by version. */
static bool list(struct scripts *s, const char *dir, struct version **to, uint32_t *n, struct err *e)
{
    const char **names;
    uint32_t all;
    *n = 0;
    if (!store_list(dir, &s->arena, &names, &all, e))
        return false;
    struct version *v = *to = arena_array(&s->arena, all, sizeof *v);
    for (uint32_t i = 0; i < all; i++)
        if (is_script(names[i]) && !version_of(names[i], &v[(*n)++]))
            return err_set(e, ERR_USAGE, "%s/%s: its name does not begin with a version, as V1__first.weir does", dir, names[i]);
    if (*n)
        qsort(v, *n, sizeof *v, by_version);
    for (uint32_t i = 1; i < *n; i++)
        if (!compare(&v[i - 1], &v[i]))
            return err_set(e, ERR_USAGE, "%s: %s and %s are of the same version", dir, v[i - 1].name, v[i].name);
    return *n || err_set(e, ERR_MISSING, "%s: has no script (a file whose name ends in .weir)", dir);
}

/* The newest of the directory's scripts that has been run, or NULL. */
static const struct version *newest_run(const struct version *v, uint32_t n, const struct trail *h)
{
    while (n-- > 0)
        if (trail_find(h, v[n].name))
            return &v[n];
    return NULL;
}

static bool check_run(struct script_file *f, const struct version *v, const struct version *newest, const struct trail *h,
                      struct err *e)
{
    const struct trail_row *row = trail_find(h, f->name);
    f->ran = row;
    if (row && strcmp(row->sha256, f->sha256.s) != 0)
        return err_set(e, ERR_CHANGED, "%s: is not what has been run on the snapshot, on %s; write a new script", f->location,
                       row->at);
    if (!row && newest && compare(v, newest) < 0)
        return err_set(e, ERR_REFUSED, "%s: is older than %s, which has been run on the snapshot", f->location, newest->name);
    return true;
}

static bool read_dir(struct scripts *s, const char *dir, const struct trail *h, struct err *e)
{
    struct version *v;
    uint32_t n;
    if (!list(s, dir, &v, &n, e))
        return false;
    const struct version *newest = newest_run(v, n, h);
    for (uint32_t i = 0; i < n; i++) {
        struct script_file *f;
        if (!read_file(s, store_join(&s->arena, dir, v[i].name), &f, e))
            return false;
        f->versioned = true;
        if (!check_run(f, &v[i], newest, h, e))
            return false;
    }
    return true;
}

bool scripts_read(struct scripts *s, const char *const *locations, size_t n, const struct trail *h, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        struct script_file *f;
        bool dir = store_is_local(locations[i]) && !stat(locations[i], &st) && S_ISDIR(st.st_mode);
        if (!(dir ? read_dir(s, locations[i], h, e) : read_file(s, locations[i], &f, e)))
            return false;
    }
    return true;
}

const struct script *scripts_faulty(const struct scripts *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].script.faulty)
            return &s->files[i].script;
    return NULL;
}

void scripts_record(const struct scripts *s, struct trail *h, const char *at)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (!s->files[i].ran)
            trail_add(h, s->files[i].name, s->files[i].sha256.s, at);
}

void scripts_free(struct scripts *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        script_free(&s->files[i].script);
    arena_free(&s->arena);
    *s = (struct scripts){0};
}
