/* JSON text, read piece by piece without a tree: what is not wanted is skipped and costs no memory.
 *
 * The text may be hostile. The first thing that is wrong fails the reader; from then on loops end, values are null, and `why` says
 * what it was. Nesting is limited. Strict as RFC 8259, but for escaped lone surrogates, which become U+FFFD, as does an escaped NUL. */
#ifndef WEIR_BASE_JSONR_H
#define WEIR_BASE_JSONR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

enum { JSONR_DEPTH = 2048 };

enum jsonr_kind { JSONR_NULL, JSONR_BOOL, JSONR_NUMBER, JSONR_STRING, JSONR_ARRAY, JSONR_OBJECT };

struct jsonr {
    const uint8_t *p, *end, *start;
    const char *why; /* NULL: all is well so far */
    uint32_t depth;
    bool first;  /* in a container that was just opened */
    bool absent; /* the loop that begins has nothing to go over */
    bool
        java; /* set behind jsonr_start: escaped lone surrogates (as their three bytes) and NULs are kept, as Java's texts have them */
    struct buf text; /* of the last string that had escapes */
};

void jsonr_start(struct jsonr *r, const void *p, size_t n);
void jsonr_free(struct jsonr *r);
/* Whether all is well and only blanks are left; fails the reader otherwise. */
bool jsonr_end(struct jsonr *r);
/* Where it stands, or where it failed, in bytes. */
size_t jsonr_at(const struct jsonr *r);

/* What comes next; JSONR_NULL when the reader has failed. */
enum jsonr_kind jsonr_peek(struct jsonr *r);

/* Reads the next value if it is of that kind; else skips it, leaves *v alone and returns false. */
bool jsonr_bool(struct jsonr *r, bool *v);
bool jsonr_string(struct jsonr *r, struct bytes *v); /* UTF-8, valid until the next call */
/* A number as its digits; they follow JSON's grammar. */
bool jsonr_number(struct jsonr *r, struct bytes *v);

/* for (jsonr_array(r); jsonr_next(r);) one value; for (jsonr_object(r); jsonr_key(r, &key);) one value. Another kind of value is
 * skipped and gives no turn. A key is valid until the next call. */
void jsonr_array(struct jsonr *r);
bool jsonr_next(struct jsonr *r);
void jsonr_object(struct jsonr *r);
bool jsonr_key(struct jsonr *r, struct bytes *key);

void jsonr_skip(struct jsonr *r);
/* The next value's text as it stands. */
struct bytes jsonr_raw(struct jsonr *r);

/* Digits as numbers. An integer may be written with fraction or exponent when it is one; false when it is none or too large. */
bool jsonr_to_int(struct bytes digits, int64_t *v);
double jsonr_to_real(struct bytes digits); /* NaN when it is no number */

#endif
