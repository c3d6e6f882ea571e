#include "base/temp.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **dirs; /* what is there now, n of them */
static size_t n;

char *temp_dir(struct err *e)
{
    const char *below = getenv("TMPDIR");
    struct buf path = {0};
    buf_printf(&path, "%s/weir-XXXXXX", below && *below ? below : "/tmp");
    char *dir = mem_strdup(buf_cstr(&path));
    buf_free(&path);

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

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    remove(path);
    return 0;
}

static void remove_tree(const char *dir) { nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

void temp_remove(char *dir)
{
    if (!dir)
        return;
    remove_tree(dir);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n; i++)
        if (dirs[i] == dir) {
            dirs[i] = dirs[--n];
            break;
        }
    pthread_mutex_unlock(&lock);
    free(dir);
}

void temp_remove_all(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n; i++)
        remove_tree(dirs[i]);
    pthread_mutex_unlock(&lock);
}
