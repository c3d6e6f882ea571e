/* Opening a cluster, and asking with waiting. */
#include "live/client.h"
#include "live/history.h"
#include "live/record.h"
#include "live/replay.h"

#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE_MS = 2000, /* for answers that come back unsettled */
    AGAIN_MS = 150
};

struct live *live_open(const struct live_target *t, struct err *e)
{
    struct http *http = http_open(t, e);
    if (!http)
        return NULL;
    struct live *l = mem_zalloc(sizeof *l);
    l->http = http;
    l->read_only = t->read_only;
    l->history_off = t->no_history;
    return l;
}

struct live *live_replay(const char *path, struct err *e)
{
    struct replay *replay = replay_open(path, e);
    if (!replay)
        return NULL;
    struct live *l = mem_zalloc(sizeof *l);
    l->replay = replay;
    l->read_only = true;
    return l;
}

bool live_record(struct live *l, const char *path, uint64_t limit, struct err *e)
{
    l->recorder = recorder_open(path, live_url(l), limit, e);
    return l->recorder;
}

void live_stop(struct live *l)
{
    collector_stop(l->collector);
    l->collector = NULL;
}

bool live_record_end(struct live *l, struct err *e)
{
    live_stop(l);
    struct err late = {0};
    if (!recorder_close(l->recorder, &late))
        err_set(&l->keep_err, late.kind, "%s", late.text);
    l->recorder = NULL;
    return !l->keep_err.kind || err_set(e, l->keep_err.kind, "%s", l->keep_err.text);
}

void live_keep_history(struct live *l)
{
    if (!l->replay && !l->history && !l->history_off)
        l->history = history_open(live_url(l));
}

const struct history *live_history(const struct live *l) { return l->history; }

void client_keep(struct live *l, const struct http_exchange *x, const struct answer *a)
{
    struct err e = {0}, h = {0};
    if (l->recorder && !recorder_put(l->recorder, x, &e)) {
        recorder_close(l->recorder, &e);
        l->recorder = NULL;
        err_set(&l->keep_err, e.kind, "%s", e.text);
    }
    if (l->history && !l->history_off && a->pub.ask.route == LIVE_CHECKPOINTS && a->pub.state == LIVE_HERE &&
        !history_keep(l->history, a->pub.ask.job, a->pub.data, &h)) {
        l->history_off = true;
        err_set(&l->keep_err, h.kind, "%s", h.text);
    }
}

void live_forget(struct live *l)
{
    for (size_t i = 0; i < l->n_kept; i++)
        answer_release(l->kept[i]);
    free(l->kept);
    l->kept = NULL;
    l->n_kept = 0;
}

void live_close(struct live *l)
{
    if (!l)
        return;
    struct err late = {0};
    collector_stop(l->collector);
    recorder_close(l->recorder, &late);
    if (l->http)
        http_close(l->http);
    live_forget(l);
    replay_close(l->replay);
    history_close(l->history);
    free(l->flink_version);
    free(l);
}

const char *live_gateway(const struct live *l) { return l->replay ? NULL : http_target(l->http)->gateway; }
const char *live_gateway_sessions(const struct live *l) { return l->replay ? NULL : http_target(l->http)->gateway_sessions; }
const char *live_url(const struct live *l) { return l->replay ? replay_url(l->replay) : http_url(l->http); }

bool client_start(struct live *l, struct http_exchange *x, const struct live_ask *ask, const char *body, struct arena *a,
                  struct err *e)
{
    const struct route *r = &routes[ask->route];
    if (r->method != GET && l->read_only)
        return err_set(e, ERR_REFUSED, "%s is opened read-only: nothing is sent that changes it", live_url(l));
    if (route_is_gateway(ask->route) && !live_gateway(l))
        return err_set(e, ERR_USAGE, "no SQL gateway is named; give --gateway, or see weir-config(5)");
    x->method = r->method;
    x->path = live_path(a, ask, e);
    x->body = body;
    x->text = route_is_text(ask->route);
    if (!x->path)
        return false;
    http_start(l->http, x);
    return true;
}

bool client_learn(struct live *l, const struct answer *a)
{
    if (a->pub.ask.route != LIVE_CONFIG || a->pub.state != LIVE_HERE)
        return false;
    const struct live_config *c = a->pub.data;
    const char *had = l->flink_version, *has = c->flink_version;
    if (!has || (had && !strcmp(had, has)))
        return false;
    free(l->flink_version);
    l->flink_version = mem_strdup(has);
    return had != NULL;
}

/* A question that is waited for. */
struct pending {
    struct http_exchange x; /* first */
    struct answer *answer;
    bool running;
    int64_t again_ms;   /* monotonic: when to ask again; 0: settled */
    int64_t give_up_ms; /* monotonic: until when; 0: nothing has come yet */
};

