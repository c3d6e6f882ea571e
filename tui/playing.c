#include "tui/playing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/human.h"

enum { STEP_MS = 10000, LEAP_MS = 60000, FASTEST = 256, DAY_MS = 86400000 };

/* Rates are differences, and must not be taken over a leap. */
static void leap(struct app *a, const struct live_playing *from, int64_t ms)
{
    live_play(a->live, from->at_ms + ms, from->speed);
    loads_free(&a->loads);
}

/* A date and time, or a time of the day; LIVE_ABSENT: neither. */
static int64_t time_of(const char *when, int64_t from_ms)
{
    static const char *const dated[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"};
    static const char *const daily[] = {"%H:%M:%S", "%H:%M"};
    struct tm t;
    for (size_t i = 0; i < 4; i++) {
        memset(&t, 0, sizeof t);
        const char *end = strptime(when, dated[i], &t);
        if (end && (!*end || !strcmp(end, "Z") || !strcmp(end, " UTC")))
            return (int64_t)timegm(&t) * 1000;
    }
    for (size_t i = 0; i < 2; i++) {
        memset(&t, 0, sizeof t);
        const char *end = strptime(when, daily[i], &t);
        if (!end || *end)
            continue;
        int64_t at = from_ms - from_ms % DAY_MS + ((int64_t)t.tm_hour * 3600 + t.tm_min * 60 + t.tm_sec) * 1000;
        return at + 999 < from_ms ? at + DAY_MS : at;
    }
    return LIVE_ABSENT;
}

bool playing_seek(struct live *l, const char *when, struct err *e)
{
    struct live_playing p;
    char *end;
    live_playing(l, &p);
    int64_t at = time_of(when, p.from_ms);
    double n = strtod(when, &end);
    if (at == LIVE_ABSENT && end != when && n > -1e9 && n < 1e9) {
        if (!strcmp(end, "%"))
            at = p.from_ms + (int64_t)((double)(p.to_ms - p.from_ms) * n / 100);
        else if (!*end && (*when == '+' || *when == '-'))
            at = (*when == '+' ? p.from_ms : p.to_ms) + (int64_t)(n * 1000);
    }
    if (at == LIVE_ABSENT)
        return err_set(e, ERR_USAGE, "'%s' is no time: say 50%%, +90 or -10 seconds, 14:05:30 or 2026-11-25T14:05:30", when);
    if (at + 999 < p.from_ms || at > p.to_ms + 999)
        return err_set(e, ERR_USAGE, "'%s' is not in the recording: it goes from %s to %s", when, human_time(p.from_ms).s,
                       human_time(p.to_ms).s);
    live_play(l, at, p.speed);
    return true;
}

bool playing_verb(struct app *a, enum verb what)
{
    struct live_playing p;
    if (!live_playing(a->live, &p))
        return false;
    switch (what) {
    case VERB_EARLIER:
        leap(a, &p, -STEP_MS);
        return true;
    case VERB_LATER:
        leap(a, &p, STEP_MS);
        return true;
    case VERB_MUCH_EARLIER:
        leap(a, &p, -LEAP_MS);
        return true;
    case VERB_MUCH_LATER:
        leap(a, &p, LEAP_MS);
        return true;
    case VERB_SLOWER:
        live_play(a->live, LIVE_ABSENT, p.speed > 1 ? p.speed / 2 : p.speed);
        return true;
    case VERB_FASTER:
        live_play(a->live, LIVE_ABSENT, !p.speed ? 1 : p.speed < FASTEST ? p.speed * 2 : p.speed);
        return true;
    case VERB_PAUSE:
        live_play(a->live, LIVE_ABSENT, !p.speed);
        return true;
    default:
        return false;
    }
}

bool playing_command(struct app *a, const char *word)
{
    struct err e = {0};
    if (strncmp(word, "seek", 4) != 0 || (word[4] && word[4] != ' '))
        return false;
    if (!a->replay)
        snprintf(a->message, sizeof a->message, "seek goes with a recording: --replay");
    else if (playing_seek(a->live, word + 4 + strspn(word + 4, " "), &e))
        loads_free(&a->loads);
    else
        snprintf(a->message, sizeof a->message, "%.*s", (int)sizeof a->message - 1, e.text);
    return true;
}

void playing_text(const struct app *a, char *to, size_t n, enum style *s)
{
    const struct live_playing *p = &a->playing;
    int64_t whole = p->to_ms - p->from_ms;
    bool over = p->at_ms == p->to_ms;
    char speed[16] = "";
    if (p->speed > 1 && !over)
        snprintf(speed, sizeof speed, " ×%u", p->speed);
    snprintf(to, n, "%s%s replay %s%s %s", p->lost ? "✗ lost  " : "",
             over           ? "■"
                 : p->speed ? "▶"
                            : "‖",
             human_time(p->at_ms).s, speed,
             !over        ? ""
                 : p->cut ? "cut off here"
                          : "end");
    if (!over)
        snprintf(to + strlen(to), n - strlen(to), "%d%%", whole > 0 ? (int)((p->at_ms - p->from_ms) * 100 / whole) : 100);
    *s = p->lost ? ST_BAD : ST_WARN;
}
