#include "tui/show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/human.h"
#include "live/model.h"

static const struct shown dash = {"-"};

struct shown show_ms(int64_t ms)
{
    struct shown t;
    int64_t s = ms / 1000, m = s / 60, h = m / 60, d = h / 24;
    if (ms == LIVE_ABSENT)
        return dash;
    if (ms < 0) {
        t = show_ms(-ms);
        memmove(t.s + 1, t.s, sizeof t.s - 1);
        t.s[0] = '-';
        t.s[sizeof t.s - 1] = 0;
        return t;
    }
    if (ms < 1000)
        snprintf(t.s, sizeof t.s, "%d ms", (int)ms);
    else if (s < 60)
        snprintf(t.s, sizeof t.s, "%.1f s", (double)(ms / 100) / 10);
    else if (m < 60)
        snprintf(t.s, sizeof t.s, "%dm%02ds", (int)m, (int)(s % 60));
    else if (h < 24)
        snprintf(t.s, sizeof t.s, "%dh%02dm", (int)h, (int)(m % 60));
    else
        snprintf(t.s, sizeof t.s, "%lldd%02dh", (long long)d, (int)(h % 24));
    return t;
}

struct shown show_age(int64_t ms)
{
    struct shown t;
    if (!live_has(ms) || ms >= 60000)
        return show_ms(ms);
    snprintf(t.s, sizeof t.s, "%d s", ms < 0 ? 0 : (int)(ms / 1000));
    return t;
}

struct shown show_bytes(int64_t n)
{
    struct shown t = dash;
    if (n >= 0)
        snprintf(t.s, sizeof t.s, "%s", human_bytes((uint64_t)n).s);
    return t;
}

struct shown show_count(int64_t n)
{
    struct shown t = dash;
    if (n != LIVE_ABSENT)
        snprintf(t.s, sizeof t.s, "%s%s", n < 0 ? "-" : "", human_count(n < 0 ? -(uint64_t)n : (uint64_t)n).s);
    return t;
}

struct shown show_rate(double v)
{
    struct shown t = dash;
    static const char unit[] = " kMGTP";
    int i = 0;
    if (isnan(v) || v < 0)
        return t;
    while (v >= 999.5 && i < 5) {
        v /= 1000;
        i++;
    }
    if (!i)
        snprintf(t.s, sizeof t.s, v > 0 && v < 9.95 ? "%.1f/s" : "%.0f/s", v);
    else
        snprintf(t.s, sizeof t.s, v < 99.95 ? "%.1f%c/s" : "%.0f%c/s", v, unit[i]);
    return t;
}

struct shown show_share(double share)
{
    struct shown t = dash;
    if (!isnan(share))
        snprintf(t.s, sizeof t.s, "%.0f%%", share * 100);
    return t;
}

static int64_t told_now;

void show_now(int64_t ms) { told_now = ms; }

struct shown show_time(int64_t ms)
{
    struct shown t = dash;
    struct tm then, now;
    time_t s = (time_t)(ms / 1000), today = told_now ? (time_t)(told_now / 1000) : time(NULL);
    if (ms == LIVE_ABSENT || !gmtime_r(&s, &then) || !gmtime_r(&today, &now))
        return dash;
    bool same = then.tm_yday == now.tm_yday && then.tm_year == now.tm_year;
    if (!strftime(t.s, sizeof t.s, same ? "%H:%M:%S" : then.tm_year == now.tm_year ? "%m-%d %H:%M" : "%Y-%m-%d", &then))
        return dash;
    return t;
}
