/* Numbers as SQL writes them and literals of plans keep them: digits and a scale, of any length, as Java's BigDecimal has them. */
#ifndef WEIR_SQL_NUMBER_H
#define WEIR_SQL_NUMBER_H

#include <stdbool.h>

#include "base/mem.h"

struct number {
    bool minus;
    const char *digits; /* without leading zeros; "0" for zero */
    uint32_t n;
    int32_t scale; /* digits behind the point; below 0: zeros that are not written */
};

/* "12", "-1.50", ".5", "1e3". False: it is none, or its exponent is beyond any use. */
bool number_parse(struct arena *a, const char *text, size_t n, struct number *to);
/* BigDecimal#toString. */
const char *number_text(struct arena *a, const struct number *x);
/* Its digits behind the point cut to that many, rounded half up. */
struct number number_rounded(struct arena *a, const struct number *x, int32_t scale);
/* The integer, when the scale is 0 and it fits. */
bool number_int(const struct number *x, int64_t *to);

#endif
