/* The door for writing: a savepoint, entry by entry. Used by whoever copies, migrates, or runs a job.
 *
 *   writer_open → a temporary directory beside the target
 *   keyed_out, op_out, out_copy → the parts: each makes files and gives a handle. One thread a part, any number at once
 *   writer_operator, writer_subtask … → the metadata, in order, from the handles. One thread
 *   writer_finish → all is on the disk, then the target appears
 *
 * Whatever happens before the last step, at the target is nothing or something without a _metadata, which neither Flink nor weir takes
 * for a savepoint. Written is what Flink 1.15 and later read. Memory does not grow with the state. */
#ifndef WEIR_SAVEPOINT_WRITER_H
#define WEIR_SAVEPOINT_WRITER_H

#include "savepoint/keyed.h"
#include "savepoint/meta.h"

/* Where parts put their files. */
struct out_place {
    const char *dir;
    uint64_t inline_max; /* state of at most so many bytes stands in the metadata; 0: Flink's 20 KiB; OUT_NOWHERE (out_file.h) */
};

/* --- the savepoint --- */

struct writer;

/* target is a path that is not there yet, in a directory that is: ERR_REFUSED, ERR_MISSING. From m: version (3 to 6), checkpoint_id,
 * masters, properties or type_name, format and post_action (meta_write.h). Nothing of it is kept. */
bool writer_open(struct writer **w, const char *target, const struct meta *m, struct err *e);
/* Valid as long as w. */
struct out_place writer_place(const struct writer *w);
/* The next operator: everything of op but its subtasks. */
bool writer_operator(struct writer *w, const struct meta_operator *op, struct err *e);
/* The next subtask of that operator, with handles that parts have given. */
bool writer_subtask(struct writer *w, const struct meta_subtask *s, struct err *e);
/* Puts the savepoint in its place; w is released. False: nothing is left, unless the very last step failed, which is that the disk
 * confirms the directory's last change. */
bool writer_finish(struct writer *w, struct err *e);
/* A snapshot whose metadata is ready, and whose files lie where that says: written and put in its place in the same way. */
bool writer_ready(const char *target, struct bytes metadata, struct err *e);
/* Removes all of it (as the end by a signal does, base/temp.h). NULL is allowed. */
void writer_abort(struct writer *w);

/* --- keyed state --- */

struct keyed_out_opts {
    enum keyed_out_form {
        OUT_CANONICAL,
        OUT_HEAP,     /* the heap backend's native form */
        OUT_DATABASE, /* RocksDB's files, as Flink 1.16 and later write them; always sorts, and compresses in RocksDB's own way */
    } form;
    bool compress;
    bool once; /* what is sorted may have been written by people: two entries of one place are ERR_CONVERT */
    bool
        sort; /* entries come in any order, and a timer any number of times; else by ascending key group, states together in each */
    int32_t max_parallelism;
    int32_t kg_first;
    uint32_t kg_count;
    size_t budget; /* bytes of memory for sorting; 0: 64 MiB */
};

struct keyed_out;
/* header: key serializer and states, written as they were read (ser.raw, state_info.raw); outlives the part. */
bool keyed_out_open(struct keyed_out **k, const struct out_place *place, const struct keyed_header *header,
                    const struct keyed_out_opts *opts, struct err *e);
/* One entry in any form (keyed.h). info is one of the header's; the key group is one of the part's and decides the prefix of a
 * composite key. Entries of one map follow each other unless they are sorted. */
bool keyed_out_entry(struct keyed_out *k, const struct entry *en, struct err *e);
/* Ends the part and releases it. *h lives in the arena. */
bool keyed_out_end(struct keyed_out *k, struct meta_keyed *h, struct arena *a, struct err *e);
void keyed_out_drop(struct keyed_out *k); /* NULL is allowed */

/* --- operator state --- */

struct op_out_opts {
    int32_t version; /* 5, or 6 as Flink 1.18 and later write it */
    bool compress;   /* 6 only */
};

struct op_out;
/* states: n, lists first, then broadcast ones; written as they were read, and outliving the part. */
bool op_out_open(struct op_out **o, const struct out_place *place, const struct state_info *states, uint32_t n,
                 const struct op_out_opts *opts, struct err *e);
/* The next element of a list state, or all of a broadcast state. */
bool op_out_element(struct op_out *o, uint32_t state, struct bytes element, struct err *e);
/* Ends the part and releases it. *h, in the arena, names n states: those in `order`. */
bool op_out_end(struct op_out *o, const uint32_t *order, uint32_t n, struct meta_op_handle *h, struct arena *a, struct err *e);
void op_out_drop(struct op_out *o);

/* --- bytes that weir need not understand --- */

struct source;
bool out_copy(const struct out_place *place, struct source *src, struct meta_stream *h, struct arena *a, struct err *e);

#endif
