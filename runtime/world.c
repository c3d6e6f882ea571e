#include "runtime/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int64_t real_now(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_ticks(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool real_ready(void *ctx, int file, int ms)
{
    struct pollfd p = {.fd = file, .events = POLLIN};
    (void)ctx;
    return poll(&p, 1, ms) != 0;
}

static int real_open(void *ctx, const char *path, struct err *e)
{
    (void)ctx;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    return fd;
}

static ptrdiff_t real_read(void *ctx, int file, void *to, size_t n, struct err *e)
{
    (void)ctx;
    ssize_t got;
    do
        got = read(file, to, n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        err_set(e, ERR_IO, "reading a source: %s", strerror(errno));
    return got;
}

static void real_close(void *ctx, int file)
{
    (void)ctx;
    close(file);
}

static bool real_seek(void *ctx, int file, uint64_t to, struct err *e)
{
    (void)ctx;
    return lseek(file, (off_t)to, SEEK_SET) >= 0 || err_set(e, ERR_IO, "going on in a source: %s", strerror(errno));
}

static bool real_list(void *ctx, const char *path, bool (*each)(void *arg, const char *name, bool is_dir), void *arg, struct err *e)
{
    struct stat st;
    bool ok = true;
    (void)ctx;
    DIR *dir = opendir(path);
    if (!dir && errno == ENOTDIR)
        return each(arg, "", false);
    if (!dir)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    for (struct dirent *d; ok && (d = readdir(dir));)
        if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..") && !fstatat(dirfd(dir), d->d_name, &st, 0))
            ok = each(arg, d->d_name, S_ISDIR(st.st_mode));
    closedir(dir);
    return ok;
}

static bool put_all(int fd, struct bytes b)
{
    while (b.n) {
        ssize_t n = write(fd, b.p, b.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        b = (struct bytes){b.p + n, b.n - (size_t)n};
    }
    return true;
}

/* The folder of a path and those above it. */
static bool make_folders(const char *path)
{
    char *copy = mem_strdup(path);
    bool ok = true;
    for (char *p = copy + 1; ok && *p; p++)
        if (*p == '/') {
            *p = 0;
            ok = !mkdir(copy, 0777) || errno == EEXIST;
            *p = '/';
        }
    free(copy);
    return ok;
}

static int open_to_write(const char *path, int how, struct err *e)
{
    int fd = make_folders(path) ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666) : -1;
    if (fd < 0)
        err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    return fd;
}

static int real_create(void *ctx, const char *path, struct err *e)
{
    (void)ctx;
    return open_to_write(path, O_TRUNC, e);
}

static int real_append(void *ctx, const char *path, struct err *e)
{
    (void)ctx;
    return open_to_write(path, O_APPEND, e);
}

static bool real_write(void *ctx, int file, struct bytes b, struct err *e)
{
    (void)ctx;
    return put_all(file, b) || err_set(e, ERR_IO, "writing to a table: %s", strerror(errno));
}

static bool real_finish(void *ctx, int file, struct err *e)
{
    (void)ctx;
    bool ok = !fsync(file) || errno == EINVAL || errno == EROFS; /* a pipe has no disk */
    int why = errno;
    ok = !close(file) && ok;
    return ok || err_set(e, ERR_IO, "writing to a table: %s", strerror(why));
}

static bool real_rename(void *ctx, const char *from, const char *to, struct err *e)
{
    (void)ctx;
    if (!rename(from, to) || (errno == ENOENT && !access(to, F_OK)))
        return true;
    return err_set(e, ERR_IO, "%s: %s", from, strerror(errno));
}

static void real_remove(void *ctx, const char *path)
{
    (void)ctx;
    unlink(path);
}

static bool real_print(void *ctx, struct bytes lines, struct err *e)
{
    (void)ctx;
    return put_all(STDOUT_FILENO, lines) || err_set(e, ERR_IO, "standard output: %s", strerror(errno));
}

static bool real_about(void *ctx, const char *path, int64_t *size, int64_t *changed, struct err *e)
{
    struct stat st;
    (void)ctx;
    if (stat(path, &st))
        return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    *size = st.st_size;
    *changed = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
    return true;
}

struct world world_real(void)
{
    return (struct world){
        .now = real_now,
        .ticks = real_ticks,
        .ready = real_ready,
        .open = real_open,
        .read = real_read,
        .seek = real_seek,
        .close = real_close,
        .list = real_list,
        .about = real_about,
        .create = real_create,
        .append = real_append,
        .write = real_write,
        .finish = real_finish,
        .rename = real_rename,
        .remove = real_remove,
        .print = real_print,
        .seed = (uint64_t)real_now(NULL) * 2 + 1,
    };
}
