/* The files that a snapshot's handles refer to: are they there, with all of their bytes? */
#ifndef WEIR_INSPECT_FILES_H
#define WEIR_INSPECT_FILES_H

#include "inspect/scan.h"

/* A part of a file that handles refer to; each once. */
struct file_segment {
    const char *path; /* as written */
    uint64_t start, size;
};

struct file_fault {
    enum err_kind kind; /* ERR_MISSING; ERR_INCOMPLETE: cut; ERR_CORRUPT: outside the snapshot; others: cannot be looked at */
    char *text;         /* one line: file, what is wrong, whose it is */
};

struct files {
    struct file_segment *segments; /* by path and start */
    uint32_t n_segments, n_files;
    uint64_t bytes;        /* of the segments */
    uint64_t inline_bytes; /* of states that stand in _metadata itself */
    uint32_t moved;        /* files that are not where the snapshot says, but were found beside it */
    uint32_t n_faults;
    struct file_fault *faults;
    bool *part_faulty; /* by part of the scan: one of its files is in `faults` */
    struct arena arena;
};

/* Looks at every file that the scan's operators refer to, once each. */
void files_check(struct files *f, const struct scan *s);
void files_free(struct files *f);

/* Bytes in a that are not in b: what a checkpoint has written that the one before it had not. */
uint64_t files_new_bytes(const struct files *a, const struct files *b);

#endif
