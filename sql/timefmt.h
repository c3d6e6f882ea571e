/* Patterns of dates and times, "yyyy-MM-dd HH:mm:ss.SSS": what java.time.format.DateTimeFormatter and java.text.SimpleDateFormat (JDK 17, in
 * English) have in common, and where they differ. */
#ifndef WEIR_SQL_TIMEFMT_H
#define WEIR_SQL_TIMEFMT_H

#include "sql/civil.h"

enum timefmt_kind {
    TIMEFMT_STRICT, /* DateTimeFormatter */
    TIMEFMT_LENIENT /* SimpleDateFormat: months and days may overflow, text behind is not looked at, S are milliseconds */
};

/* Appends; false: the pattern has a letter that is not known. */
bool timefmt_put(struct buf *to, struct bytes pattern, enum timefmt_kind kind, const struct civil *c);
/* What the pattern does not say is as in 1970-01-01 00:00:00. */
bool timefmt_read(struct bytes text, struct bytes pattern, enum timefmt_kind kind, struct civil *c);

#endif
