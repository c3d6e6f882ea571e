#include "savepoint/copy_parts.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/out_file.h"

static bool uses_kryo(const struct ser *s)
{
    bool yes = s && s->read == read_kryo;
    for (uint32_t i = 0; s && !yes && i < s->n; i++)
        yes = uses_kryo(s->kids[i]);
    return yes;
}

bool copy_may_hold(const struct snapshot *s, const struct state_info *info, int32_t version, struct err *e)
{
    bool crosses = (s->meta.version >= 5) != (version >= 5);
    if (info->v2 && version < 5)
        return err_set(e, ERR_UNSUPPORTED,
                       "state \"%s\" is of the asynchronous kind, which metadata before version 5 (Flink 2.0) has not", info->name);
    if (crosses && (uses_kryo(info->value) || uses_kryo(info->user_key)))
        return err_set(
            e, ERR_UNSUPPORTED,
            "state \"%s\" is held by Kryo, whose bytes differ between Flink 1 and 2, so metadata version %d would tell them wrong",
            info->name, version);
    return true;
}

bool copy_form_of(const struct snapshot *s, enum keyed_out_form *form, struct err *e)
{
    *form = s->meta.format && !strcmp(s->meta.format, "NATIVE") ? OUT_HEAP : OUT_CANONICAL;
    for (uint32_t i = 0; i < s->meta.n; i++)
        for (uint32_t j = 0; j < s->meta.operators[i].n; j++) {
            const struct meta_keyed *h = &s->meta.operators[i].subtasks[j].keyed;
            if (h->tag == HANDLE_NULL)
                continue;
            struct keyed_part *p;
            if (!keyed_open(&p, s, &s->meta.operators[i], h, e))
                return false;
            *form = p->format == KEYED_HEAP ? OUT_HEAP : p->format == KEYED_DATABASE ? OUT_DATABASE : OUT_CANONICAL;
            keyed_close(p);
            return true;
        }
    return true;
}

bool copy_stream(const struct snapshot *s, const struct out_place *place, const struct meta_stream *h, struct meta_stream *to,
                 struct arena *a, struct err *e)
{
    struct blob b;
    struct source src;
    *to = (struct meta_stream){0};
    if (h->tag == HANDLE_NULL || h->tag == HANDLE_EMPTY_SEGMENT)
        return true;
    if (!blob_open(&b, s, h, e))
        return false;
    bool ok = blob_source(&b, 0, UINT64_MAX, &src, e);
    if (ok) {
        ok = out_copy(place, &src, to, a, e);
        source_close(&src);
    }
    blob_close(&b);
    return ok;
}

bool copy_raw(const struct snapshot *s, const struct out_place *place, const struct meta_op_handle *h, struct meta_op_handle *to,
              struct arena *a, struct err *e)
{
    *to = *h;
    return copy_stream(s, place, &h->stream, &to->stream, a, e);
}

bool copy_raw_keyed(const struct snapshot *s, const struct out_place *place, const struct meta_keyed *h, struct meta_keyed *to,
                    struct arena *a, struct err *e)
{
    if (h->tag == HANDLE_NULL)
        return true;
    if (h->tag != HANDLE_KEY_GROUPS && h->tag != HANDLE_KEY_GROUPS_V2)
        return err_set(e, ERR_CORRUPT, "%s: raw keyed state at offset %llu in a %s", s->location, (unsigned long long)h->at,
                       handle_name(h->tag));
    *to = *h;
    to->tag = HANDLE_KEY_GROUPS_V2;
    to->id = arena_str(a, uuid_random().s);
    return copy_stream(s, place, &h->stream, &to->stream, a, e);
}

static bool same_stream(const struct meta_stream *a, const struct meta_stream *b)
{
    return a->tag == b->tag && a->start == b->start && a->size == b->size && !strcmp(a->path, b->path);
}

static bool move(struct copied_files *files, const struct snapshot *s, const struct out_place *place, const struct meta_stream *h,
                 struct meta_stream *to, struct err *e)
{
    for (size_t i = files->n; h->path && i-- > 0;)
        if (same_stream(files->v[i].from, h)) {
            *to = files->v[i].to;
            return true;
        }
    if (!copy_stream(s, place, h, to, &files->arena, e))
        return false;
    files->v = mem_grow(files->v, files->n + 1, sizeof *files->v);
    files->v[files->n++] = (struct copied_file){h, *to};
    return true;
}

struct meta_channel *copy_channels(struct copied_files *files, const struct snapshot *s, const struct out_place *place,
                                   const struct meta_channel *from, uint32_t n, struct arena *a, struct err *e)
{
    struct meta_channel *to = arena_array(a, n, sizeof *to);
    for (uint32_t i = 0; i < n; i++) {
        to[i] = from[i];
        if (!move(files, s, place, &from[i].stream, &to[i].stream, e))
            return NULL;
    }
    return to;
}

void copied_files_free(struct copied_files *files)
{
    free(files->v);
    arena_free(&files->arena);
}
