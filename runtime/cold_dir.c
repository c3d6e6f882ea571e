/* Directories of databases. What a run that was killed has left is found by nobody holding it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/temp.h"
#include "runtime/cold.h"

enum { AGE = 60 /* seconds: a directory is held soon after it was made */ };

char *cold_dir_make(const char *beside, int *held, struct err *e)
{
    char *dir = temp_dir_beside(beside, e);
    if (!dir)
        return NULL;
    *held = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*held >= 0 && !flock(*held, LOCK_SH | LOCK_NB))
        return dir;
    err_set(e, ERR_IO, "%s: cannot be held: %s", dir, strerror(errno));
    temp_remove(dir);
    return NULL;
}

static void remove_left(const char *dir)
{
    struct stat st;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    if (!fstat(fd, &st) && time(NULL) - st.st_mtime > AGE && !flock(fd, LOCK_EX | LOCK_NB))
        temp_remove_below(dir);
    close(fd);
}

void cold_dirs_clear(const char *beside)
{
    struct arena a = {0};
    const char *slash = strrchr(beside, '/'), *parent = arena_strn(&a, beside, (size_t)(slash - beside)),
               *begin = arena_printf(&a, ".%s.weir-", slash + 1);
    DIR *all = opendir(*parent ? parent : "/");
    for (struct dirent *d; all && (d = readdir(all));)
        if (!strncmp(d->d_name, begin, strlen(begin)))
            remove_left(arena_printf(&a, "%s/%s", parent, d->d_name));
    if (all)
        closedir(all);
    arena_free(&a);
}
