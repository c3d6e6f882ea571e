/* The collector: one thread that polls what is wanted and hands out snapshots. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "live/client.h"
#include "live/record.h"
#include "live/replay.h"

enum {
    KEEP_MS = 5 * 60000, /* how long an answer stays that nobody wants any more */
    AGAIN_MS = 300,      /* until an unsettled answer is asked for again … */
    AGAIN_TIMES = 8,     /* … so often in a row */
    REFUSED_MS = 30000,  /* until something that the cluster does not have is asked for again */
    BACK_OFF_MS = 1000,  /* after the first failure to reach it, doubling up to … */
    BACK_OFF_MAX_MS = 30000,
    PUBLISH_MS = 20, /* snapshots follow each other no faster, but for the last of a burst */
    IDLE_MS = 60000,
    TRIM_MS = 10000 /* memory is given back no more often */
};

/* A question of the collector's. */
struct slot {
    struct http_exchange x; /* first */
    struct answer *answer;
    struct arena arena; /* of the path */
    char *body;         /* of what changes something */
    bool acts;          /* asked once, also while the cluster is away */
    bool running, asked;
    bool wanted;
    unsigned again;    /* unsettled answers in a row */
    uint32_t every_ms; /* 0: once */
    int64_t due_ms;    /* monotonic; INT64_MAX: never */
    int64_t left_ms;   /* monotonic: when it was last wanted */
};

struct wish {
    struct live_want *wants;
    size_t n;
    struct arena arena;
};

struct act {
    struct answer *answer; /* of its ask */
    char *body;
    struct act *next;
};

struct collector {
    struct live *l;
    pthread_t thread;
    int fd;
    pthread_mutex_t lock; /* of what follows; held for moments only */
    bool stop, refresh;
    struct wish *wish; /* not taken yet */
    struct act *acts, **last_act;
    uint64_t tickets;
    struct snapshot *newest;
    /* the thread's own */
    struct slot **slots; /* in the order of live_ask_compare */
    size_t n_slots;
    bool lacking[LIVE_ROUTES], served[LIVE_ROUTES]; /* by the cluster, as it is now */
    struct live_link link;
    int64_t next_try_ms;  /* monotonic; LOST */
    int64_t last_good_ms; /* monotonic; of the start of the last good exchange */
    int64_t refresh_interval_ms;
    bool changed;
    int64_t published_ms, trimmed_ms;
    uint64_t number;
};

/* --- snapshots --- */

static void publish(struct collector *c, int64_t now)
{
    struct snapshot *s = snapshot_new((uint32_t)c->n_slots);
    for (size_t i = 0; i < c->n_slots; i++)
        snapshot_put(s, c->slots[i]->answer);
    s->pub.number = ++c->number;
    s->pub.made_ms = clock_wall_ms();
    s->pub.link = c->link;
    s->pub.link.recorded = c->l->recorder ? recorder_bytes(c->l->recorder) : 0;
    s->pub.link.keep_err = c->l->keep_err;
    pthread_mutex_lock(&c->lock);
    struct snapshot *old = c->newest;
    c->newest = s;
    pthread_mutex_unlock(&c->lock);
    if (old)
        live_release(&old->pub);
    c->changed = false;
    c->published_ms = now;
    ssize_t done = write(c->fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)done; /* it can only be that the fd is readable already */
}

const struct live_snapshot *live_take(struct live *l)
{
    if (l->replay)
        return replay_take(l);
    struct collector *c = l->collector;
    uint64_t count;
    pthread_mutex_lock(&c->lock);
    ssize_t done = read(c->fd, &count, sizeof count);
    (void)done; /* nothing new: the newest is given again */
    const struct live_snapshot *s = c->newest ? live_hold(&c->newest->pub) : NULL;
    pthread_mutex_unlock(&c->lock);
    return s;
}

int live_fd(const struct live *l) { return l->replay ? replay_fd(l->replay) : l->collector->fd; }

/* --- slots --- */

/* The slot's place, or where it belongs. */
static size_t place(const struct collector *c, const struct live_ask *ask, bool *there)
{
    size_t low = 0, high = c->n_slots;
    *there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = live_ask_compare(&c->slots[middle]->answer->pub.ask, ask);
        if (!order) {
            *there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct slot *slot_for(struct collector *c, const struct live_ask *ask, int64_t now)
{
    bool there;
    size_t at = place(c, ask, &there);
    if (there)
        return c->slots[at];
    struct slot *s = mem_zalloc(sizeof *s);
    s->answer = answer_new(ask);
    s->due_ms = now;
    c->slots = mem_grow(c->slots, c->n_slots + 1, sizeof(struct slot *));
    memmove(c->slots + at + 1, c->slots + at, (c->n_slots - at) * sizeof(struct slot *));
    c->slots[at] = s;
    c->n_slots++;
    c->changed = true;
    return s;
}

static void slot_free(struct slot *s)
{
    answer_release(s->answer);
    buf_free(&s->x.answer);
    arena_free(&s->arena);
    free(s->body);
    free(s);
}

static void drop_old(struct collector *c, int64_t now)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_slots; i++) {
        struct slot *s = c->slots[i];
        if (s->wanted || s->running || now - s->left_ms < KEEP_MS)
            c->slots[n++] = s;
        else
            slot_free(s);
    }
    c->n_slots = n;
}

