#include "runtime/splits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 32 };

struct file {
    const char *path;
    struct split one;
    bool given; /* to a subtask */
};

struct splits {
    pthread_mutex_t lock;
    const struct world *world;
    const char *path;
    int64_t monitor, next_look;
    bool looked;
    struct arena a;
    struct file *files; /* by path */
    uint32_t n, cap;
    uint32_t n_given;
    /* while a directory is read: */
    struct arena look;
    const char **found;
    uint32_t n_found, cap_found;
};

static void release(void *p)
{
    struct splits *s = p;
    free(s->files);
    free(s->found);
    arena_free(&s->look);
    arena_free(&s->a);
    pthread_mutex_destroy(&s->lock);
}

struct splits *splits_of(struct op *o, const char *path, int64_t monitor)
{
    struct splits *s = op_shared(o, sizeof *s, release);
    if (s->path)
        return s;
    pthread_mutex_init(&s->lock, NULL);
    s->world = job_world(o->job);
    s->path = path;
    s->monitor = monitor;
    return s;
}

/* --- looking for files --- */

struct look {
    struct splits *s;
    const char *dir;
    int depth;
    struct err *e;
};

static bool look_into(struct splits *s, const char *dir, int depth, struct err *e);

static bool each(void *ctx, const char *name, bool is_dir)
{
    struct look *l = ctx;
    struct splits *s = l->s;
    if (name[0] == '.' || name[0] == '_')
        return true;
    size_t n = strlen(l->dir);
    const char *path = *name ? arena_printf(&s->look, "%s%s%s", l->dir, n && l->dir[n - 1] == '/' ? "" : "/", name) : l->dir;
    if (is_dir)
        return l->depth < DEPTH ? look_into(s, path, l->depth + 1, l->e)
                                : err_set(l->e, ERR_LIMIT, "%s: directories are nested more than %d deep", path, DEPTH);
    if (s->n_found == s->cap_found)
        s->found = mem_grow(s->found, s->cap_found = s->cap_found ? s->cap_found * 2 : 16, sizeof *s->found);
    s->found[s->n_found++] = path;
    return true;
}

static bool look_into(struct splits *s, const char *dir, int depth, struct err *e)
{
    struct look l = {s, dir, depth, e};
    return s->world->list(s->world->ctx, dir, each, &l, e);
}

static int by_path(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }
static int by_file(const void *a, const void *b) { return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path); }

static bool known(const struct splits *s, uint32_t n, const char *path)
{
    const struct file key = {.path = path};
    return n && bsearch(&key, s->files, n, sizeof *s->files, by_file);
}

static void add(struct splits *s, const char *path, bool given)
{
    if (s->n == s->cap)
        s->files = mem_grow(s->files, s->cap = s->cap ? s->cap * 2 : 16, sizeof *s->files);
    s->files[s->n++] = (struct file){.path = path, .one = {.path = path}, .given = given};
    s->n_given += given;
}

void splits_known(struct splits *s, struct bytes path)
{
    const char *copy = arena_strn(&s->a, (const char *)path.p, path.n);
    if (known(s, s->n, copy))
        return;
    add(s, copy, true);
    qsort(s->files, s->n, sizeof *s->files, by_file);
}

static bool look(struct splits *s, struct err *e)
{
    uint32_t before = s->n;
    s->n_found = 0;
    s->looked = true;
    arena_reset(&s->look); /* what the look before has found */
    if (!look_into(s, s->path, 0, e))
        return false;
    if (s->n_found)
        qsort(s->found, s->n_found, sizeof *s->found, by_path);
    for (uint32_t i = 0; i < s->n_found; i++)
        if (!known(s, before, s->found[i]))
            add(s, arena_strn(&s->a, s->found[i], strlen(s->found[i])), false);
    if (s->n > before)
        qsort(s->files, s->n, sizeof *s->files, by_file);
    return true;
}

static bool look_again(struct splits *s, struct err *e)
{
    int64_t now = s->monitor ? s->world->now(s->world->ctx) : 0;
    if (s->looked && (!s->monitor || now < s->next_look))
        return true;
    s->next_look = now + s->monitor;
    return look(s, e);
}

enum splits_got splits_next(struct splits *s, struct split *one, int64_t *when, struct err *e)
{
    enum splits_got got = SPLITS_OVER;
    pthread_mutex_lock(&s->lock);
    if (s->n_given == s->n && !look_again(s, e))
        got = SPLITS_FAILED;
    for (uint32_t i = 0; got == SPLITS_OVER && s->n_given < s->n && i < s->n; i++)
        if (!s->files[i].given) {
            s->files[i].given = true;
            s->n_given++;
            *one = s->files[i].one;
            got = SPLITS_ONE;
        }
    if (got == SPLITS_OVER && s->monitor) {
        *when = s->next_look;
        got = SPLITS_LATER;
    }
    pthread_mutex_unlock(&s->lock);
    return got;
}
