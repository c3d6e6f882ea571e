#include "live/history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zstd_stream.h"
#include "live/shape.h"

enum {
    VERSION = 1,
    TEXT_MAX = 2 * HISTORY_KEPT,      /* of a file, unpacked */
    MERGED_AT = HISTORY_KEPT / 2 * 3, /* … when it is written anew; or when it has so many frames */
    FRAMES_MAX = 2000,
    FILES_MAX = 500,
    KNOWN = 256,      /* checkpoints of a job that are remembered as written */
    JOBS_MAX = 1024,  /* jobs of which that is known */
    NAME_MAX_ = 200,  /* of the cluster's directory */
    MESSAGE_MAX = 512 /* of a failure: its first line */
};

struct key {
    int64_t trigger_ms, id;
};

struct job {
    char *id;
    uint64_t size; /* of its file when it was looked at last; 0: not yet */
    ino_t file;
    uint32_t frames;
    size_t text;             /* unpacked */
    struct key known[KNOWN]; /* rising */
    uint32_t n;
};

struct history {
    char *dir, *url;
    struct job *jobs;
    uint32_t n, next; /* which one is forgotten next */
};

struct title {
    const char *weir;
    int64_t format_version;
    const char *url, *job;
};
static const struct shape_field title_fields[] = {
    TEXT(title, weir, "weir"),
    INT(title, format_version, "formatVersion"),
    TEXT(title, url, "url"),
    TEXT(title, job, "job"),
    SHAPE_END,
};
static const struct shape shape_title = {.size = sizeof(struct title), .fields = title_fields};

/* --- places --- */

struct history *history_open(const char *url)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME"), *host = strstr(url, "://");
    struct buf b = {0};
    if (state && *state == '/')
        buf_printf(&b, "%s/weir/", state);
    else if (home && *home)
        buf_printf(&b, "%s/.local/state/weir/", home);
    else
        return NULL;
    size_t start = b.n;
    for (const char *c = host ? host + 3 : url; *c && b.n - start < NAME_MAX_; c++) {
        bool plain = (*c >= '0' && *c <= '9') || ((*c | 32) >= 'a' && (*c | 32) <= 'z') || *c == '-' || (*c == '.' && b.n > start);
        buf_putc(&b, plain ? (uint8_t)*c : '_');
    }
    struct history *h = mem_zalloc(sizeof *h);
    h->dir = mem_strdup(buf_cstr(&b));
    h->url = mem_strdup(url);
    buf_free(&b);
    return h;
}

void history_close(struct history *h)
{
    if (!h)
        return;
    for (uint32_t i = 0; i < h->n; i++)
        free(h->jobs[i].id);
    free(h->jobs);
    free(h->dir);
    free(h->url);
    free(h);
}

