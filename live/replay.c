#include "live/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "live/record.h"

enum { SOON_MS = 20, LONG_MS = 3600000, SPEED_MAX = 1024 };

/* A question that is wanted. */
struct slot {
    struct answer *answer;
    char *path;                  /* NULL: none can be made of it */
    const struct recorded *from; /* the answer's; NULL: there is none, or none has been looked for */
    bool looked;
    bool ticket; /* of something that would change the cluster: refused */
};

struct replay {
    struct recording *recording;
    int fd;                         /* a timer */
    int64_t at_ms, at_monotonic_ms; /* the clock has stood at that, then */
    unsigned speed;
    struct slot *slots; /* in the order of live_ask_compare */
    size_t n_slots;
    bool changed;
    const struct live_snapshot *newest;
    uint64_t number, tickets;
};

struct replay *replay_open(const char *path, struct err *e)
{
    struct recording *recording = recording_open(path, e);
    if (!recording)
        return NULL;
    struct replay *p = mem_zalloc(sizeof *p);
    p->recording = recording;
    p->fd = -1;
    p->at_ms = recording->list[recording->n - 1].at_ms;
    return p;
}

static void slot_free(struct slot *s)
{
    answer_release(s->answer);
    free(s->path);
}

void replay_close(struct replay *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_slots; i++)
        slot_free(&p->slots[i]);
    free(p->slots);
    live_release(p->newest);
    if (p->fd >= 0)
        close(p->fd);
    recording_close(p->recording);
    free(p);
}

const char *replay_url(const struct replay *p) { return p->recording->url; }

/* --- the clock --- */

static int64_t first_ms(const struct replay *p) { return p->recording->list[0].at_ms; }
static int64_t last_ms(const struct replay *p) { return p->recording->list[p->recording->n - 1].at_ms; }

static int64_t now_ms(const struct replay *p)
{
    int64_t at = p->at_ms + (clock_monotonic_ms() - p->at_monotonic_ms) * p->speed;
    return !p->speed ? p->at_ms : at < last_ms(p) ? at : last_ms(p);
}

static void arm(const struct replay *p, int64_t ms)
{
    const struct itimerspec when = {.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 + 1}};
    if (p->fd >= 0)
        timerfd_settime(p->fd, 0, &when, NULL);
}

/* Readable again when something else has been answered. */
static void arm_next(const struct replay *p, int64_t now)
{
    const struct recorded *last = recording_last(p->recording, now), *next = last ? last + 1 : p->recording->list;
    int64_t wait = LONG_MS;
    if (p->speed && next < p->recording->list + p->recording->n)
        wait = (next->at_ms - now) / p->speed;
    arm(p, wait < SOON_MS ? SOON_MS : wait > LONG_MS ? LONG_MS : wait);
}

bool live_playing(const struct live *l, struct live_playing *to)
{
    const struct replay *p = l->replay;
    const struct recorded *last = p ? recording_last(p->recording, now_ms(p)) : NULL;
    if (p)
        *to = (struct live_playing){first_ms(p), last_ms(p), now_ms(p), p->speed, last && last->lost, p->recording->cut};
    return p != NULL;
}

void live_play(struct live *l, int64_t at_ms, unsigned speed)
{
    struct replay *p = l->replay;
    p->at_ms = at_ms == LIVE_ABSENT ? now_ms(p) : at_ms < first_ms(p) ? first_ms(p) : at_ms > last_ms(p) ? last_ms(p) : at_ms;
    p->at_monotonic_ms = clock_monotonic_ms();
    p->speed = speed < SPEED_MAX ? speed : SPEED_MAX;
    arm(p, 0);
}

int64_t live_now(const struct live *l) { return l->replay ? now_ms(l->replay) : clock_wall_ms(); }

/* --- answers --- */

/* The answer after `a` by what was recorded; releases a. */
static struct answer *step(struct live *l, struct answer *a, const struct recorded *from)
{
    struct http_exchange x;
    struct err e = {0};
    struct answer *next;
    if (recording_get(l->replay->recording, from, &x, &e)) {
        next = answer_of(a, &x, live_url(l), l->flink_version);
        if (next->pub.number != a->pub.number)
            next->pub.came_ms = from->at_ms;
    } else {
        next = answer_failed(a, LIVE_FAILED, &e);
    }
    answer_release(a);
    return next;
}

static struct answer *make(struct live *l, const struct live_ask *ask, const char *path, const struct recorded *from)
{
    struct answer *a = answer_new(ask);
    if (!from) {
        struct err e = {0};
        err_set(&e, ERR_MISSING, "the recording has no answer to %s%s", live_text_or(path, "this"),
                path && recording_find(l->replay->recording, path, INT64_MAX, false) ? " before this time" : "");
        struct answer *none = answer_failed(a, LIVE_FAILED, &e);
        answer_release(a);
        return none;
    }
    const struct recorded *good = from->good ? NULL : recording_find(l->replay->recording, path, from->at_ms, true);
    if (good) /* its data stays */
        a = step(l, a, good);
    a = step(l, a, from);
    client_learn(l, a);
    return a;
}

static char *path_of(const struct live_ask *ask)
{
    struct arena a = {0};
    struct err e = {0};
    const char *path = routes[ask->route].method == GET ? live_path(&a, ask, &e) : NULL;
    char *kept = path ? mem_strdup(path) : NULL;
    arena_free(&a);
    return kept;
}

static struct answer *refusal(const struct live_ask *ask)
{
    struct answer *a = answer_new(ask);
    struct err e = {0};
    err_set(&e, ERR_REFUSED, "this is a recording: nothing is sent to the cluster");
    struct answer *refused = answer_failed(a, LIVE_FAILED, &e);
    answer_release(a);
    return refused;
}

