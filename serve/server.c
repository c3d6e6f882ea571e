/* Requests over HTTP: the only user of libmicrohttpd. One thread of its own answers, one request after the other. */
#include "serve/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/lazy.h"
#include "serve/change.h"
#include "serve/http_lib.h"
#include "serve/metrics.h"

struct mhd_lib mhd;

bool mhd_lib_load(struct err *e)
{
    static const struct lazy_symbol symbols[] = {
#define F(name) {"MHD_" #name, &mhd.name},
        MHD_LIB(F)
#undef F
    };
    return lazy_load(WEIR_MICROHTTPD_SONAME, "libmicrohttpd12", symbols, sizeof symbols / sizeof *symbols, e);
}

enum {
    CONNECTIONS = 64,
    IDLE_S = 60, /* a connection on which nothing comes */
    LINGER_STEP_MS = 10,
    LINGER_MS = 3000,    /* for who has ended the job */
    LOOK_NS = 1000000000 /* figures of looks that are nearer say little */
};

/* Looks at the job, of which rates are made: the newest, and one that is at least a second older. */
struct looked {
    struct arena a;
    struct job_view v;
    bool has;
};

struct serve {
    struct job *job;
    char *token, endpoint[80];
    /* An order is being taken; somebody has ended the job, and has seen it end. */
    atomic_bool ordering, ends, told;
    uint16_t port;
    struct MHD_Daemon *daemon;
    struct looked older, old; /* the server's thread's */
};

/* --- looks --- */

static void look(struct serve *s, struct looked *now)
{
    job_look(s->job, &now->v, &now->a);
    now->has = true;
}

/* What `now` is compared with: of the same attempt. */
static const struct job_view *before(const struct serve *s, const struct looked *now)
{
    const struct looked *all[] = {&s->old, &s->older};
    for (int i = 0; i < 2; i++)
        if (all[i]->has && all[i]->v.restarts == now->v.restarts && now->v.ticks - all[i]->v.ticks >= LOOK_NS)
            return &all[i]->v;
    return NULL;
}

static void drop(struct looked *l)
{
    arena_free(&l->a);
    *l = (struct looked){0};
}

/* Keeps it for later ones, or drops it. */
static void keep(struct serve *s, struct looked *now)
{
    if (s->old.has && now->v.ticks - s->old.v.ticks < LOOK_NS) {
        drop(now);
        return;
    }
    drop(&s->older);
    s->older = s->old;
    s->old = *now;
}

/* --- requests --- */

/* The same time for every wrong one. */
static bool same(const char *a, const char *b)
{
    size_t n = strlen(a);
    unsigned differ = strlen(b) != n;
    for (size_t i = 0; i < n; i++)
        differ |= (unsigned)(a[i] ^ b[strlen(b) == n ? i : 0]);
    return !differ;
}

static bool may_change(const struct serve *s, const char *authorization, struct reply *r)
{
    static const char bearer[] = "Bearer ";
    bool has = authorization && !strncasecmp(authorization, bearer, sizeof bearer - 1);
    if (!s->token)
        answer_refuse(r, 403, "Nothing may change this job: it runs without --rest-token FILE");
    else if (!has || !same(s->token, authorization + sizeof bearer - 1))
        answer_refuse(r, 401, "Whoever changes this job has to send its token (Authorization: Bearer ...)");
    else
        return true;
    return false;
}

/* *tells: the answer says how the job has ended, or an order to end it. */
static void reply_to(struct serve *s, const struct request *request, struct bytes body, const char *authorization, struct arena *a,
                     struct reply *r, bool *tells)
{
    struct looked now = {0};
    bool ends = false;
    if (change_wants_token(request) && !may_change(s, authorization, r))
        return;
    look(s, &now);
    *tells = job_phase_ended(now.v.phase) && (request->route == LIVE_JOB || request->route == LIVE_JOB_STATUS);
    struct asked q = {.request = request, .now = &now.v, .before = before(s, &now), .endpoint = s->endpoint, .a = a};
    if (request->metrics) {
        r->status = 200;
        r->type = "text/plain; version=0.0.4; charset=utf-8";
        prometheus_write(&q, &r->body);
    } else if (change_is(request)) {
        atomic_store(&s->ordering, true);
        change(s->job, &q, body, r, &ends, tells);
    } else {
        answer(&q, r);
    }
    if (ends) {
        atomic_store(&s->told, false); /* an earlier order may have failed */
        atomic_store(&s->ends, true);
    }
    atomic_store(&s->ordering, false);
    keep(s, &now);
}

