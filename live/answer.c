#include "live/answer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct payload {
    _Atomic unsigned holds;
    struct arena arena;
};

static _Atomic uint64_t arrivals;

static struct payload *payload_hold(struct payload *p)
{
    if (p)
        p->holds++;
    return p;
}

static void payload_release(struct payload *p)
{
    if (!p || --p->holds)
        return;
    arena_free(&p->arena);
    free(p);
}

struct answer *answer_new(const struct live_ask *ask)
{
    struct answer *a = mem_zalloc(sizeof *a);
    a->holds = 1;
    struct live_ask bare = route_ask(ask);
    a->pub.ask = route_copy(&a->arena, &bare);
    a->pub.state = LIVE_PENDING;
    a->pub.came_ms = LIVE_ABSENT;
    return a;
}

/* The same question with the same data. */
static struct answer *next_of(const struct answer *before)
{
    struct answer *a = answer_new(&before->pub.ask);
    struct live_ask ask = a->pub.ask;
    a->pub = before->pub;
    a->pub.ask = ask;
    a->pub.err = (struct err){0};
    a->pub.unsettled = a->pub.unheard = false;
    a->payload = payload_hold(before->payload);
    return a;
}

struct answer *answer_hold(const struct answer *a)
{
    struct answer *held = (struct answer *)(uintptr_t)a;
    held->holds++;
    return held;
}

void answer_release(const struct answer *a)
{
    struct answer *held = (struct answer *)(uintptr_t)a;
    if (!held || --held->holds)
        return;
    payload_release(held->payload);
    arena_free(&held->arena);
    free(held);
}

struct answer *answer_failed(const struct answer *before, enum live_state state, const struct err *why)
{
    struct answer *a = next_of(before);
    a->pub.state = state;
    a->pub.err = *why;
    return a;
}

bool exchange_away(const struct http_exchange *x)
{
    return x->away || x->status == 401 || x->status == 403 || x->status == 407 ||
        (x->status >= 502 && x->status <= 504 && x->method == GET);
}

struct err answer_lacking(const struct live_ask *ask, const char *url, const char *flink_version)
{
    struct err e = {0};
    const struct route *r = &routes[ask->route];
    unsigned has = live_release_number(flink_version);
    const char *method = r->method == GET ? "" : http_method_words[r->method], *gap = *method ? " " : "";
    if (has && has < r->since)
        err_set(&e, ERR_SERVER, "%s: Flink %s has no %s%s%s; it came with %u.%u", url, flink_version, method, gap,
                http_tail(r->path), r->since / 100, r->since % 100);
    else
        err_set(&e, ERR_SERVER, "%s: the cluster has no %s%s%s", url, method, gap, http_tail(r->path));
    return e;
}

/* What a status other than good means, in words. */
static enum live_state refused(const struct http_exchange *x, const struct live_ask *ask, const char *url,
                               const char *flink_version, struct err *e)
{
    struct arena a = {0};
    enum live_state state = LIVE_FAILED;
    const char *says = route_complaint((struct bytes){x->answer.p, x->answer.n}, route_is_gateway(ask->route), &a);
    if (x->status == 404 && route_missing(says)) {
        state = LIVE_LACKING;
        *e = answer_lacking(ask, url, flink_version);
    } else if (x->status == 404 || (x->status == 500 && says && !strncmp(says, "No TaskExecutor registered", 26))) {
        state = LIVE_UNKNOWN;
        err_set(e, ERR_SERVER, "%s: %s", url, says ? says : "there is no such thing (status 404)");
    } else if (x->status == 401 || x->status == 407) {
        err_set(e, ERR_SERVER, "%s: the server wants credentials (status %ld); see weir-config(5)", url, x->status);
    } else if (x->status == 403) {
        err_set(e, ERR_SERVER, "%s: the server refuses access (status 403); check the credentials: weir-config(5)", url);
    } else {
        err_set(e, ERR_SERVER, "%s%s: %s (status %ld)", url, http_tail(x->path), says ? says : "no reason given", x->status);
    }
    arena_free(&a);
    return state;
}

struct answer *answer_of(const struct answer *before, const struct http_exchange *x, const char *url, const char *flink_version)
{
    struct answer *a = next_of(before);
    const struct live_ask *ask = &a->pub.ask;
    if (x->http)
        url = http_base(x->http, x->path);
    a->pub.unheard = x->away || (x->status >= 502 && x->status <= 504);
    if (x->err.kind) {
        a->pub.state = LIVE_FAILED;
        a->pub.err = x->err;
        return a;
    }
    if (x->status < 200 || x->status > 299) {
        a->pub.state = refused(x, ask, url, flink_version, &a->pub.err);
        return a;
    }
    struct payload *p = mem_zalloc(sizeof *p);
    p->holds = 1;
    bool unsettled = false;
    const void *data = route_parse(ask->route, (struct bytes){x->answer.p, x->answer.n}, &p->arena, &unsettled, &a->pub.err);
    if (!data) {
        payload_release(p);
        a->pub.state = LIVE_FAILED;
        if (x->page) {
            a->pub.err = (struct err){0};
            err_set(&a->pub.err, ERR_SERVER,
                    "the answer is a web page; is this Flink's REST address, and does no login stand before it?");
        }
        err_in(&a->pub.err, "%s%s", url, http_tail(x->path));
        return a;
    }
    if (route_is_text(ask->route))
        ((struct live_text *)(uintptr_t)data)->skipped = x->skipped;
    payload_release(a->payload);
    a->payload = p;
    a->pub.state = LIVE_HERE;
    a->pub.data = data;
    a->pub.unsettled = unsettled;
    a->pub.came_ms = clock_wall_ms();
    a->pub.took_ms = x->took_ms;
    a->pub.number = ++arrivals;
    return a;
}
