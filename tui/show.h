/* Figures as short text, for cells of a few columns. An absent figure (live/model.h) is "-". */
#ifndef WEIR_TUI_SHOW_H
#define WEIR_TUI_SHOW_H

#include <stdint.h>

struct shown {
    char s[48];
};

struct shown show_ms(int64_t ms);        /* a duration: "340 ms", "12.3 s", "3m07s", "5h03m", "2d04h" */
struct shown show_age(int64_t ms);       /* a duration that goes on, in whole seconds: "0 s", "12 s", then as above */
struct shown show_bytes(int64_t n);      /* "3.4 KiB" */
struct shown show_count(int64_t n);      /* "1,234,567" */
struct shown show_rate(double a_second); /* "340/s", "12.3k/s" */
struct shown show_share(double share);   /* 0 to 1: "82%" */
struct shown show_time(int64_t ms);      /* since 1970, UTC: "07:08:09" of today (see show_now), else "05-06 07:08" */
/* What "today" is; 0: the clock's. */
void show_now(int64_t ms);

#endif
