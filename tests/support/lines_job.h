/* A job that reads one file, which is in memory, by a format, and prints its changelog: for tests of formats, and of what unpacks files. */
#ifndef WEIR_TESTS_LINES_JOB_H
#define WEIR_TESTS_LINES_JOB_H

#include "runtime/runtime.h"

struct lines_job {
    const char *name; /* of the file */
    struct bytes content;
    size_t chunk;        /* bytes that are read at once, at most; 0: all */
    const char *columns; /* a JSON list: [{"name": "a", "dataType": "BIGINT"}, …] */
    const char *row;     /* the same as a type: "ROW<`a` BIGINT, …>" */
    const char *options; /* JSON members: "\"format\": \"json\"" */
    uint32_t batch_rows; /* 0: as many as there are */
};

/* Appends what it prints (--format ndjson) to out, also when it fails. */
bool lines_job_run(const struct lines_job *l, struct buf *out, struct err *e);

#endif