/* A job's id comes from the server. */
static bool fits_name(const char *job)
{
    size_t n = strspn(job, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");
    return n && n <= 64 && !job[n];
}

static bool make_dirs(const char *dir, struct err *e)
{
    char *path = mem_strdup(dir);
    for (char *c = path + 1;; c++) {
        char was = *c;
        if (was && was != '/')
            continue;
        *c = 0;
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            err_set(e, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
        *c = was;
        if (!was || e->kind)
            break;
    }
    free(path);
    return !e->kind;
}

/* The directory, locked. -1: another has the lock, or e is set. */
static int lock(const struct history *h, struct err *e)
{
    if (!make_dirs(h->dir, e))
        return -1;
    int fd = open(h->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        err_set(e, ERR_IO, "%s: %s", h->dir, strerror(errno));
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            err_set(e, ERR_IO, "%s: cannot be locked: %s", h->dir, strerror(errno));
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Removes the file that was written longest ago, when there is no room for one more. */
static void make_room(int dir)
{
    int copy = dup(dir);
    DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
    char oldest[256] = "";
    int64_t when = INT64_MAX;
    unsigned n = 0;
    struct stat st;
    if (!d && copy >= 0)
        close(copy);
    if (d)
        rewinddir(d);
    for (struct dirent *f; d && (f = readdir(d));) {
        size_t len = strlen(f->d_name);
        if (len < 4 || strcmp(f->d_name + len - 4, ".zst") != 0 || fstatat(dir, f->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        n++;
        if (st.st_mtim.tv_sec < when) {
            when = st.st_mtim.tv_sec;
            snprintf(oldest, sizeof oldest, "%s", f->d_name);
        }
    }
    if (d)
        closedir(d);
    if (n >= FILES_MAX)
        unlinkat(dir, oldest, 0);
}

/* --- reading --- */

/* The lines of a file, up to the first damage. */
struct lines {
    struct buf text;
    size_t from;  /* where they begin */
    uint64_t end; /* of what is sound in the file; 0: nothing is */
    bool foreign; /* it is something else, or of another version */
    uint32_t frames;
};

static void read_lines(int fd, struct lines *l)
{
    struct zstd_reader *r = zstd_reader_new(fd);
    struct arena a = {0};
    struct title t;
    struct jsonr j = {0};
    struct err e = {0};
    uint64_t at = 0;
    enum zstd_got got = zstd_read_frame(r, &at, 64 << 10, &l->text, &e);
    jsonr_start(&j, l->text.p, l->text.n);
    shape_clear(&shape_title, &t);
    if (got == ZSTD_FRAME && jsonr_peek(&j) == JSONR_OBJECT)
        shape_read(&shape_title, &j, &a, &t);
    bool ours = got == ZSTD_FRAME && jsonr_end(&j) && t.weir && !strcmp(t.weir, "checkpoints") && t.format_version == VERSION;
    l->foreign = !ours && (got == ZSTD_FRAME || got == ZSTD_BAD);
    l->from = l->text.n;
    while (ours) {
        size_t sound = l->text.n;
        l->end = at;
        l->frames++;
        if (sound < TEXT_MAX && zstd_read_frame(r, &at, TEXT_MAX - sound, &l->text, &e) == ZSTD_FRAME && l->text.n > sound &&
            l->text.p[l->text.n - 1] == '\n')
            continue;
        l->text.n = sound;
        break;
    }
    if (!ours)
        l->text.n = l->from = 0;
    jsonr_free(&j);
    arena_free(&a);
    zstd_reader_free(r);
}

static bool read_one(struct bytes line, struct live_checkpoint *c, struct arena *a)
{
    struct jsonr j = {0};
    jsonr_start(&j, line.p, line.n);
    shape_clear(&shape_live_checkpoint, c);
    bool object = jsonr_peek(&j) == JSONR_OBJECT;
    if (object)
        shape_read(&shape_live_checkpoint, &j, a, c);
    bool good = object && jsonr_end(&j) && live_has(c->id) && live_has(c->trigger_ms);
    jsonr_free(&j);
    return good;
}

static int compare(struct key a, struct key b)
{
    if (a.trigger_ms != b.trigger_ms)
        return a.trigger_ms < b.trigger_ms ? -1 : 1;
    return (a.id > b.id) - (a.id < b.id);
}

static int newest_first(const void *a, const void *b)
{
    const struct live_checkpoint *x = a, *y = b;
    return compare((struct key){y->trigger_ms, y->id}, (struct key){x->trigger_ms, x->id});
}

/* The last lines, at most max, the newest checkpoint first, each once. */
static struct live_checkpoint *last_lines(const struct lines *l, uint32_t max, struct arena *a, uint32_t *n)
{
    size_t begin = l->text.n, lines = 0;
    while (begin > l->from && lines < max) {
        const uint8_t *before = begin - l->from > 1 ? memrchr(l->text.p + l->from, '\n', begin - l->from - 1) : NULL;
        begin = before ? (size_t)(before + 1 - l->text.p) : l->from;
        lines++;
    }
    struct live_checkpoint *all = arena_array(a, lines + 1, sizeof *all);
    uint32_t some = 0, kept = 0;
    while (begin < l->text.n) {
        const uint8_t *line = l->text.p + begin, *end = memchr(line, '\n', l->text.n - begin);
        some += read_one((struct bytes){line, (size_t)(end - line)}, &all[some], a);
        begin = (size_t)(end + 1 - l->text.p);
    }
    qsort(all, some, sizeof *all, newest_first);
    for (uint32_t i = 0; i < some; i++)
        if (!kept || newest_first(&all[kept - 1], &all[i]))
            all[kept++] = all[i];
    *n = kept;
    return all;
}

static int open_file(const struct history *h, const char *job, int flags)
{
    struct buf path = {0};
    buf_printf(&path, "%s/%s.zst", h->dir, job);
    int fd = open(buf_cstr(&path), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    buf_free(&path);
    struct stat st;
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        errno = EINVAL;
        fd = -1;
    }
    return fd;
}

struct live_checkpoint *history_read(const struct history *h, const char *job, uint32_t max, struct arena *a, uint32_t *n)
{
    *n = 0;
    int fd = fits_name(job) ? open_file(h, job, O_RDONLY) : -1;
    if (fd < 0)
        return NULL;
    struct lines l = {0};
    read_lines(fd, &l);
    close(fd);
    struct live_checkpoint *list = last_lines(&l, max, a, n);
    buf_free(&l.text);
    return list;
}

/* --- writing --- */

static struct job *job_of(struct history *h, const char *id)
{
    for (uint32_t i = 0; i < h->n; i++)
        if (!strcmp(h->jobs[i].id, id))
            return &h->jobs[i];
    struct job *j;
    if (h->n < JOBS_MAX) {
        h->jobs = mem_grow(h->jobs, h->n + 1u, sizeof *h->jobs);
        j = &h->jobs[h->n++];
    } else {
        j = &h->jobs[h->next++ % JOBS_MAX];
        free(j->id);
    }
    *j = (struct job){.id = mem_strdup(id)};
    return j;
}

/* Whether it is written already, or too old to tell; *at: its place. From the end, where new ones belong. */
static bool knows(const struct job *j, const struct live_checkpoint *c, uint32_t *at)
{
    struct key k = {c->trigger_ms, c->id};
    uint32_t i = j->n;
    while (i && compare(j->known[i - 1], k) >= 0)
        i--;
    *at = i;
    return (i < j->n && !compare(j->known[i], k)) || (!i && j->n == KNOWN);
}

/* False: it is known. */
static bool learn(struct job *j, const struct live_checkpoint *c)
{
    uint32_t at;
    if (knows(j, c, &at))
        return false;
    if (j->n == KNOWN) { /* the oldest goes */
        j->n--;
        at--;
        memmove(j->known, j->known + 1, sizeof *j->known * j->n);
    }
    memmove(j->known + at + 1, j->known + at, sizeof *j->known * (j->n - at));
    j->n++;
    j->known[at] = (struct key){c->trigger_ms, c->id};
    return true;
}

static bool ended(const struct live_checkpoint *c)
{
    return c->status && (!strcmp(c->status, "COMPLETED") || !strcmp(c->status, "FAILED")) && live_has(c->id) &&
        live_has(c->trigger_ms);
}

/* A checkpoint's line, less what is of no use later. */
static void put_line(struct buf *to, const struct live_checkpoint *c)
{
    struct live_checkpoint k = *c;
    struct jsonw w = {.out = to};
    char message[MESSAGE_MAX];
    k.class_name = NULL;
    k.discarded = LIVE_UNTOLD;
    k.n_vertices = 0;
    if (k.is_savepoint != LIVE_YES || (k.external_path && strlen(k.external_path) > MESSAGE_MAX))
        k.external_path = NULL;
    if (k.failure_message) {
        snprintf(message, sizeof message, "%.*s", (int)strcspn(k.failure_message, "\n"), k.failure_message);
        k.failure_message = message;
    }
    shape_write(&shape_live_checkpoint, &k, &w, true);
    buf_putc(to, '\n');
}

static bool put_title(const struct history *h, const struct job *j, int fd, struct err *e)
{
    struct buf line = {0};
    struct jsonw w = {.out = &line};
    shape_write(&shape_title, &(struct title){"checkpoints", VERSION, h->url, j->id}, &w, true);
    buf_putc(&line, '\n');
    bool done = zstd_write_frame(fd, line.p, line.n, e);
    buf_free(&line);
    return done;
}

/* Looks at the file, unless it is as it was left: what is known, and where its end is. */
static bool look(struct job *j, int fd, struct err *e)
{
    enum { BEFORE = 2 * KNOWN };
    struct stat st;
    struct lines l = {0};
    struct arena a = {0};
    uint32_t n;
    if (fstat(fd, &st) != 0)
        return err_set(e, ERR_IO, "%s", strerror(errno));
    if (j->size && j->size == (uint64_t)st.st_size && j->file == st.st_ino)
        return true;
    read_lines(fd, &l);
    struct live_checkpoint *list = last_lines(&l, BEFORE, &a, &n);
    j->n = 0;
    while (n--)
        learn(j, &list[n]);
    j->frames = l.frames;
    j->text = l.text.n;
    j->file = st.st_ino;
    if (l.foreign)
        err_set(e, ERR_UNSUPPORTED, "is not a history that this weir can write");
    else if (l.end != (uint64_t)st.st_size && ftruncate(fd, (off_t)l.end) != 0)
        err_set(e, ERR_IO, "its damaged end cannot be cut off: %s", strerror(errno));
    j->size = l.end;
    buf_free(&l.text);
    arena_free(&a);
    return !e->kind;
}

/* Writes the file anew as one frame, without the oldest lines. */
static bool merge(const struct history *h, struct job *j, int dir, int fd, struct err *e)
{
    struct lines l = {0};
    char name[80], fresh[80];
    snprintf(name, sizeof name, "%s.zst", j->id);
    snprintf(fresh, sizeof fresh, "%s.new", j->id);
    read_lines(fd, &l);
    size_t from = l.from;
    if (l.text.n - from > HISTORY_KEPT) {
        from = l.text.n - HISTORY_KEPT;
        from = (size_t)((const uint8_t *)memchr(l.text.p + from, '\n', l.text.n - from) + 1 - l.text.p);
    }
    int to = openat(dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool done =
        to >= 0 && put_title(h, j, to, e) && (from == l.text.n || zstd_write_frame(to, l.text.p + from, l.text.n - from, e));
    if (to >= 0)
        done = close(to) == 0 && done;
    done = done && renameat(dir, fresh, dir, name) == 0;
    if (!done) {
        err_set(e, ERR_IO, "cannot be written anew: %s", strerror(errno));
        unlinkat(dir, fresh, 0);
    }
    j->size = 0; /* to be looked at */
    buf_free(&l.text);
    return done;
}

static bool append(const struct history *h, struct job *j, int dir, int fd, const struct live_checkpoints *c, struct err *e)
{
    struct buf text = {0};
    struct stat st;
    if (!look(j, fd, e))
        return false;
    for (uint32_t i = c->n_history; i-- > 0;)
        if (ended(&c->history[i]) && learn(j, &c->history[i]))
            put_line(&text, &c->history[i]);
    if (text.n && (j->size || put_title(h, j, fd, e)) && zstd_write_frame(fd, text.p, text.n, e)) {
        j->frames++;
        j->text += text.n;
    }
    buf_free(&text);
    j->size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    if (e->kind) {
        j->size = 0; /* to be looked at, and mended, the next time */
        return false;
    }
    return (j->frames < FRAMES_MAX && j->text < MERGED_AT) || merge(h, j, dir, fd, e);
}

bool history_keep(struct history *h, const char *job, const struct live_checkpoints *c, struct err *e)
{
    bool some = false;
    if (!fits_name(job))
        return true;
    struct job *j = job_of(h, job);
    for (uint32_t i = 0; i < c->n_history && !some; i++) {
        uint32_t at;
        some = ended(&c->history[i]) && !knows(j, &c->history[i], &at);
    }
    int dir = some ? lock(h, e) : -1;
    if (dir < 0)
        return !e->kind;
    int fd = open_file(h, job, O_RDWR | O_APPEND);
    if (fd < 0 && errno == ENOENT) {
        make_room(dir);
        fd = open_file(h, job, O_RDWR | O_APPEND | O_CREAT);
    }
    if (fd < 0)
        err_set(e, ERR_IO, "%s", strerror(errno));
    else
        append(h, j, dir, fd, c, e);
    if (e->kind)
        err_in(e, "%s/%s.zst", h->dir, job);
    if (fd >= 0)
        close(fd);
    close(dir);
    return !e->kind;
}
