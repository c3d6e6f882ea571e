/* Dates and times from the text that java.time's classes print: the other side of javaio.h. */
#ifndef WEIR_SAVEPOINT_TIMETEXT_H
#define WEIR_SAVEPOINT_TIMETEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct date_text {
    int32_t year; /* -999999999 to 999999999; of an instant one more */
    int month, day;
};
struct time_text {
    int h, m, s;
    int32_t nanos;
};

/* All of the text must be it; days are checked against the month. */
bool date_of_text(struct bytes text, struct date_text *d);                          /* 2024-02-29, +12345-01-01 */
bool time_of_text(struct bytes text, struct time_text *t);                          /* 12:30, 12:30:05, 12:30:05.123456789 */
bool datetime_of_text(struct bytes text, struct date_text *d, struct time_text *t); /* date T time, or a blank between them */
bool instant_of_text(struct bytes text, int64_t *seconds, int32_t *nanos);          /* date T time Z */

int64_t epoch_day_of(const struct date_text *d);
/* Seconds since 1970 of a date and time, UTC. */
int64_t epoch_second_of(const struct date_text *d, const struct time_text *t);

/* "ms:1700000000000", or digits alone; "ts:1700000000123:123000000". */
bool ms_of_text(struct bytes text, int64_t *ms);
bool ts_of_text(struct bytes text, int64_t *ms, int32_t *nanos);

#endif
