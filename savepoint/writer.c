/* The savepoint as a whole: its temporary directory, its metadata, its last step. */
#include "savepoint/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/temp.h"
#include "base/wr.h"
#include "savepoint/meta_write.h"
#include "savepoint/out_file.h"
#include "savepoint/source.h"

#define UNFINISHED "_metadata.part" /* until everything else is in its place */

struct writer {
    char *target;
    char *dir; /* base/temp's */
    struct arena arena;
    struct meta meta; /* what writer_open has been told, copied */
    struct out_file file;
    struct buf piece;
    uint32_t n, subtasks;       /* operators; subtasks of the present one */
    uint64_t n_at, subtasks_at; /* where their numbers stand */
    bool finished;              /* the present operator has no subtasks */
};

static struct bytes copy_bytes(struct arena *a, struct bytes b)
{
    return b.n ? (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n} : b;
}

static const char *copy_text(struct arena *a, const char *s) { return s ? arena_str(a, s) : NULL; }

static void copy_meta(struct writer *w, const struct meta *m)
{
    w->meta = (struct meta){.version = m->version,
                            .type_name = copy_text(&w->arena, m->type_name),
                            .format = copy_text(&w->arena, m->format),
                            .post_action = copy_text(&w->arena, m->post_action),
                            .properties = copy_bytes(&w->arena, m->properties)};
}

/* The piece goes into the file. Its last four bytes are a number that is not known yet: where they stand. */
static bool put_piece(struct writer *w, uint64_t *number_at, struct err *e)
{
    bool ok = out_put(&w->file, w->piece.p, w->piece.n, e);
    w->piece.n = 0;
    if (number_at)
        *number_at = out_pos(&w->file) - 4;
    return ok;
}

static bool put_number(struct writer *w, uint64_t at, uint32_t n, struct err *e)
{
    n = __builtin_bswap32(n);
    return out_patch(&w->file, at, &n, sizeof n, e);
}

static bool may_be_made(const char *target, struct err *e)
{
    struct stat st;
    if (!store_is_local(target))
        return err_set(e, ERR_UNSUPPORTED, "%s: weir writes to local directories only", target);
    if (!lstat(target, &st))
        return err_set(e, ERR_REFUSED, "%s: is there already; weir overwrites nothing", target);
    if (errno != ENOENT)
        return err_set(e, errno == ENOTDIR ? ERR_MISSING : ERR_IO, "%s: %s", target, strerror(errno));
    return true;
}

static struct writer *writer_to(const char *target)
{
    struct writer *w = mem_zalloc(sizeof *w);
    w->target = store_normal(&w->arena, target);
    for (size_t n = strlen(w->target); n > 1 && w->target[n - 1] == '/'; n--)
        w->target[n - 1] = 0;
    return w;
}

static bool begin(struct writer *w, struct err *e)
{
    return may_be_made(w->target, e) && (w->dir = temp_dir_beside(w->target, e)) && out_create(&w->file, w->dir, UNFINISHED, e);
}

bool writer_open(struct writer **out, const char *target, const struct meta *m, struct err *e)
{
    struct writer *w = writer_to(target);
    *out = NULL;
    copy_meta(w, m);
    bool ok = meta_put_head(&w->piece, m, 0, e) && begin(w, e) && put_piece(w, &w->n_at, e);
    if (ok)
        *out = w;
    else
        writer_abort(w);
    return ok;
}

struct out_place writer_place(const struct writer *w) { return (struct out_place){.dir = w->dir}; }

static bool end_operator(struct writer *w, struct err *e)
{
    return !w->n || w->finished || put_number(w, w->subtasks_at, w->subtasks, e);
}

bool writer_operator(struct writer *w, const struct meta_operator *op, struct err *e)
{
    if (!end_operator(w, e) || !meta_put_operator(&w->piece, w->meta.version, op, 0, e) || !put_piece(w, &w->subtasks_at, e))
        return false;
    w->n++;
    w->subtasks = 0;
    w->finished = op->finished;
    return true;
}

bool writer_subtask(struct writer *w, const struct meta_subtask *s, struct err *e)
{
    w->subtasks++;
    return meta_put_subtask(&w->piece, w->meta.version, s, e) && put_piece(w, NULL, e);
}

/* The files are on the disk before the directory gets its name, and has it before there is a _metadata. */
static bool put_in_place(struct writer *w, struct err *e)
{
    char *parent = store_dir(&w->arena, w->target);
    return out_sync(&w->file, e) && out_sync_dir(w->dir, e) && temp_rename(&w->dir, w->target, e) && out_sync_dir(parent, e) &&
        temp_keep(&w->dir, UNFINISHED, "_metadata", e) && out_sync_dir(w->target, e);
}

bool writer_finish(struct writer *w, struct err *e)
{
    bool ok = end_operator(w, e) && put_number(w, w->n_at, w->n, e) && meta_put_end(&w->piece, &w->meta, e) &&
        put_piece(w, NULL, e) && put_in_place(w, e);
    writer_abort(w);
    return ok;
}

bool writer_ready(const char *target, struct bytes metadata, struct err *e)
{
    struct writer *w = writer_to(target);
    bool ok = begin(w, e) && out_put(&w->file, metadata.p, metadata.n, e) && put_in_place(w, e);
    writer_abort(w);
    return ok;
}

void writer_abort(struct writer *w)
{
    if (!w)
        return;
    out_drop(&w->file);
    temp_remove(w->dir);
    buf_free(&w->piece);
    arena_free(&w->arena);
    free(w);
}

bool out_copy(const struct out_place *place, struct source *src, struct meta_stream *h, struct arena *a, struct err *e)
{
    struct out_file f;
    out_open(&f, place->dir, place->inline_max ? place->inline_max : OUT_INLINE);
    while (source_need(src, 1)) {
        if (!out_put(&f, src->p, source_have(src), e))
            break;
        source_skip(src, source_have(src));
    }
    if (e->kind == ERR_NONE)
        return out_end(&f, h, a, e);
    out_drop(&f);
    return false;
}
