#include "inspect/diff_piles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temp.h"

void piles_start(struct piles *p, size_t limit)
{
    *p = (struct piles){.limit = limit};
    pthread_mutex_init(&p->lock, NULL);
}

void piles_free(struct piles *p)
{
    for (int side = 0; side < 2; side++)
        for (unsigned i = 0; i < PILES; i++)
            buf_free(&p->pile[side][i]);
    temp_remove(p->dir);
    pthread_mutex_destroy(&p->lock);
}

static void file_of(const struct piles *p, int side, unsigned pile, char name[512])
{
    snprintf(name, 512, "%s/%d-%u", p->dir, side, pile);
}

static bool append(const char *name, const struct buf *b, struct err *e)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, ERR_IO, "%s: %s", name, strerror(errno));
    for (size_t at = 0; at < b->n;) {
        ssize_t n = write(fd, b->p + at, b->n - at);
        if (n < 0 && errno != EINTR) {
            err_set(e, ERR_IO, "%s: %s", name, strerror(errno));
            break;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    return e->kind == ERR_NONE;
}

static bool spill(struct piles *p, struct err *e)
{
    char name[512];
    if (!p->dir && !(p->dir = temp_dir(e)))
        return false;
    for (int side = 0; side < 2; side++)
        for (unsigned i = 0; i < PILES; i++) {
            struct buf *b = &p->pile[side][i];
            file_of(p, side, i, name);
            if (b->n && !append(name, b, e))
                return false;
            buf_free(b);
            *b = (struct buf){0};
        }
    p->bytes = 0;
    return true;
}

bool piles_add(struct piles *p, int side, const struct record *records, const uint8_t *where, size_t n, struct err *e)
{
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < n; i++)
        buf_put(&p->pile[side][where[i]], &records[i], sizeof *records);
    p->bytes += n * sizeof *records;
    bool ok = p->bytes < p->limit || spill(p, e);
    pthread_mutex_unlock(&p->lock);
    return ok;
}

static bool load(const char *name, uint8_t *to, size_t size, struct err *e)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    size_t at = 0;
    if (fd < 0)
        return err_set(e, ERR_IO, "%s: %s", name, strerror(errno));
    while (at < size) {
        ssize_t n = read(fd, to + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            err_set(e, ERR_IO, "%s: %s", name, n < 0 ? strerror(errno) : "shorter than it was written");
            break;
        }
        at += (size_t)n;
    }
    close(fd);
    return at == size;
}

bool piles_take(struct piles *p, int side, unsigned pile, struct record **records, size_t *n, struct err *e)
{
    const struct buf *b = &p->pile[side][pile];
    char name[512];
    struct stat st = {0};
    size_t on_disk = 0;
    if (p->dir) {
        file_of(p, side, pile, name);
        on_disk = stat(name, &st) ? 0 : (size_t)st.st_size;
    }
    uint8_t *all = mem_alloc(on_disk + b->n + 1);
    *records = (struct record *)(void *)all;
    *n = (on_disk + b->n) / sizeof **records;
    if (b->n)
        memcpy(all + on_disk, b->p, b->n);
    return !on_disk || load(name, all, on_disk, e);
}
