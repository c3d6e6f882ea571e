/* Comma-separated values (RFC 4180), a record after the other: fields in quotation marks may hold commas, line ends and doubled marks. */
#ifndef WEIR_MIGRATE_CSV_H
#define WEIR_MIGRATE_CSV_H

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"

enum { CSV_FIELDS = 4096, CSV_RECORD = 64 << 20 /* bytes */ };

struct csv_field {
    const char *text; /* UTF-8, a 0 behind it */
    size_t n;
    bool quoted;
};

struct csv {
    FILE *f;            /* the caller's */
    size_t line, begun; /* lines that have been read, and the one that the record begins in */
    struct buf bytes;
    size_t ends[CSV_FIELDS];
    struct csv_field fields[CSV_FIELDS];
    uint32_t n;
};

/* The next record, valid until the one after it; empty lines are left out. False at the end (*e is not set), or when it is none. */
bool csv_next(struct csv *c, struct err *e);
void csv_free(struct csv *c);

#endif
