/* A part of operator state (DefaultOperatorStateBackendSnapshotStrategy, CompressibleFSDataOutputStream). */
#include <stdlib.h>
#include <string.h>

#include "base/snappy_frame.h"
#include "base/wr.h"
#include "savepoint/out_file.h"
#include "savepoint/writer.h"

struct op_out {
    struct out_file file;
    const struct state_info *states;
    uint32_t n;
    bool compress;
    struct buf *offsets; /* per state */
    struct buf packed;
};

static void put_infos(struct buf *b, const struct state_info *infos, uint32_t n)
{
    wr_u16(b, (uint16_t)n);
    for (uint32_t i = 0; i < n; i++)
        wr_bytes(b, infos[i].raw);
}

/* OperatorBackendSerializationProxy#write. */
static bool put_header(struct buf *b, const struct op_out *o, int32_t version, struct err *e)
{
    uint32_t lists = 0;
    while (lists < o->n && o->states[lists].kind == KIND_OPERATOR_LIST)
        lists++;
    if (o->n > INT16_MAX)
        return err_set(e, ERR_UNSUPPORTED, "%u states in one operator", o->n);
    wr_i32(b, version);
    if (version >= 6)
        wr_u8(b, o->compress);
    put_infos(b, o->states, lists);
    put_infos(b, o->states + lists, o->n - lists);
    if (o->compress)
        snappy_put_identifier(b);
    return true;
}

bool op_out_open(struct op_out **out, const struct out_place *place, const struct state_info *states, uint32_t n,
                 const struct op_out_opts *opts, struct err *e)
{
    struct op_out *o = mem_zalloc(sizeof *o);
    *out = NULL;
    o->states = states;
    o->n = n;
    o->compress = opts->compress && opts->version >= 6;
    o->offsets = mem_zalloc(n * sizeof *o->offsets);
    out_open(&o->file, place->dir, place->inline_max ? place->inline_max : OUT_INLINE);
    if (!put_header(&o->packed, o, opts->version, e) || !out_put(&o->file, o->packed.p, o->packed.n, e)) {
        op_out_drop(o);
        return false;
    }
    *out = o;
    return true;
}

bool op_out_element(struct op_out *o, uint32_t state, struct bytes element, struct err *e)
{
    wr_u64(&o->offsets[state], out_pos(&o->file));
    if (!o->compress)
        return out_put(&o->file, element.p, element.n, e);
    o->packed.n = 0;
    for (size_t at = 0; at < element.n; at += SNAPPY_PLAIN_MAX)
        snappy_put(&o->packed, element.p + at, element.n - at < SNAPPY_PLAIN_MAX ? element.n - at : SNAPPY_PLAIN_MAX);
    return out_put(&o->file, o->packed.p, o->packed.n, e);
}

bool op_out_end(struct op_out *o, const uint32_t *order, uint32_t n, struct meta_op_handle *h, struct arena *a, struct err *e)
{
    *h = (struct meta_op_handle){.tag = HANDLE_OPERATOR, .n = n, .states = arena_array(a, n, sizeof *h->states)};
    for (uint32_t i = 0; i < n; i++) {
        const struct state_info *info = &o->states[order[i]];
        const struct buf *at = &o->offsets[order[i]];
        h->states[i] = (struct meta_op_state){.name = arena_str(a, info->name),
                                              .mode = info->mode,
                                              .n = (uint32_t)(at->n / 8),
                                              .offsets = at->n ? (const uint8_t *)arena_strn(a, (const char *)at->p, at->n) : NULL};
    }
    bool ok = out_end(&o->file, &h->stream, a, e);
    op_out_drop(o);
    return ok;
}

void op_out_drop(struct op_out *o)
{
    if (!o)
        return;
    out_drop(&o->file);
    for (uint32_t i = 0; i < o->n; i++)
        buf_free(&o->offsets[i]);
    free(o->offsets);
    buf_free(&o->packed);
    free(o);
}
