/* Decimal numbers of up to 38 digits, as Flink's DecimalDataUtils (flink-table-runtime 2.3) computes with them: exactly, then rounded half
 * up to the result's scale; what does not fit its precision is no number (false). Unscaled values, scales from 0 to 38. */
#ifndef WEIR_SQL_DEC_H
#define WEIR_SQL_DEC_H

#include "sql/batch.h"

enum { DEC_MAX = 38 };

i128 dec_power(int n); /* 10^n, 0 to 38 */
bool dec_fits(i128 v, int precision);
/* Digits of |v|, 1 for 0. */
int dec_digits(i128 v);

/* From one scale to another, rounding half up. */
bool dec_rescale(i128 *v, int from, int to, int precision);
bool dec_add(i128 a, int as, i128 b, int bs, bool minus, int precision, int scale, i128 *out);
bool dec_mul(i128 a, int as, i128 b, int bs, int precision, int scale, i128 *out);
/* By way of 38 significant digits, as there; b is not 0. */
bool dec_div(i128 a, int as, i128 b, int bs, int precision, int scale, i128 *out);
bool dec_mod(i128 a, int as, i128 b, int bs, int precision, int scale, i128 *out);
int dec_compare(i128 a, int as, i128 b, int bs);

double dec_double(i128 v, int scale);
/* From a double as BigDecimal#valueOf(double) and setScale; from an integer. */
bool dec_of_double(double d, int precision, int scale, i128 *out);
bool dec_of_int(int64_t i, int precision, int scale, i128 *out);
/* A number in text, blanks around it not allowed; with exponent. False: malformed (*malformed true) or too large. */
bool dec_of_text(struct bytes text, int precision, int scale, i128 *out, bool *malformed);
/* Plain digits with the scale's; returns the length, at most 44. */
size_t dec_text(char *to, i128 v, int scale);
/* The part in front of the point, towards zero; false when it does not fit 64 bits. */
i128 dec_whole(i128 v, int scale);

#endif
