/* A file of a snapshot that is being written. What stays small is kept in memory, and its handle holds the bytes, as Flink does
 * (FsCheckpointStreamFactory; state.storage.fs.memory-threshold, 20 KiB). Files get random UUIDs for names, handles are relative. */
#ifndef WEIR_SAVEPOINT_OUT_FILE_H
#define WEIR_SAVEPOINT_OUT_FILE_H

#include "savepoint/meta.h"

enum { OUT_INLINE = 20 << 10 };
/* For `keep`: bytes are counted and dropped, and the handle says only how many they were. For trials. */
#define OUT_NOWHERE UINT64_MAX

struct out_file {
    const char *dir; /* of the snapshot; the caller's */
    char *path;      /* NULL while all is in memory */
    int fd;
    uint64_t keep;    /* so many bytes are not yet worth a file */
    uint64_t flushed; /* bytes in the file */
    struct buf buf;   /* the bytes behind them */
};

void out_open(struct out_file *f, const char *dir, uint64_t keep);
/* A file by that name at once. */
bool out_create(struct out_file *f, const char *dir, const char *name, struct err *e);
static inline uint64_t out_pos(const struct out_file *f) { return f->flushed + f->buf.n; }
bool out_put(struct out_file *f, const void *p, size_t n, struct err *e);
/* Overwrites bytes that were put before. */
bool out_patch(struct out_file *f, uint64_t at, const void *p, size_t n, struct err *e);
/* Everything is on the disk; f is closed, whatever comes of it. */
bool out_sync(struct out_file *f, struct err *e);
/* The same, and *h is the handle, in the arena. */
bool out_end(struct out_file *f, struct meta_stream *h, struct arena *a, struct err *e);
/* Closes without more ado. Allowed on a zeroed one, and twice. */
void out_drop(struct out_file *f);

struct uuid {
    char s[37];
};
struct uuid uuid_random(void);

/* fsync of a directory. */
bool out_sync_dir(const char *dir, struct err *e);

#endif
