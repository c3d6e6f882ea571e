#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "savepoint/store.h"

/* Which mapped file an address belongs to, for the SIGBUS handler: it may take no lock and allocate nothing, hence a plain table.
 * A file that finds no slot is read all the same and has no name in the handler's line. */
static struct slot {
    const uint8_t *_Atomic map; /* NULL: free; set last, cleared first */
    uint64_t size;
    const char *name;
    int fd;
} slots[512];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

static void slot_take(const struct store_file *f, int fd)
{
    pthread_mutex_lock(&slots_lock);
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        struct slot *s = &slots[i];
        if (atomic_load(&s->map))
            continue;
        s->size = f->size;
        s->name = f->location;
        s->fd = fd;
        atomic_store(&s->map, f->map);
        break;
    }
    pthread_mutex_unlock(&slots_lock);
}

static void slot_give(const struct store_file *f)
{
    pthread_mutex_lock(&slots_lock);
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (atomic_load(&slots[i].map) == f->map)
            atomic_store(&slots[i].map, NULL);
    pthread_mutex_unlock(&slots_lock);
}

static void say(const char *s)
{
    while (*s) {
        char out[256];
        size_t n = 0;
        for (; *s && n < sizeof out; s++)
            out[n++] = ((unsigned char)*s < 0x20 && *s != '\n') || *s == 0x7f ? '?' : *s;
        if (write(STDERR_FILENO, out, n) < 0)
            return;
    }
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    (void)context;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        const uint8_t *map = atomic_load(&slots[i].map), *at = info->si_addr;
        if (!map || at < map || at >= map + slots[i].size)
            continue;
        struct stat st;
        bool whole = fstat(slots[i].fd, &st) == 0 && (uint64_t)st.st_size >= slots[i].size;
        say("weir: ");
        say(slots[i].name);
        say(whole ? ": cannot be read: the disk reports an error\n" : " changed while it was read\n");
        _exit(whole ? WEIR_TROUBLE : WEIR_REFUSED);
    }
    signal(sig, SIG_DFL); /* none of ours: the same access ends the program now */
}

void store_guard_sigbus(void)
{
    struct sigaction sa = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    sigemptyset(&sa.sa_mask);
    sigaction(SIGBUS, &sa, NULL);
}

static bool local_trouble(const char *location, const char *what, struct err *e)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return err_set(e, ERR_MISSING, "%s: there is no such file or directory", location);
    return err_set(e, ERR_IO, "%s: cannot be %s: %s", location, what, strerror(errno));
}

struct local {
    int fd;
};

static bool local_open(struct store_file *f, struct err *e)
{
    /* O_NONBLOCK: a FIFO must not make us wait before fstat tells what it is */
    int fd = open(f->location, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return local_trouble(f->location, "opened", e);
    struct stat st;
    if (fstat(fd, &st) < 0) {
        local_trouble(f->location, "opened", e);
        close(fd);
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        if (S_ISDIR(st.st_mode))
            return err_set(e, ERR_MISSING, "%s: is a directory, where a file is wanted", f->location);
        return err_set(e, ERR_UNSUPPORTED, "%s: is not a regular file; copy its content to one", f->location);
    }
    f->size = (uint64_t)st.st_size;
    if (f->size) {
        void *map = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map != MAP_FAILED) {
            f->map = map;
            madvise(map, f->size, MADV_SEQUENTIAL);
            slot_take(f, fd);
        }
    }
    struct local *own = mem_alloc(sizeof *own);
    own->fd = fd;
    f->own = own;
    return true;
}

static bool local_read(struct store_file *f, uint64_t off, void *to, size_t n, struct err *e)
{
    const struct local *own = f->own;
    for (size_t got = 0; got < n;) {
        ssize_t k = pread(own->fd, (uint8_t *)to + got, n - got, (off_t)(off + got));
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return err_set(e, ERR_IO, "%s: cannot be read: %s", f->location, strerror(errno));
        if (k == 0)
            return err_set(e, ERR_CHANGED, "%s: changed while it was read", f->location);
        got += (size_t)k;
    }
    return true;
}

static void local_close(struct store_file *f)
{
    struct local *own = f->own;
    if (f->map) {
        slot_give(f);
        munmap((void *)f->map, f->size);
    }
    close(own->fd);
    free(own);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static bool is_dir(DIR *d, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type == DT_DIR)
        return true;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return false;
    return fstatat(dirfd(d), entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool local_list(const char *dir, struct arena *a, const char ***names, uint32_t *n, struct err *e)
{
    DIR *d = opendir(dir);
    if (!d)
        return local_trouble(dir, "listed", e);
    const char **list = NULL;
    size_t count = 0, cap = 0;
    const struct dirent *entry;
    while ((errno = 0, entry = readdir(d))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (count == cap) {
            cap = cap ? 2 * cap : 64;
            list = mem_grow(list, cap, sizeof *list);
        }
        list[count++] = is_dir(d, entry) ? arena_printf(a, "%s/", entry->d_name) : arena_str(a, entry->d_name);
    }
    bool done = !errno || local_trouble(dir, "listed", e);
    closedir(d);
    if (done) {
        if (count)
            qsort(list, count, sizeof *list, by_name);
        *names = arena_array(a, count, sizeof **names);
        if (count)
            memcpy(*names, list, count * sizeof *list);
        *n = (uint32_t)count;
    }
    free(list);
    return done;
}

const struct store_ops store_local = {.open = local_open, .read = local_read, .close = local_close, .list = local_list};
