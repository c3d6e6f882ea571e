/* The door of the room: open a snapshot (a savepoint or a retained checkpoint), look at its metadata, walk its state.
 *
 *   snapshot_open → snapshot->meta: operators, subtasks, handles
 *   keyed_open    → a keyed handle's header (states and serializers) and its entries, whatever format holds them
 *   opstate_open  → an operator-state handle's states and elements (opstate.h)
 *   timers_open   → timers in raw keyed state (rawtimers.h)
 *
 * An open snapshot may be used by several threads at once; a keyed or operator part by one. */
#ifndef WEIR_SAVEPOINT_SAVEPOINT_H
#define WEIR_SAVEPOINT_SAVEPOINT_H

#include "savepoint/keyed.h"
#include "savepoint/meta.h"
#include "savepoint/store.h"

/* A file that weir migrate leaves beside _metadata: which scripts the snapshot has been through. Flink looks at no file that no handle
 * names. */
#define SNAPSHOT_TRAIL "weir-migrations.json"

struct snapshot_opts {
    bool outside;            /* follow handles that point outside the snapshot's own directories */
    const struct told *told; /* what the user says of classes of his own (told.h), or NULL; outlives the snapshot */
};

struct snapshot {
    struct meta meta;
    char *location; /* of the _metadata file */
    char *dir;      /* the directory that holds it */
    char *root;     /* files may lie below this: dir, for checkpoints also their siblings (see snapshot_open) */
    struct snapshot_opts opts;
    struct arena arena;
    struct store_file file; /* the _metadata file itself */
    struct bytes bytes;     /* its content */
    void *copy;             /* where it could not be mapped */
    uint32_t n_near;        /* files found beside the snapshot, for absolute paths that are gone: sorted by base name */
    const char **near;
};

/* Opens a snapshot by its directory, its _metadata file, or (for a job's checkpoint directory) the newest chk-N in it.
 *
 * root is dir for a savepoint. For …/<job id>/chk-N it is the parent of <job id>'s directory, since a claimed checkpoint goes on
 * naming files of the job that it was taken over from. A handle outside root is refused unless opts->outside. */
bool snapshot_open(struct snapshot **s, const char *location, const struct snapshot_opts *opts, struct err *e);
void snapshot_close(struct snapshot *s);

/* The bytes behind a stream handle: a file, a part of one, or inline. */
struct blob {
    struct store_file file;
    bool open;
    const uint8_t *p;     /* all bytes, where they are in memory or mapped; else NULL */
    uint64_t start, size; /* of the state in the file */
    const char *name;     /* for messages: the file's location, or "_metadata (inline state)" */
    uint64_t origin;      /* what an offset of 0 is in that file */
};
/* Resolves and opens. Relative paths are taken from the snapshot's directory; an absolute path that is gone is looked for by its
 * name beside the snapshot (a moved checkpoint). ERR_MISSING, or ERR_CORRUPT when the file is shorter than the handle says. */
bool blob_open(struct blob *b, const struct snapshot *s, const struct meta_stream *h, struct err *e);
/* Bytes [off, off + len) of the blob; len UINT64_MAX: to the end. Checks the range. */
bool blob_source(struct blob *b, uint64_t off, uint64_t len, struct source *src, struct err *e);
/* n bytes that src, one of b's, has made contiguous at its position, so that they stay after source_close: as long as b is open, or
 * the arena. */
const uint8_t *blob_kept(const struct blob *b, const struct source *src, size_t n, struct arena *a);
void blob_close(struct blob *b);
/* The location of the file behind a handle (NULL: inline or none), resolved as blob_open does. */
const char *snapshot_locate(const struct snapshot *s, const struct meta_stream *h, struct arena *a, struct err *e);

enum keyed_format { KEYED_CANONICAL, KEYED_HEAP, KEYED_DATABASE, KEYED_CHANGELOG };
const char *keyed_format_name(enum keyed_format f);

/* One keyed-state handle, opened. */
struct keyed_part {
    enum keyed_format format;
    const struct keyed_header *header;
    const struct snapshot *snapshot;
    const struct meta_operator *op;
    const struct meta_keyed *handle;
    struct arena arena;
    struct blob blob;       /* stream formats: the data; database: the meta stream */
    void *own;              /* the format's */
    uint32_t opaque_groups; /* heap: key groups whose rest could not be framed */
};
/* Opens a managed keyed handle (not HANDLE_NULL) and reads its header. */
bool keyed_open(struct keyed_part **p, const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h,
                struct err *e);
/* Gives every entry to fn, in a fixed order: by key group and then as they lie (streams), by state and key (database). */
bool keyed_walk(struct keyed_part *p, entry_fn *fn, void *ctx, struct err *e);
/* The same in slices, each of which has all entries of its keys: a key group (streams), or everything. */
uint32_t keyed_slices(const struct keyed_part *p);
bool keyed_walk_slice(struct keyed_part *p, uint32_t slice, entry_fn *fn, void *ctx, struct err *e);
void keyed_close(struct keyed_part *p);
/* Bytes of a key group in front of composite keys: 1 up to 128 key groups in all, else 2. */
static inline uint8_t keyed_prefix(int32_t max_parallelism) { return max_parallelism > 128 ? 2 : 1; }

/* The operator id of a uid (StreamGraphHasherV2: Murmur3 x64 128, seed 0). */
void operator_id_of_uid(const char *uid, uint8_t id[16]);

#endif