static void keep(struct live *l, struct answer *a)
{
    if (!(l->n_kept & (l->n_kept - 1))) /* none, or as many as there is room for: a power of two */
        l->kept = mem_grow(l->kept, l->n_kept ? 2 * l->n_kept : 1, sizeof *l->kept);
    l->kept[l->n_kept++] = a;
}

static void came(struct live *l, struct pending *p)
{
    struct answer *a = answer_of(p->answer, &p->x, live_url(l), l->flink_version);
    client_keep(l, &p->x, a);
    answer_release(p->answer);
    p->answer = a;
    p->running = false;
    client_learn(l, a);
    int64_t now = clock_monotonic_ms();
    if (!p->give_up_ms)
        p->give_up_ms = now + PATIENCE_MS;
    p->again_ms = a->pub.unsettled && now + AGAIN_MS < p->give_up_ms ? now + AGAIN_MS : 0;
}

/* The cluster is away: what is still under way is not waited for. Their number. */
static size_t abandon(struct live *l, struct pending *p, size_t n, const struct err *away)
{
    size_t abandoned = 0;
    http_drop(l->http);
    for (size_t i = 0; i < n; i++) {
        if (!p[i].running)
            continue;
        struct answer *failed = answer_failed(p[i].answer, LIVE_FAILED, away);
        answer_release(p[i].answer);
        p[i].answer = failed;
        p[i].running = false;
        abandoned++;
    }
    return abandoned;
}

/* Asks until all is settled; the number of exchanges that found the cluster away. */
static size_t run(struct live *l, struct pending *p, size_t n, const char *body, struct arena *a, struct err *away)
{
    size_t running = 0, lost = 0;
    int64_t good_ms = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        p[i].running = client_start(l, &p[i].x, &p[i].answer->pub.ask, body, a, &e);
        running += p[i].running;
        if (!p[i].running) {
            struct answer *failed = answer_failed(p[i].answer, LIVE_FAILED, &e);
            answer_release(p[i].answer);
            p[i].answer = failed;
        }
    }
    for (;;) {
        int64_t now = clock_monotonic_ms(), next = INT64_MAX;
        for (size_t i = 0; i < n; i++) {
            if (p[i].running || !p[i].again_ms)
                continue;
            if (p[i].again_ms <= now) {
                p[i].running = true;
                running++;
                http_start(l->http, &p[i].x);
            } else if (p[i].again_ms < next) {
                next = p[i].again_ms;
            }
        }
        if (!running && next == INT64_MAX)
            return lost;
        struct pending *q = (struct pending *)(void *)http_wait(l->http, next == INT64_MAX ? 1000 : next - now);
        if (!q)
            continue;
        running--;
        came(l, q);
        if (!exchange_away(&q->x) || route_is_gateway(q->answer->pub.ask.route)) {
            good_ms = clock_monotonic_ms();
            continue;
        }
        lost++;
        *away = q->answer->pub.err;
        if (good_ms < q->x.started_ms) /* nothing good has come since it was sent */
            return lost + abandon(l, p, n, away);
    }
}

struct answer *client_ask(struct live *l, const struct live_ask *ask, const char *body)
{
    struct pending p = {.answer = answer_new(ask)};
    struct arena a = {0};
    struct err away = {0};
    run(l, &p, 1, body, &a, &away);
    buf_free(&p.x.answer);
    arena_free(&a);
    return p.answer;
}

static bool fetch(struct live *l, const struct live_ask *asks, size_t n, const char *body, const struct live_answer **answers,
                  struct err *e)
{
    for (size_t i = 0; l->replay && i < n; i++) {
        keep(l, replay_answer(l, &asks[i]));
        answers[i] = &l->kept[l->n_kept - 1]->pub;
    }
    if (l->replay)
        return true;
    struct pending *p = mem_zalloc((n ? n : 1) * sizeof *p);
    struct arena a = {0};
    struct err away = {0};
    for (size_t i = 0; i < n; i++)
        p[i].answer = answer_new(&asks[i]);
    size_t lost = run(l, p, n, body, &a, &away);
    for (size_t i = 0; i < n; i++) {
        keep(l, p[i].answer);
        answers[i] = &p[i].answer->pub;
        buf_free(&p[i].x.answer);
    }
    arena_free(&a);
    free(p);
    return !n || lost < n || err_set(e, away.kind, "%s", away.text);
}

bool live_fetch(struct live *l, const struct live_ask *asks, size_t n, const struct live_answer **answers, struct err *e)
{
    return fetch(l, asks, n, NULL, answers, e);
}

const void *live_send(struct live *l, const struct live_ask *ask, const char *body, struct err *e)
{
    const struct live_answer *a;
    if (fetch(l, ask, 1, body, &a, e) && !a->data)
        err_set(e, a->err.kind, "%s", a->err.text);
    return e->kind ? NULL : a->data;
}

const void *live_get(struct live *l, const struct live_ask *ask, struct err *e) { return live_send(l, ask, NULL, e); }