struct answer *replay_answer(struct live *l, const struct live_ask *ask)
{
    if (routes[ask->route].method != GET)
        return refusal(ask);
    char *path = path_of(ask);
    const struct recorded *from = path ? recording_find(l->replay->recording, path, now_ms(l->replay), false) : NULL;
    struct answer *a = make(l, ask, path, from);
    free(path);
    return a;
}

/* --- snapshots --- */

bool replay_start(struct live *l, struct err *e)
{
    struct replay *p = l->replay;
    if (p->fd < 0) /* else it was started before */
        p->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (p->fd < 0)
        return err_set(e, ERR_IO, "no timer can be made: %s", strerror(errno));
    live_play(l, LIVE_ABSENT, p->speed);
    return true;
}

int replay_fd(const struct replay *p) { return p->fd; }

static int by_ask(const void *a, const void *b)
{
    return live_ask_compare(&((const struct slot *)a)->answer->pub.ask, &((const struct slot *)b)->answer->pub.ask);
}

/* Puts one more slot behind the others; from the slots before when it is there. */
static void take_over(struct slot *old, size_t n_old, struct slot *new, size_t *n_new, const struct live_ask *ask)
{
    for (size_t i = 0; i < *n_new; i++)
        if (!live_ask_compare(&new[i].answer->pub.ask, ask))
            return;
    for (size_t i = 0; i < n_old; i++)
        if (old[i].answer && !live_ask_compare(&old[i].answer->pub.ask, ask)) {
            new[(*n_new)++] = old[i];
            old[i] = (struct slot){0};
            return;
        }
    new[(*n_new)++] = (struct slot){.answer = answer_new(ask), .path = path_of(ask)};
}

void replay_want(struct replay *p, const struct live_want *wants, size_t n)
{
    static const struct live_ask config = {.route = LIVE_CONFIG};
    struct slot *new = mem_zalloc((n + p->n_slots + 1) * sizeof *new);
    size_t n_new = 0;
    for (size_t i = 0; i < p->n_slots; i++)
        if (p->slots[i].ticket) {
            new[n_new++] = p->slots[i];
            p->slots[i] = (struct slot){0};
        }
    take_over(p->slots, p->n_slots, new, &n_new, &config);
    for (size_t i = 0; i < n; i++)
        if (routes[wants[i].ask.route].method == GET)
            take_over(p->slots, p->n_slots, new, &n_new, &wants[i].ask);
    for (size_t i = 0; i < p->n_slots; i++)
        slot_free(&p->slots[i]);
    free(p->slots);
    p->slots = new;
    p->n_slots = n_new;
    qsort(p->slots, p->n_slots, sizeof *p->slots, by_ask);
    p->changed = true;
    arm(p, 0);
}

struct live_ticket replay_act(struct replay *p, const struct live_ask *ask)
{
    struct live_ticket ticket;
    struct live_ask numbered = *ask;
    snprintf(ticket.query, sizeof ticket.query, "#%llu", (unsigned long long)++p->tickets);
    numbered.query = ticket.query;
    p->slots = mem_grow(p->slots, p->n_slots + 1, sizeof *p->slots);
    p->slots[p->n_slots++] = (struct slot){.answer = refusal(&numbered), .looked = true, .ticket = true};
    qsort(p->slots, p->n_slots, sizeof *p->slots, by_ask);
    p->changed = true;
    arm(p, 0);
    return ticket;
}

/* How the connection was. */
static struct live_link link_then(struct live *l, int64_t now)
{
    const struct replay *p = l->replay;
    const struct recorded *last = recording_last(p->recording, now);
    struct live_link k = {.state = LIVE_LINK_FIRST, .last_ms = LIVE_ABSENT, .next_ms = LIVE_ABSENT, .since_ms = now};
    if (!last)
        return k;
    k.state = last->lost ? LIVE_LINK_LOST : LIVE_LINK_UP;
    k.since_ms = p->recording->list[last->same_link].at_ms;
    k.last_ms = last->lost ? LIVE_ABSENT : last->at_ms;
    if (last->lost) { /* in the words of any answer that it has brought */
        struct answer *a = step(l, answer_new(&(struct live_ask){.route = LIVE_OVERVIEW}), last);
        k.err = a->pub.err;
        answer_release(a);
    }
    return k;
}

static void publish(struct live *l, int64_t now)
{
    struct replay *p = l->replay;
    struct snapshot *s = snapshot_new((uint32_t)p->n_slots);
    for (size_t i = 0; i < p->n_slots; i++)
        snapshot_put(s, p->slots[i].answer);
    s->pub.number = ++p->number;
    s->pub.made_ms = now;
    s->pub.link = link_then(l, now);
    live_release(p->newest);
    p->newest = &s->pub;
    p->changed = false;
}

const struct live_snapshot *replay_take(struct live *l)
{
    struct replay *p = l->replay;
    uint64_t count;
    ssize_t done = read(p->fd, &count, sizeof count);
    (void)done; /* asked before there is something new */
    int64_t now = now_ms(p);
    for (size_t i = 0; i < p->n_slots; i++) {
        struct slot *s = &p->slots[i];
        const struct recorded *from = s->path ? recording_find(p->recording, s->path, now, false) : NULL;
        if (s->ticket || (s->looked && from == s->from))
            continue;
        struct answer *a = make(l, &s->answer->pub.ask, s->path, from);
        answer_release(s->answer);
        *s = (struct slot){.answer = a, .path = s->path, .from = from, .looked = true};
        p->changed = true;
    }
    const struct recorded *last = recording_last(p->recording, now);
    bool lost = p->newest && p->newest->link.state == LIVE_LINK_LOST;
    if (p->changed || !p->newest || (last && last->lost) != lost)
        publish(l, now);
    arm_next(p, now);
    return live_hold(p->newest);
}
