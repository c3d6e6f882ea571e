/* Where snapshots lie: one small interface over local files and object stores, read only.
 *
 * A location is a path or a URI. stores.def lists the schemes; one that weir cannot reach yet has a row that says so. */
#ifndef WEIR_SAVEPOINT_STORE_H
#define WEIR_SAVEPOINT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct store_file;

/* One scheme's operations (stores.def names them). All take whole locations as given by the user or as joined by store_join. */
struct store_ops {
    /* Opens for reading; sets file->size, and file->map when the bytes can be mapped. ERR_MISSING when it is not there. */
    bool (*open)(struct store_file *file, struct err *e);
    /* Reads exactly n bytes at off (both inside size). */
    bool (*read)(struct store_file *file, uint64_t off, void *to, size_t n, struct err *e);
    void (*close)(struct store_file *file);
    /* Names directly below a directory, each with a trailing "/" when it is a directory; sorted. ERR_MISSING when it is not there. */
    bool (*list)(const char *dir, struct arena *a, const char ***names, uint32_t *n, struct err *e);
};
extern const struct store_ops store_local, store_s3;

struct store_file {
    const struct store_ops *ops;
    char *location; /* owned */
    uint64_t size;
    const uint8_t *map; /* local files: all `size` bytes; NULL where only read() works (or size is 0) */
    void *own;          /* the scheme's */
};

/* Opens a location. The file is closed by store_close, which is allowed on a zeroed one and on one that failed to open. A file
 * belongs to one thread at a time. */
bool store_open(struct store_file *file, const char *location, struct err *e);
/* Reads exactly n bytes at off, also from a mapped file. Beyond the end: ERR_CORRUPT. */
bool store_read(struct store_file *file, uint64_t off, void *to, size_t n, struct err *e);
void store_close(struct store_file *file);
bool store_list(const char *dir, struct arena *a, const char ***names, uint32_t *n, struct err *e);

/* "dir" + "/" + relative, or `name` itself when it is absolute or a URI. */
char *store_join(struct arena *a, const char *dir, const char *name);
/* The directory part of a location, without the trailing slash ("." for none). */
char *store_dir(struct arena *a, const char *location);
/* What stands behind the last slash that is not the end: "b" of "/a/b", "b/" of "/a/b/". */
const char *store_base(const char *location);
/* True for local paths ("file:" URIs are made paths by store_normal). */
bool store_is_local(const char *location);
/* A location in the form that the rest uses: "file:/x", "file:///x" become "/x"; %-escapes are left alone; others as they are. */
char *store_normal(struct arena *a, const char *location);

/* To be called once by main: a mapped file that shrinks while it is read then ends the program with one line and exit 3 (one
 * whose disk fails: exit 2) instead of SIGBUS. */
void store_guard_sigbus(void);

#endif
