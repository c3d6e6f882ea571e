/* Spans of time as Flink writes them in options ("5 s", "200ms") and in plans ("PT10S", ISO 8601). */
#ifndef WEIR_BASE_DURATION_H
#define WEIR_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

bool duration_option(const char *text, int64_t *ms);
/* "128 mb", "64kb", "10" (MemorySize): bytes. */
bool memory_option(const char *text, uint64_t *bytes);
/* As TimeUtils#formatWithHighestUnit: "1 d", "36 h", "0 ms". */
const char *duration_put(struct arena *a, int64_t ms);
bool duration_iso(const char *text, int64_t *ms);

#endif
