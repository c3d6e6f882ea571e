/* Checkpoints that are not retained any more, and the tables that only they have named. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/exec.h"
#include "savepoint/out_file.h"
#include "savepoint/savepoint.h"
#include "savepoint/write_files.h"

/* Names of the tables in `shared` that a checkpoint has. */
struct names {
    uint32_t n, cap;
    char **v;
};

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* False: the checkpoint cannot be read. */
static bool name_tables(const struct job *j, uint64_t id, struct names *to)
{
    static const struct snapshot_opts opts = {0};
    struct arena a = {0};
    struct err e = {0};
    struct snapshot *s = NULL;
    bool ok = snapshot_open(&s, chk_path(j, id, &a), &opts, &e);
    if (ok)
        for (uint32_t i = 0; i < s->meta.n; i++)
            for (uint32_t k = 0; k < s->meta.operators[i].n; k++) {
                const struct meta_keyed *h = &s->meta.operators[i].subtasks[k].keyed;
                for (uint32_t f = 0; f < h->n_shared; f++) {
                    const char *path = files_path(&h->shared[f].stream);
                    size_t n = strlen(j->checkpoints.shared);
                    if (!path || strncmp(path, j->checkpoints.shared, n) != 0 || path[n] != '/')
                        continue;
                    if (to->n == to->cap)
                        to->v = mem_grow(to->v, to->cap = to->cap ? to->cap * 2 : 64, sizeof *to->v);
                    to->v[to->n++] = mem_strdup(path);
                }
            }
    snapshot_close(s);
    arena_free(&a);
    if (to->n)
        qsort(to->v, to->n, sizeof *to->v, by_text);
    return ok;
}

static bool is_named(const struct names *n, const char *path) { return n->n && bsearch(&path, n->v, n->n, sizeof *n->v, by_text); }

static void names_free(struct names *n)
{
    for (uint32_t i = 0; i < n->n; i++)
        free(n->v[i]);
    free(n->v);
}

static void remove_tables(const struct job *j, uint64_t id, const struct names *gone)
{
    const struct checkpoints *c = &j->checkpoints;
    struct names kept = {0};
    bool known = true;
    for (uint32_t i = 0; gone->n && i < c->n_kept; i++)
        if (c->kept[i] != id)
            known = name_tables(j, c->kept[i], &kept) && known;
    for (uint32_t i = 0; known && i < gone->n; i++)
        if (!is_named(&kept, gone->v[i]))
            unlink(gone->v[i]);
    names_free(&kept);
}

void chk_sweep(struct job *j)
{
    const struct checkpoints *c = &j->checkpoints;
    struct names kept = {0};
    struct arena a = {0};
    bool known = c->shared;
    for (uint32_t i = 0; known && i < c->n_kept; i++)
        known = name_tables(j, c->kept[i], &kept);
    DIR *dir = known ? opendir(c->shared) : NULL;
    for (struct dirent *d; dir && (d = readdir(dir));) {
        const char *path = arena_printf(&a, "%s/%s", c->shared, d->d_name);
        if (strlen(d->d_name) == sizeof(struct uuid) - 1 && !is_named(&kept, path))
            unlink(path);
    }
    if (dir)
        closedir(dir);
    names_free(&kept);
    arena_free(&a);
}

/* Its metadata first: what is left is no checkpoint any more. */
void chk_remove(struct job *j, uint64_t id)
{
    struct arena a = {0};
    const char *path = chk_path(j, id, &a);
    struct names tables = {0};
    DIR *dir;
    if (j->checkpoints.shared)
        name_tables(j, id, &tables);
    unlink(arena_printf(&a, "%s/_metadata", path));
    if ((dir = opendir(path))) {
        for (struct dirent *d; (d = readdir(dir));)
            if (d->d_name[0] != '.')
                unlinkat(dirfd(dir), d->d_name, 0);
        closedir(dir);
        rmdir(path);
    }
    remove_tables(j, id, &tables);
    names_free(&tables);
    arena_free(&a);
}
