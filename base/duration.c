#include "base/duration.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool duration_option(const char *text, int64_t *ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1},         {"milli", 1},      {"millis", 1},      {"millisecond", 1}, {"milliseconds", 1},
                 {"", 1},           {"s", 1000},       {"sec", 1000},      {"secs", 1000},     {"second", 1000},
                 {"seconds", 1000}, {"min", 60000},    {"m", 60000},       {"minute", 60000},  {"minutes", 60000},
                 {"h", 3600000},    {"hour", 3600000}, {"hours", 3600000}, {"d", 86400000},    {"day", 86400000},
                 {"days", 86400000}};
    char *end;
    while (isspace((unsigned char)*text))
        text++;
    if (!isdigit((unsigned char)*text))
        return false;
    int64_t n = strtoll(text, &end, 10);
    while (isspace((unsigned char)*end))
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit))
            return !__builtin_mul_overflow(n, units[i].ms, ms);
    return false;
}

const char *duration_put(struct arena *a, int64_t ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}};
    for (size_t i = 0; ms && i < sizeof units / sizeof *units; i++)
        if (ms % units[i].ms == 0)
            return arena_printf(a, "%lld %s", (long long)(ms / units[i].ms), units[i].unit);
    return arena_printf(a, "%lld ms", (long long)ms);
}

bool memory_option(const char *text, uint64_t *bytes)
{
    static const char *const units[] = {"b", "bytes", "k", "kb", "m", "mb", "g", "gb", "t", "tb"};
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    *bytes = strtoull(text, &end, 10);
    while (isspace((unsigned char)*end))
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcasecmp(end, units[i]) || (!*end && !i))
            return !__builtin_mul_overflow(*bytes, UINT64_C(1) << i / 2 * 10, bytes);
    return false;
}

bool duration_iso(const char *text, int64_t *ms)
{
    bool minus = *text == '-', time = false, some = false;
    int64_t sum = 0;
    text += minus;
    if (*text++ != 'P')
        return false;
    while (*text) {
        if (*text == 'T' && !time) {
            time = true;
            text++;
            continue;
        }
        char *end;
        double v = strtod(text, &end);
        int64_t unit = *end == 'D' && !time ? 86400000
            : *end == 'H' && time           ? 3600000
            : *end == 'M' && time           ? 60000
            : *end == 'S' && time           ? 1000
                                            : 0;
        if (end == text || !unit || v > 1e12 || v < -1e12)
            return false;
        sum += (int64_t)(v * (double)unit + (v < 0 ? -0.5 : 0.5));
        some = true;
        text = end + 1;
    }
    *ms = minus ? -sum : sum;
    return some;
}
