/* Which scripts a snapshot has been through: a file in its directory that Flink ignores (SNAPSHOT_TRAIL, savepoint.h). */
#ifndef WEIR_MIGRATE_TRAIL_H
#define WEIR_MIGRATE_TRAIL_H

#include "base/digest.h"
#include "savepoint/savepoint.h"

struct trail_row {
    const char *script; /* its file's name, without the directory */
    const char *sha256; /* of its text */
    const char *at;     /* "2026-11-26T08:00:00Z" */
};
struct trail {
    uint32_t n;
    struct trail_row *rows; /* in the order in which they ran */
    struct arena arena;
};

/* What the snapshot's directory tells; nothing when there is no such file. ERR_CORRUPT when it cannot be understood. */
bool trail_read(struct trail *h, const struct snapshot *s, struct err *e);
/* From its text; `name` is for messages. */
bool trail_parse(struct trail *h, struct bytes text, const char *name, struct err *e);
/* Adds a row; the texts are copied. */
void trail_add(struct trail *h, const char *script, const char *sha256, const char *at);
/* The row of a script, or NULL. */
const struct trail_row *trail_find(const struct trail *h, const char *script);
/* The file's content. */
void trail_write(const struct trail *h, struct buf *out);
void trail_free(struct trail *h);

#endif