static uint32_t interval(const struct collector *c, const struct live_want *w)
{
    const struct route *r = &routes[w->ask.route];
    uint32_t ms = w->every_ms ? w->every_ms : r->seconds * 1000;
    /* Flink renews these once an interval; what is asked every second is not among them */
    bool cached = r->seconds > 1 && !strncmp(r->path, "/jobs/:job", 10) && !strstr(r->path, "metrics");
    return ms && cached && ms < c->refresh_interval_ms ? (uint32_t)c->refresh_interval_ms : ms;
}

static void want(struct collector *c, const struct live_want *w, int64_t now)
{
    if (routes[w->ask.route].method != GET)
        return;
    struct slot *s = slot_for(c, &w->ask, now);
    uint32_t before = s->every_ms;
    s->wanted = true;
    s->left_ms = now;
    s->every_ms = interval(c, w);
    bool paused = s->due_ms == INT64_MAX;
    if (!s->asked || (paused && !s->every_ms && s->answer->pub.state != LIVE_HERE))
        s->due_ms = now;
    else if (paused && s->every_ms) /* due when its age says so */
        s->due_ms = s->x.started_ms + s->every_ms;
    else if (s->every_ms < before && s->due_ms > s->x.started_ms + s->every_ms)
        s->due_ms = s->x.started_ms + s->every_ms;
}

static void take_wish(struct collector *c, struct wish *wish, int64_t now)
{
    for (size_t i = 0; i < c->n_slots; i++) {
        struct slot *s = c->slots[i];
        if (s->wanted)
            s->left_ms = now;
        s->wanted = s->acts && s->running;
    }
    static const struct live_want config = {.ask = {.route = LIVE_CONFIG}};
    if (wish->n)
        want(c, &config, now);
    for (size_t i = 0; i < wish->n; i++)
        want(c, &wish->wants[i], now);
    for (size_t i = 0; i < c->n_slots; i++)
        if (!c->slots[i]->wanted)
            c->slots[i]->due_ms = INT64_MAX;
    drop_old(c, now);
    arena_free(&wish->arena);
    free(wish->wants);
    free(wish);
}

/* --- exchanges --- */

static void set_answer(struct collector *c, struct slot *s, struct answer *a)
{
    answer_release(s->answer);
    s->answer = a;
    c->changed = true;
}

static void start(struct collector *c, struct slot *s, int64_t now)
{
    enum live_route route = s->answer->pub.ask.route;
    struct err e = {0};
    s->asked = true;
    s->due_ms = INT64_MAX;
    if (c->lacking[route]) {
        e = answer_lacking(&s->answer->pub.ask, live_url(c->l), c->l->flink_version);
        set_answer(c, s, answer_failed(s->answer, LIVE_LACKING, &e));
        s->x.started_ms = now;
        return;
    }
    arena_free(&s->arena);
    s->arena = (struct arena){0};
    if (client_start(c->l, &s->x, &s->answer->pub.ask, s->body, &s->arena, &e)) {
        s->running = true;
        c->link.requests++;
    } else {
        set_answer(c, s, answer_failed(s->answer, LIVE_FAILED, &e));
    }
}

static void all_due(struct collector *c, int64_t now)
{
    for (size_t i = 0; i < c->n_slots; i++)
        if (c->slots[i]->wanted && !c->slots[i]->acts && !c->slots[i]->running)
            c->slots[i]->due_ms = now;
}

static void link_to(struct collector *c, enum live_link_state state)
{
    if (c->link.state != state)
        c->link.since_ms = clock_wall_ms();
    c->link.state = state;
    c->changed = true;
}

static void forget_routes(struct collector *c)
{
    memset(c->lacking, 0, sizeof c->lacking);
    memset(c->served, 0, sizeof c->served);
}

/* What a route has given once is not missing because one address of it is, as of a job that a proxy does not let through. */
static void learn_route(struct collector *c, const struct live_answer *a)
{
    if (a->state == LIVE_HERE || a->state == LIVE_UNKNOWN)
        c->served[a->ask.route] = true;
    c->lacking[a->ask.route] = !c->served[a->ask.route] && (c->lacking[a->ask.route] || a->state == LIVE_LACKING);
}

