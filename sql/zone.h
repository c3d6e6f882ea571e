/* Time zones by their names, out of the system's zoneinfo files (TZif, RFC 8536), and offsets like "GMT+08:00", as Java's TimeZone reads
 * them. A zone is loaded once and stays as long as its arena. */
#ifndef WEIR_SQL_ZONE_H
#define WEIR_SQL_ZONE_H

#include "base/err.h"
#include "base/mem.h"

struct zone;

/* NULL: no such zone (ERR_UNSUPPORTED), or its file is no TZif (ERR_CORRUPT). */
const struct zone *zone_load(struct arena *a, const char *name, size_t n, struct err *e);
/* Milliseconds to add to UTC at that moment. */
int64_t zone_offset(const struct zone *z, int64_t utc_ms);
/* Local milliseconds to UTC, as LocalDateTime#atZone: in a gap, the time moves forward by its length; in an overlap, the earlier offset. */
int64_t zone_utc(const struct zone *z, int64_t local_ms);

extern const struct zone zone_of_utc;

#endif
