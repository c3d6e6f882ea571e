#include "savepoint/write_files.h"

#include <string.h>
#include <unistd.h>

#include "savepoint/keyed_native.h"
#include "savepoint/out_file.h"
#include "savepoint/write_streams.h"

#define SCHEME "file:"

const char *files_path(const struct meta_stream *s)
{
    if (s->tag != HANDLE_FILE)
        return NULL;
    const char *path = strncmp(s->path, SCHEME, sizeof SCHEME - 1) ? s->path : s->path + sizeof SCHEME - 1;
    return strncmp(path, "///", 3) ? path : path + 2;
}

static const struct meta_file *find(const struct files_known *k, const char *name)
{
    for (uint32_t i = 0; k && i < k->n; i++)
        if (!strcmp(k->files[i].name, name))
            return &k->files[i];
    return NULL;
}

/* --- files --- */

/* As it is: small ones stand in the handle. */
static bool put_whole(const struct native_file *f, const struct out_place *place, struct meta_stream *h, struct arena *a,
                      struct err *e)
{
    struct store_file in;
    struct out_file out;
    if (!store_open(&in, f->location, e))
        return false;
    out_open(&out, place->dir, place->inline_max ? place->inline_max : OUT_INLINE);
    uint8_t *bytes = arena_alloc(a, in.size + 1);
    bool ok = store_read(&in, 0, bytes, in.size, e) && out_put(&out, bytes, in.size, e);
    store_close(&in);
    if (ok)
        return out_end(&out, h, a, e);
    out_drop(&out);
    return false;
}

static bool put_table(const struct files_out *f, const struct native_file *file, const struct out_place *place,
                      struct meta_stream *h, struct arena *a, struct err *e)
{
    const struct meta_file *known = f->shared ? find(f->known, file->name) : NULL;
    if (known && known->stream.size == file->size) {
        *h = known->stream;
        return true;
    }
    if (file->size <= (place->inline_max ? place->inline_max : OUT_INLINE))
        return put_whole(file, place, h, a, e);
    struct uuid name = uuid_random();
    const char *path = arena_printf(a, "%s/%s", f->shared ? f->shared : place->dir, name.s);
    *h = (struct meta_stream){.tag = f->shared ? HANDLE_FILE : HANDLE_RELATIVE_FILE,
                              .path = f->shared ? arena_printf(a, SCHEME "%s", path) : arena_str(a, name.s),
                              .size = file->size};
    return native_link(file->location, path, e);
}

static bool is_table(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, ".sst");
}

static bool put_header(const struct files_out *f, const struct out_place *place, struct meta_stream *h, struct arena *a,
                       struct err *e)
{
    struct buf b = {0};
    struct out_file out;
    out_open(&out, place->dir, place->inline_max ? place->inline_max : OUT_INLINE);
    bool ok = keyed_header_put(&b, f->header, false, e) && out_put(&out, b.p, b.n, e);
    buf_free(&b);
    if (ok)
        return out_end(&out, h, a, e);
    out_drop(&out);
    return false;
}

bool files_write(const struct files_out *f, const struct out_place *place, struct meta_keyed *h, struct arena *a, struct err *e)
{
    struct native_db db = {0};
    *h = (struct meta_keyed){.tag = HANDLE_INCREMENTAL_V2,
                             .kg_first = f->kg_first,
                             .kg_count = f->kg_count,
                             .checkpoint_id = f->checkpoint_id,
                             .backend_id = arena_str(a, f->backend_id),
                             .id = arena_str(a, uuid_random().s)};
    if (!put_header(f, place, &h->stream, a, e) || !native_list(&db, f->dir, a, e))
        return false;
    h->shared = arena_array(a, db.n + 1, sizeof *h->shared);
    h->priv = arena_array(a, db.n + 1, sizeof *h->priv);
    h->checkpointed_size = (int64_t)h->stream.size;
    bool ok = true;
    for (uint32_t i = 0; ok && i < db.n; i++) {
        const struct native_file *file = &db.files[i];
        bool table = is_table(file->name);
        struct meta_file *m = table ? &h->shared[h->n_shared] : &h->priv[h->n_private];
        m->name = file->name;
        ok = table ? put_table(f, file, place, &m->stream, a, e) : put_whole(file, place, &m->stream, a, e);
        if (!ok)
            break;
        h->n_shared += table;
        h->n_private += !table;
        if (!table || !f->shared || !find(f->known, file->name))
            h->checkpointed_size += (int64_t)file->size;
    }
    if (ok && f->shared)
        ok = out_sync_dir(f->shared, e);
    if (!ok && f->shared) {
        struct files_known fresh = {0};
        files_keep(&fresh, h);
        files_drop(f->known, &fresh);
    }
    return ok;
}

/* --- what is known --- */

void files_keep(struct files_known *known, const struct meta_keyed *h)
{
    struct files_known now = {0};
    now.files = arena_array(&now.a, h->n_shared + 1, sizeof *now.files);
    for (uint32_t i = 0; i < h->n_shared; i++)
        if (h->shared[i].stream.tag == HANDLE_FILE)
            now.files[now.n++] = (struct meta_file){
                arena_str(&now.a, h->shared[i].name),
                {.tag = HANDLE_FILE, .path = arena_str(&now.a, h->shared[i].stream.path), .size = h->shared[i].stream.size}};
    arena_free(&known->a);
    *known = now;
}

void files_done(struct files_known *known, struct files_known *fresh)
{
    files_known_free(known);
    *known = *fresh;
    *fresh = (struct files_known){0};
}

void files_drop(const struct files_known *known, struct files_known *fresh)
{
    for (uint32_t i = 0; i < fresh->n; i++) {
        const char *path = files_path(&fresh->files[i].stream);
        if (path && !find(known, fresh->files[i].name))
            unlink(path);
    }
    files_known_free(fresh);
}

void files_known_free(struct files_known *known)
{
    arena_free(&known->a);
    *known = (struct files_known){0};
}
