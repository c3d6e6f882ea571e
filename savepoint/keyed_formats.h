/* What keyed_part.c needs of each format: one row of its table, one file. */
#ifndef WEIR_SAVEPOINT_KEYED_FORMATS_H
#define WEIR_SAVEPOINT_KEYED_FORMATS_H

#include "savepoint/savepoint.h"

struct keyed_format_ops {
    const char *name;
    bool (*open)(struct keyed_part *p, struct err *e); /* p->handle, ->snapshot, ->op are set; sets p->header */
    bool (*walk)(struct keyed_part *p, entry_fn *fn, void *ctx, struct err *e); /* NULL: walk_group, one after the other */
    bool (*walk_group)(struct keyed_part *p, uint32_t i, entry_fn *fn, void *ctx,
                       struct err *e);   /* NULL: groups do not lie apart */
    void (*close)(struct keyed_part *p); /* what open made in p->own; the blob and arena are closed by keyed_close */
};
extern const struct keyed_format_ops keyed_canonical, keyed_heap, keyed_database, keyed_changelog;

/* Reads the header of a key-group stream whose blob is open and says which of the two stream formats it is. */
bool keyed_stream_open(struct keyed_part *p, enum keyed_format *format, struct err *e);

#endif