static enum MHD_Result send_reply(struct MHD_Connection *c, struct reply *r)
{
    struct MHD_Response *out = mhd.create_response_from_buffer(r->body.n, r->body.p, MHD_RESPMEM_MUST_COPY);
    if (!out)
        return MHD_NO;
    mhd.add_response_header(out, "Content-Type", r->type);
    if (r->status == 401)
        mhd.add_response_header(out, "WWW-Authenticate", "Bearer");
    enum MHD_Result done = mhd.queue_response(c, r->status, out);
    mhd.destroy_response(out);
    return done;
}

/* libmicrohttpd decodes the path and takes its query apart; here both are wanted as they came. */
struct exchange {
    char *url;
    bool begun, too_long, tells;
    struct buf body;
};

static void *began(void *ctx, const char *url, struct MHD_Connection *c)
{
    struct exchange *x = mem_zalloc(sizeof *x);
    (void)ctx;
    (void)c;
    x->url = mem_strdup(url);
    return x;
}

static void ended(void *ctx, struct MHD_Connection *c, void **con, enum MHD_RequestTerminationCode code)
{
    struct exchange *x = *con;
    struct serve *s = ctx;
    (void)c;
    if (!x)
        return;
    if (x->tells && code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        atomic_store(&s->told, true);
    free(x->url);
    buf_free(&x->body);
    free(x);
    *con = NULL;
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                              const char *data, size_t *n, void **con)
{
    struct serve *s = ctx;
    struct exchange *x = *con;
    struct request request;
    struct arena a = {0};
    struct reply r = {0};
    (void)url;
    (void)version;
    if (!x->begun) { /* the head: the body comes with further calls */
        x->begun = true;
        return MHD_YES;
    }
    if (*n) {
        x->too_long = x->too_long || x->body.n + *n > REQUEST_BODY_MAX;
        if (!x->too_long)
            buf_put(&x->body, data, *n);
        *n = 0;
        return MHD_YES;
    }
    request_read(&request, method, x->url, &a);
    if (x->too_long)
        answer_refuse(&r, 413, "The body is larger than %d bytes", REQUEST_BODY_MAX);
    else
        reply_to(s, &request, (struct bytes){x->body.p, x->body.n},
                 mhd.lookup_connection_value(c, MHD_HEADER_KIND, "Authorization"), &a, &r, &x->tells);
    enum MHD_Result done = send_reply(c, &r);
    buf_free(&r.body);
    arena_free(&a);
    return done;
}

static size_t as_it_came(void *ctx, struct MHD_Connection *c, char *s)
{
    (void)ctx;
    (void)c;
    return strlen(s);
}

/* --- beginning and end --- */

static bool address_of(const struct serve_opts *o, struct sockaddr_storage *to, struct err *e)
{
    const char *text = o->address ? o->address : "127.0.0.1";
    struct sockaddr_in *four = (struct sockaddr_in *)to;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
    memset(to, 0, sizeof *to);
    if (!strcmp(text, "localhost"))
        text = "127.0.0.1";
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(o->port);
    } else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(o->port);
    } else {
        return err_set(e, ERR_USAGE, "rest.bind-address is '%s', which is no IP address", text);
    }
    return true;
}

struct serve *serve_open(struct job *j, const struct serve_opts *o, struct err *e)
{
    struct sockaddr_storage at;
    if (!address_of(o, &at, e) || !mhd_lib_load(e))
        return NULL;
    struct serve *s = mem_zalloc(sizeof *s);
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | (at.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    s->job = j;
    s->token = o->token ? mem_strdup(o->token) : NULL;
    s->daemon =
        mhd.start_daemon(flags, o->port, NULL, NULL, handle, s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
                         MHD_OPTION_URI_LOG_CALLBACK, began, s, MHD_OPTION_NOTIFY_COMPLETED, ended, s, MHD_OPTION_UNESCAPE_CALLBACK,
                         as_it_came, s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                         (unsigned)IDLE_S, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
    if (!s->daemon) {
        err_set(e, ERR_IO, "cannot listen on %s port %u: %s", o->address ? o->address : "127.0.0.1", o->port, strerror(errno));
        serve_close(s);
        return NULL;
    }
    s->port = mhd.get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    snprintf(s->endpoint, sizeof s->endpoint, "localhost:%u", s->port);
    return s;
}

uint16_t serve_port(const struct serve *s) { return s->port; }

/* Does somebody want to know how the job has ended? */
static bool awaited(struct serve *s) { return atomic_load(&s->ordering) || (atomic_load(&s->ends) && !atomic_load(&s->told)); }

void serve_close(struct serve *s)
{
    if (!s)
        return;
    for (int ms = 0; ms < LINGER_MS && awaited(s); ms += LINGER_STEP_MS)
        nanosleep(&(struct timespec){.tv_nsec = LINGER_STEP_MS * 1000000L}, NULL);
    if (s->daemon)
        mhd.stop_daemon(s->daemon);
    drop(&s->older);
    drop(&s->old);
    free(s->token);
    free(s);
}
