/* Days, dates and times of day, in the proleptic Gregorian calendar; and their texts as Flink's DateTimeUtils (flink-table-common 2.3)
 * reads and writes them. */
#ifndef WEIR_SQL_CIVIL_H
#define WEIR_SQL_CIVIL_H

#include "sql/batch.h"

enum { MS_DAY = 86400000 };

struct civil {
    int64_t year;
    int month, day;           /* from 1 */
    int hour, minute, second; /* from 0 */
    int32_t nano;             /* of the second */
};

int64_t civil_days(int64_t year, int month, int day); /* since 1970-01-01 */
void civil_of_days(int64_t days, struct civil *c);    /* the date's members */
struct civil civil_of(struct stamp t);
struct stamp civil_stamp(const struct civil *c);
int civil_month_days(int64_t year, int month);
int civil_iso_week(int64_t days, int64_t *iso_year);

static inline int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b && (a % b < 0) != (b < 0)); }
static inline int64_t floor_mod(int64_t a, int64_t b) { return a - floor_div(a, b) * b; }

/* --- texts; `to` has room for 48 bytes; they return the length --- */

size_t civil_put_date(char *to, int64_t days);
size_t civil_put_time(char *to, int64_t ms, int precision);      /* CAST(TIME AS STRING): fraction digits as far as they go */
size_t civil_put_stamp(char *to, struct stamp t, int precision); /* "2020-01-01 00:00:00.123" */
size_t civil_put_months(char *to, int64_t months);               /* INTERVAL YEAR TO MONTH: "+1-02" */
size_t civil_put_interval(char *to, int64_t ms);                 /* INTERVAL DAY TO SECOND: "+10 00:00:00.004" */

bool civil_parse_date(struct bytes s, int64_t *days);
bool civil_parse_time(struct bytes s, int64_t *ms);
/* yyyy-[M]M-[d]d[ [H]H:[m]m:[s]s[.fffffffff]]; cut to the precision. */
bool civil_parse_stamp(struct bytes s, int precision, struct stamp *t);
/* A stamp cut to that many digits of the second. */
struct stamp civil_cut(struct stamp t, int precision);

#endif
