/* Decimal numbers as text, and the two's complement integers that java.math makes of them. */
#ifndef WEIR_SAVEPOINT_DECIMAL_H
#define WEIR_SAVEPOINT_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

enum { DECIMAL_MAX_DIGITS = 150000 };

struct decimal {
    bool negative;
    int32_t scale;     /* digits behind the point; negative: zeros in front of it */
    struct buf digits; /* without leading zeros; "0" for zero */
};

/* Reads what BigDecimal#toString writes, and JSON's numbers: -12.50, 1E+3. False: it is none, or has too many digits. buf_free(&d->digits) in
 * any case. */
bool decimal_parse(struct decimal *d, const char *s, size_t n);
/* The same number with that scale; false when digits that are not zero would be lost. */
bool decimal_rescale(struct decimal *d, int32_t scale);
/* Appends the unscaled value: two's complement, big-endian, as few bytes as it takes (BigInteger#toByteArray). */
void decimal_unscaled(const struct decimal *d, struct buf *to);

#endif