static void link_good(struct collector *c, const struct slot *s, int64_t now)
{
    c->last_good_ms = s->x.started_ms;
    c->link.last_ms = clock_wall_ms();
    c->link.bytes += s->x.answer.n;
    if (c->link.state == LIVE_LINK_UP)
        return;
    bool back = c->link.state == LIVE_LINK_LOST;
    link_to(c, LIVE_LINK_UP);
    c->link.failures = 0;
    c->link.err = (struct err){0};
    if (back) { /* perhaps as another release */
        forget_routes(c);
        all_due(c, now);
    }
}

static void link_bad(struct collector *c, const struct slot *s, int64_t now)
{
    if (c->last_good_ms >= s->x.started_ms && c->link.state == LIVE_LINK_UP)
        return; /* it has answered something since: only this one is slow */
    if (c->link.state == LIVE_LINK_LOST && now < c->next_try_ms)
        return; /* sent before it was known */
    int64_t wait = c->link.failures < 5 ? BACK_OFF_MS << c->link.failures : BACK_OFF_MAX_MS;
    c->link.failures++;
    c->next_try_ms = now + wait;
    c->link.next_ms = clock_wall_ms() + wait;
    c->link.err = s->answer->pub.err;
    link_to(c, LIVE_LINK_LOST);
}

/* When a slot is asked again, by what has come. */
static void plan(struct slot *s, int64_t now)
{
    enum live_state state = s->answer->pub.state;
    if (s->acts || !s->wanted) {
        s->due_ms = INT64_MAX;
        return;
    }
    s->again = s->answer->pub.unsettled ? s->again + 1 : 0;
    if (s->again && s->again <= AGAIN_TIMES)
        s->due_ms = now + AGAIN_MS;
    else if (state == LIVE_LACKING || state == LIVE_UNKNOWN)
        s->due_ms = now + (s->every_ms > REFUSED_MS ? s->every_ms : REFUSED_MS);
    else if (s->every_ms)
        s->due_ms = s->x.started_ms + s->every_ms > now ? s->x.started_ms + s->every_ms : now + s->every_ms;
    else
        s->due_ms = state == LIVE_HERE ? INT64_MAX : now + REFUSED_MS;
}

static void came(struct collector *c, struct slot *s)
{
    int64_t now = clock_monotonic_ms();
    s->running = false;
    set_answer(c, s, answer_of(s->answer, &s->x, live_url(c->l), c->l->flink_version));
    client_keep(c->l, &s->x, s->answer);
    const struct live_answer *a = &s->answer->pub;
    if (client_learn(c->l, s->answer))
        forget_routes(c);
    learn_route(c, a);
    if (a->ask.route == LIVE_CONFIG && a->state == LIVE_HERE)
        c->refresh_interval_ms = live_or(((const struct live_config *)a->data)->refresh_interval_ms, 0);
    if (c->refresh_interval_ms > IDLE_MS)
        c->refresh_interval_ms = IDLE_MS;
    plan(s, now);
    if (route_is_gateway(a->ask.route))
        c->changed = true; /* it says nothing of the cluster */
    else if (exchange_away(&s->x))
        link_bad(c, s, now);
    else
        link_good(c, s, now);
    buf_free(&s->x.answer); /* there are hundreds of slots */
}

/* Starts what is due; the time when something will be. While the cluster is away a single one is sent, when it is time. */
static int64_t start_due(struct collector *c, int64_t now)
{
    int64_t next = INT64_MAX;
    bool lost = c->link.state == LIVE_LINK_LOST, probing = false;
    for (size_t i = 0; lost && i < c->n_slots; i++)
        probing = probing || c->slots[i]->running;
    for (size_t i = 0; i < c->n_slots; i++) {
        struct slot *s = c->slots[i];
        int64_t due = s->due_ms;
        if (s->running || due == INT64_MAX)
            continue;
        if (lost && !s->acts) {
            if (probing)
                continue;
            due = c->next_try_ms;
        }
        if (due > now) {
            next = due < next ? due : next;
        } else {
            start(c, s, now);
            probing = s->running;
        }
    }
    return next;
}

static bool quiet(const struct collector *c)
{
    for (size_t i = 0; i < c->n_slots; i++)
        if (c->slots[i]->running)
            return false;
    return true;
}

