/* Spans of time as Flink writes them in options ("5 s", "200ms") and in plans ("PT10S", ISO 8601). */
#ifndef WEIR_RUNTIME_DURATION_H
#define WEIR_RUNTIME_DURATION_H

#include <stdbool.h>
#include <stdint.h>

bool duration_option(const char *text, int64_t *ms);
/* "128 mb", "64kb", "10" (MemorySize): bytes. */
bool memory_option(const char *text, uint64_t *bytes);
bool duration_iso(const char *text, int64_t *ms);

#endif
