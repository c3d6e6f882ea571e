#include "base/human.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct human human_bytes(uint64_t n)
{
    static const char unit[] = "BKMGTPE";
    struct human h;
    unsigned i = 0;
    double v = (double)n;
    while (v >= 1023.95) {
        v /= 1024;
        i++;
    }
    if (i)
        snprintf(h.s, sizeof h.s, "%.1f %ciB", v, unit[i]);
    else
        snprintf(h.s, sizeof h.s, "%u B", (unsigned)n);
    return h;
}

struct human human_count(uint64_t n)
{
    struct human h;
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), to = 0;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            h.s[to++] = ',';
        h.s[to++] = digits[i];
    }
    h.s[to] = 0;
    return h;
}

struct human human_share(uint64_t part, uint64_t whole)
{
    struct human h;
    double percent = whole ? 100.0 * (double)part / (double)whole : 0;
    if (!whole)
        strcpy(h.s, "-");
    else if (part && percent < 0.1)
        strcpy(h.s, "<0.1%");
    else
        snprintf(h.s, sizeof h.s, "%.1f%%", percent);
    return h;
}

struct human human_seconds(uint64_t s)
{
    struct human h;
    unsigned long long hours = s / 3600;
    unsigned minutes = (unsigned)(s / 60 % 60), seconds = (unsigned)(s % 60);
    if (hours)
        snprintf(h.s, sizeof h.s, "%llu:%02u:%02u h", hours, minutes, seconds);
    else if (minutes)
        snprintf(h.s, sizeof h.s, "%u:%02u min", minutes, seconds);
    else
        snprintf(h.s, sizeof h.s, "%u s", seconds);
    return h;
}

struct human human_time(int64_t ms)
{
    struct human h;
    struct tm tm;
    time_t s = (time_t)(ms / 1000 - (ms % 1000 < 0));
    if (!gmtime_r(&s, &tm) || !strftime(h.s, sizeof h.s, "%Y-%m-%d %H:%M:%S UTC", &tm))
        snprintf(h.s, sizeof h.s, "%lld ms", (long long)ms);
    return h;
}
