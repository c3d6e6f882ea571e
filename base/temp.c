#include "base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **dirs; /* what is there now, n of them */
static size_t n;

static char *make(struct buf *template, struct err *e)
{
    char *dir = mem_strdup(buf_cstr(template));
    buf_free(template);

    pthread_mutex_lock(&lock);
    if (mkdtemp(dir)) {
        dirs = mem_grow(dirs, n + 1, sizeof *dirs);
        dirs[n++] = dir;
    } else {
        err_set(e, ERR_IO, "cannot make the temporary directory %s: %s", dir, strerror(errno));
        free(dir);
        dir = NULL;
    }
    pthread_mutex_unlock(&lock);
    return dir;
}

const char *temp_below(void)
{
    const char *below = getenv("TMPDIR");
    return below && *below ? below : "/tmp";
}

char *temp_dir(struct err *e)
{
    struct buf path = {0};
    buf_printf(&path, "%s/weir-XXXXXX", temp_below());
    return make(&path, e);
}

char *temp_dir_beside(const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    struct buf template = {0};
    buf_printf(&template, "%.*s.%s.weir-XXXXXX", slash ? (int)(slash + 1 - path) : 0, path, slash ? slash + 1 : path);
    char *dir = make(&template, e);
    if (dir) {
        mode_t mask = umask(0);
        umask(mask);
        if (chmod(dir, 0777 & ~mask)) {
            err_set(e, ERR_IO, "%s: %s", dir, strerror(errno));
            temp_remove(dir);
            return NULL;
        }
    }
    return dir;
}

static bool rename_new(const char *from, const char *to)
{
    if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
        return true;
    struct stat st;
    if (errno != EINVAL && errno != ENOSYS) /* a file system that does not know the flag */
        return false;
    if (!lstat(to, &st)) {
        errno = EEXIST;
        return false;
    }
    return !rename(from, to);
}

bool temp_rename(char **dir, const char *to, struct err *e)
{
    char *name = mem_strdup(to);
    pthread_mutex_lock(&lock);
    bool ok = rename_new(*dir, to);
    if (!ok)
        err_set(e, errno == EEXIST ? ERR_REFUSED : ERR_IO, "%s: cannot be put in place: %s", to, strerror(errno));
    for (size_t i = 0; ok && i < n; i++)
        if (dirs[i] == *dir)
            dirs[i] = name;
    pthread_mutex_unlock(&lock);
    free(ok ? *dir : name);
    if (ok)
        *dir = name;
    return ok;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    remove(path);
    return 0;
}

static void remove_tree(const char *dir) { nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

/* Under the lock. */
static void forget(const char *dir)
{
    for (size_t i = 0; i < n; i++)
        if (dirs[i] == dir) {
            dirs[i] = dirs[--n];
            return;
        }
}

bool temp_keep(char **dir, const char *from, const char *to, struct err *e)
{
    struct buf a = {0}, b = {0};
    buf_printf(&a, "%s/%s", *dir, from);
    buf_printf(&b, "%s/%s", *dir, to);
    pthread_mutex_lock(&lock);
    bool ok = !rename(buf_cstr(&a), buf_cstr(&b)) || err_set(e, ERR_IO, "cannot make %s: %s", buf_cstr(&b), strerror(errno));
    if (ok)
        forget(*dir);
    pthread_mutex_unlock(&lock);
    buf_free(&a);
    buf_free(&b);
    if (ok) {
        free(*dir);
        *dir = NULL;
    }
    return ok;
}

void temp_remove(char *dir)
{
    if (!dir)
        return;
    remove_tree(dir);
    pthread_mutex_lock(&lock);
    forget(dir);
    pthread_mutex_unlock(&lock);
    free(dir);
}

void temp_remove_below(const char *dir) { remove_tree(dir); }

bool temp_remove_all(void)
{
    pthread_mutex_lock(&lock);
    bool some = n;
    for (size_t i = 0; i < n; i++)
        for (int tries = 0; tries < 100 && !access(dirs[i], F_OK); tries++)
            remove_tree(dirs[i]); /* another thread may be putting files into it until it is gone */
    n = 0;
    pthread_mutex_unlock(&lock);
    return some;
}
