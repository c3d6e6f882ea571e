/* Regular expressions as java.util.regex has them (JDK 17), run by PCRE2.
 *
 * Patterns are rewritten where both differ: \uXXXX, \p{Alpha} and the like, \Z; what Java does not know (verbs, recursion, \K) is no pattern.
 * Classes inside classes and "&&" are not there yet: REGEX_REFUSED, never a wrong result. */
#ifndef WEIR_SQL_REGEX_H
#define WEIR_SQL_REGEX_H

#include <stdbool.h>

#include "base/mem.h"

struct regex;
enum regex_made { REGEX_MADE, REGEX_MALFORMED, REGEX_REFUSED };

/* Where memory of a pattern comes from; it is never given back one by one. */
struct regex_memory {
    void *(*alloc)(size_t n, void *from);
    void *from;
};

/* `whole`: it has to match all of a text (Matcher#matches). The result lives as long as the memory, and belongs to one thread. */
enum regex_made regex_make(const struct regex_memory *memory, struct bytes pattern, bool whole, struct regex **to);

struct regex_span {
    size_t from, to; /* bytes */
};

enum regex_found { REGEX_NO, REGEX_YES, REGEX_TOO_MUCH /* work: more backtracking than allowed */ };
/* The first match at or behind `from` bytes. */
enum regex_found regex_find(struct regex *r, struct bytes s, size_t from);
/* Of the last match: a group, 0 is all of it. False: it took no part. */
bool regex_group(const struct regex *r, uint32_t group, struct regex_span *span);
uint32_t regex_groups(const struct regex *r); /* without group 0 */

#endif
