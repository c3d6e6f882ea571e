/* The world that simulate.c runs pipelines in: what it does with a call is told in simulate.h. */
#include "tests/run/simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t sim_chance(struct sim *s, uint32_t below)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return (uint32_t)(s->random >> 20) % below;
}

/* Each call takes time, may be the last one before a crash, and may fail. */
static bool trouble(struct sim *s, struct err *e)
{
    s->now += sim_chance(s, 100) ? sim_chance(s, 200000) : sim_chance(s, 20000000);
    if (++s->calls == s->crash_at)
        longjmp(s->crash, 1);
    if (sim_chance(s, 1000) >= s->trouble)
        return false;
    s->failures++;
    if (e)
        err_set(e, ERR_IO, "simulated: input/output error");
    return true;
}

static int64_t sim_now(void *ctx) { return ((struct sim *)ctx)->now / 1000000; }

static int64_t sim_ticks(void *ctx)
{
    struct sim *s = ctx;
    return s->now += sim_chance(s, 1000);
}

static void sim_wait(void *ctx, int64_t until)
{
    struct sim *s = ctx;
    if (until > s->now / 1000000)
        s->now = until * 1000000;
    if (s->on_wait)
        s->on_wait(s);
}

static struct file *find(struct sim *s, const char *path)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strcmp(s->files[i].path, path))
            return &s->files[i];
    return NULL;
}

struct file *sim_make(struct sim *s, const char *path)
{
    struct file *f = find(s, path);
    for (uint32_t i = 0; !f && i < s->n; i++)
        if (!s->files[i].path) /* a file that is gone */
            f = &s->files[i];
    if (!f)
        f = &s->files[s->n++];
    if (s->n == SIM_FILES) {
        fprintf(stderr, "too many files\n");
        abort();
    }
    free(f->path);
    f->path = mem_strdup(path);
    f->content.n = f->on_disk = 0;
    f->born = s->births++;
    return f;
}

static int use(struct sim *s, struct file *f)
{
    s->open[s->n_open % SIM_OPEN].file = f;
    s->open[s->n_open % SIM_OPEN].at = 0;
    return (int)(s->n_open++ % SIM_OPEN);
}

static int sim_open(void *ctx, const char *path, struct err *e)
{
    struct file *f = find(ctx, path);
    if (trouble(ctx, e))
        return -1;
    if (!f)
        err_set(e, ERR_MISSING, "%s is not there", path);
    return f ? use(ctx, f) : -1;
}

static ptrdiff_t sim_read(void *ctx, int file, void *to, size_t n, struct err *e)
{
    struct sim *s = ctx;
    if (s->on_read)
        s->on_read(s);
    if (trouble(s, e))
        return -1;
    size_t left = s->open[file].file->content.n - s->open[file].at, some = 1 + sim_chance(s, 300);
    n = n < left ? n : left;
    n = n < some ? n : some;
    if (n)
        memcpy(to, s->open[file].file->content.p + s->open[file].at, n);
    s->open[file].at += n;
    return (ptrdiff_t)n;
}

static bool sim_seek(void *ctx, int file, uint64_t to, struct err *e)
{
    struct sim *s = ctx;
    if (trouble(s, e))
        return false;
    s->open[file].at = (size_t)to;
    return true;
}

static void sim_close(void *ctx, int file)
{
    (void)ctx;
    (void)file;
}

static bool sim_ready(void *ctx, int file, int ms)
{
    (void)ctx;
    (void)file;
    (void)ms;
    return true;
}

static bool sim_list(void *ctx, const char *path, bool (*each)(void *arg, const char *name, bool is_dir), void *arg, struct err *e)
{
    struct sim *s = ctx;
    size_t n = strlen(path);
    if (trouble(s, e))
        return false;
    if (find(s, path))
        return each(arg, "", false);
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strncmp(s->files[i].path, path, n) && s->files[i].path[n] == '/' &&
            !each(arg, s->files[i].path + n + 1, false))
            return false;
    return true;
}

static bool sim_about(void *ctx, const char *path, int64_t *size, int64_t *changed, struct err *e)
{
    const struct file *f = find(ctx, path);
    if (trouble(ctx, e))
        return false;
    if (!f)
        return err_set(e, ERR_MISSING, "%s is not there", path);
    *size = (int64_t)f->content.n;
    *changed = 0;
    return true;
}

static int sim_create(void *ctx, const char *path, struct err *e) { return trouble(ctx, e) ? -1 : use(ctx, sim_make(ctx, path)); }

static int sim_append(void *ctx, const char *path, struct err *e)
{
    struct file *f = find(ctx, path);
    return trouble(ctx, e) ? -1 : use(ctx, f ? f : sim_make(ctx, path));
}

static bool sim_write(void *ctx, int file, struct bytes b, struct err *e)
{
    struct sim *s = ctx;
    bool fails = trouble(s, e);
    buf_put(&s->open[file].file->content, b.p,
            fails ? sim_chance(s, (uint32_t)b.n + 1) : b.n); /* a part of it, as when the disk is full */
    return !fails;
}

static bool sim_finish(void *ctx, int file, struct err *e)
{
    struct sim *s = ctx;
    if (trouble(s, e))
        return false;
    s->open[file].file->on_disk = s->open[file].file->content.n;
    return true;
}

static bool sim_rename(void *ctx, const char *from, const char *to, struct err *e)
{
    struct sim *s = ctx;
    struct file *f = find(s, from);
    if (trouble(s, e))
        return false;
    if (!f)
        return find(s, to) || err_set(e, ERR_MISSING, "%s is not there", from);
    free(f->path);
    f->path = mem_strdup(to);
    return true;
}

void sim_remove(void *ctx, const char *path)
{
    struct file *f = find(ctx, path);
    if (f) {
        free(f->path);
        f->path = NULL;
    }
}

static bool sim_fault(void *ctx, const char *what)
{
    (void)what;
    return trouble(ctx, NULL);
}

static bool sim_print(void *ctx, struct bytes lines, struct err *e)
{
    (void)ctx;
    (void)lines;
    (void)e;
    return true;
}

void sim_crash(struct sim *s)
{
    s->crashes++;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path)
            s->files[i].content.n = s->files[i].on_disk;
}

struct world sim_world(struct sim *s)
{
    return (struct world){.now = sim_now,
                          .ticks = sim_ticks,
                          .wait = sim_wait,
                          .open = sim_open,
                          .read = sim_read,
                          .seek = sim_seek,
                          .close = sim_close,
                          .ready = sim_ready,
                          .list = sim_list,
                          .about = sim_about,
                          .create = sim_create,
                          .append = sim_append,
                          .write = sim_write,
                          .finish = sim_finish,
                          .rename = sim_rename,
                          .remove = sim_remove,
                          .fault = sim_fault,
                          .print = sim_print,
                          .ctx = s,
                          .seed = s->random};
}
