/* RocksDB's MANIFEST: which tables are live (db/log_format.h, db/version_edit.cc, db/version_edit.h). */
#ifndef WEIR_SAVEPOINT_SST_MANIFEST_H
#define WEIR_SAVEPOINT_SST_MANIFEST_H

#include "base/err.h"
#include "base/mem.h"

struct sst_live {
    uint32_t family, level;
    uint64_t number, size;          /* <number, at least 6 digits>.sst; size in bytes */
    struct bytes smallest, largest; /* user keys */
    bool largest_open;              /* the end of a range deletion: `largest` itself is not in the table */
    uint64_t last_seq;              /* UINT64_MAX: not written */
};

struct sst_family {
    uint32_t id;
    const char *name; /* the bytes as they are, with a 0 behind them */
    uint32_t n;
    const struct sst_live *live; /* ascending by smallest key */
};

struct sst_manifest {
    uint32_t n;
    struct sst_family *families; /* in the order of their ids */
};

/* Reads a whole MANIFEST. Everything in m lies in the arena. ERR_CORRUPT with a position, ERR_UNSUPPORTED. */
bool sst_manifest_read(struct sst_manifest *m, struct bytes file, const char *name, struct arena *a, struct err *e);

/* The name of the MANIFEST in CURRENT's content, or NULL (e is set). In the arena. */
const char *sst_current(struct bytes file, const char *name, struct arena *a, struct err *e);

/* Appends a MANIFEST of a database that begins with these families ("default" is there anyway, and the ids of the others count from 1)
 * and their tables, all at the bottom and without sequence numbers. next_file: no file has that number or a higher one. */
void sst_manifest_write(struct buf *to, const struct sst_manifest *m, uint64_t next_file);

#endif
