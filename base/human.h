/* Numbers for people. */
#ifndef WEIR_BASE_HUMAN_H
#define WEIR_BASE_HUMAN_H

#include <stdint.h>

struct human {
    char s[32];
};

/* "17 B", "3.4 KiB", "1.2 GiB". */
struct human human_bytes(uint64_t n);
/* "1,234,567" */
struct human human_count(uint64_t n);
/* Of a whole: "37.5%"; "<0.1%" for little, "-" when the whole is 0. */
struct human human_share(uint64_t part, uint64_t whole);
/* "42 s", "3:07 min", "1:02:03 h". */
struct human human_seconds(uint64_t s);
/* Milliseconds since 1970 as "2024-05-06 07:08:09 UTC". */
struct human human_time(int64_t ms);

#endif
