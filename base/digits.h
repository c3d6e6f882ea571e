/* Decimal digits of numbers, fast: integers, and the shortest decimal that reads back as the same floating-point number. */
#ifndef WEIR_BASE_DIGITS_H
#define WEIR_BASE_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes v without leading zeros; returns the number of digits (1 to 20). */
size_t digits_u64(char *to, uint64_t v);

/* The shortest decimal inside the rounding interval of a positive finite number, the nearest one if there are several:
 * v = *mantissa * 10^(return value), the mantissa below 10^17 and without trailing zeros. single: v is a float. */
int digits_shortest(double v, bool single, uint64_t *mantissa);

#endif