/* What other threads have asked for. False: the end. */
static bool take_orders(struct collector *c, int64_t now)
{
    pthread_mutex_lock(&c->lock);
    struct wish *wish = c->wish;
    struct act *acts = c->acts;
    bool stop = c->stop, refresh = c->refresh;
    c->wish = NULL;
    c->acts = NULL;
    c->last_act = &c->acts;
    c->refresh = false;
    pthread_mutex_unlock(&c->lock);
    if (wish)
        take_wish(c, wish, now);
    while (acts) {
        struct act *next = acts->next;
        struct slot *s = slot_for(c, &acts->answer->pub.ask, now);
        s->acts = s->wanted = true;
        s->left_ms = now;
        s->body = acts->body;
        answer_release(acts->answer);
        free(acts);
        acts = next;
    }
    if (refresh) {
        all_due(c, now);
        c->next_try_ms = now;
    }
    return !stop;
}

static void *run(void *ctx)
{
    struct collector *c = ctx;
    for (;;) {
        int64_t now = clock_monotonic_ms();
        if (!take_orders(c, now))
            return NULL;
        int64_t next = start_due(c, now), wait = next == INT64_MAX ? IDLE_MS : next - now;
        if (c->changed) {
            if (now - c->published_ms >= PUBLISH_MS || quiet(c))
                publish(c, now);
            else if (wait > PUBLISH_MS)
                wait = PUBLISH_MS;
        }
        if (now - c->trimmed_ms >= TRIM_MS && quiet(c)) {
            mem_trim();
            c->trimmed_ms = now;
        }
        for (struct slot *s; (s = (struct slot *)(void *)http_wait(c->l->http, wait)); wait = 0)
            came(c, s);
    }
}

/* --- the door --- */

bool live_start(struct live *l, struct err *e)
{
    if (l->replay)
        return replay_start(l, e);
    struct collector *c = mem_zalloc(sizeof *c);
    c->l = l;
    c->last_act = &c->acts;
    c->link.last_ms = c->link.next_ms = LIVE_ABSENT;
    c->link.since_ms = clock_wall_ms();
    c->published_ms = c->last_good_ms = INT64_MIN / 2;
    pthread_mutex_init(&c->lock, NULL);
    c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->collector = c;
    sigset_t all, before; /* signals are for the thread that reads the keys */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool runs = c->fd >= 0 && pthread_create(&c->thread, NULL, run, c) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (runs)
        return true;
    l->collector = NULL;
    if (c->fd >= 0)
        close(c->fd);
    free(c);
    return err_set(e, ERR_IO, "no thread can be started for %s", live_url(l));
}

static void wake(struct live *l) { http_wake(l->http); }

void live_want(struct live *l, const struct live_want *wants, size_t n)
{
    if (l->replay) {
        replay_want(l->replay, wants, n);
        return;
    }
    struct collector *c = l->collector;
    struct wish *w = mem_zalloc(sizeof *w), *old;
    w->wants = mem_alloc((n + 1) * sizeof *w->wants);
    w->n = n;
    for (size_t i = 0; i < n; i++)
        w->wants[i] = (struct live_want){.ask = route_copy(&w->arena, &wants[i].ask), .every_ms = wants[i].every_ms};
    pthread_mutex_lock(&c->lock);
    old = c->wish;
    c->wish = w;
    pthread_mutex_unlock(&c->lock);
    if (old) {
        arena_free(&old->arena);
        free(old->wants);
        free(old);
    }
    wake(l);
}

void live_refresh(struct live *l)
{
    if (l->replay)
        return;
    pthread_mutex_lock(&l->collector->lock);
    l->collector->refresh = true;
    pthread_mutex_unlock(&l->collector->lock);
    wake(l);
}

struct live_ticket live_act(struct live *l, const struct live_ask *ask, const char *body)
{
    if (l->replay)
        return replay_act(l->replay, ask);
    struct collector *c = l->collector;
    struct live_ticket ticket;
    struct act *act = mem_zalloc(sizeof *act);
    struct live_ask numbered = *ask;
    pthread_mutex_lock(&c->lock);
    snprintf(ticket.query, sizeof ticket.query, "#%llu", (unsigned long long)++c->tickets);
    numbered.query = ticket.query;
    act->answer = answer_new(&numbered);
    act->body = body ? mem_strdup(body) : NULL;
    *c->last_act = act;
    c->last_act = &act->next;
    pthread_mutex_unlock(&c->lock);
    wake(l);
    return ticket;
}

void collector_stop(struct collector *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_mutex_unlock(&c->lock);
    wake(c->l);
    pthread_join(c->thread, NULL);
    http_drop(c->l->http);
    for (size_t i = 0; i < c->n_slots; i++)
        c->slots[i]->running = false;
    live_want(c->l, NULL, 0); /* an orderly way to forget what was not taken */
    take_orders(c, clock_monotonic_ms());
    for (size_t i = 0; i < c->n_slots; i++)
        slot_free(c->slots[i]);
    free(c->slots);
    if (c->newest)
        live_release(&c->newest->pub);
    close(c->fd);
    pthread_mutex_destroy(&c->lock);
    free(c);
}
