#include "live/http.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/curl_lib.h"

enum {
    AT_ONCE = 6, /* exchanges under way; the others queue, and their timeouts have not begun */
    CONNECT_MS = 5000,
    TIMEOUT_MS = 10000,
    REDIRECTS = 3,
    MAX_BYTES = 64 << 20,
    TEXT_PATIENCE = 6, /* timeouts that a text may take … */
    TEXT_SPEED = 16384 /* … while so many bytes come in a second */
};

struct queue {
    struct http_exchange *first, **last;
};

struct http {
    CURLM *multi;
    struct arena arena;
    struct live_target target; /* strings in the arena */
    struct curl_slist *json_headers, *text_headers;
    struct queue waiting, done;
    struct http_exchange *running[AT_ONCE];
};

const char *const http_method_words[] = {[GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"};

static int64_t clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
int64_t clock_monotonic_ms(void) { return clock_ms(CLOCK_MONOTONIC); }
int64_t clock_wall_ms(void) { return clock_ms(CLOCK_REALTIME); }

static void put(struct queue *q, struct http_exchange *x)
{
    x->next = NULL;
    *q->last = x;
    q->last = &x->next;
}

static struct http_exchange *take(struct queue *q)
{
    struct http_exchange *x = q->first;
    if (x && !(q->first = x->next))
        q->last = &q->first;
    return x;
}

/* --- the target --- */

static const char *kept(struct arena *a, const char *s) { return s ? arena_str(a, s) : NULL; }

/* The address as curl is to have it. */
static const char *check_url(struct http *h, const char *given, const char *of, struct err *e)
{
    const char *url = strstr(given, "://") ? given : arena_printf(&h->arena, "http://%s", given);
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return err_set(e, ERR_USAGE, "'%s' is no address of http:// or https://", given), NULL;
    const char *host = strstr(url, "://") + 3;
    size_t n = strcspn(host, "/?#");
    if (memchr(host, '@', n))
        return err_set(e, ERR_USAGE,
                       "an address with a user in it is not taken, since others can see it; see weir-config(5) for passwords"),
               NULL;
    if (!n || host[n] == '?' || host[n] == '#' || strpbrk(host, "?# \n\r\t"))
        return err_set(e, ERR_USAGE, "'%s' is no address of a %s", given, of), NULL;
    size_t whole = strlen(url);
    while (url[whole - 1] == '/')
        whole--;
    return arena_strn(&h->arena, url, whole);
}

static bool check_urls(struct http *h, struct err *e)
{
    struct live_target *t = &h->target;
    if (!t->url || !*t->url)
        return err_set(e, ERR_USAGE, "no cluster is named; give --url, set WEIR_URL, or see weir-context(1)");
    t->url = check_url(h, t->url, "cluster", e);
    if (t->url && t->gateway)
        t->gateway = check_url(h, t->gateway, "SQL gateway", e);
    return !e->kind;
}

static bool check_file(const char *path, const char *what, struct err *e)
{
    return !path || access(path, R_OK) == 0 || err_set(e, ERR_MISSING, "%s: the %s cannot be read", path, what);
}

struct http *http_open(const struct live_target *t, struct err *e)
{
    if (!curl_lib_load(e))
        return NULL;
    struct http *h = mem_zalloc(sizeof *h);
    h->waiting.last = &h->waiting.first;
    h->done.last = &h->done.first;
    h->target = *t;
    const char **texts[] = {&h->target.url,         &h->target.unix_socket, &h->target.proxy,   &h->target.ca_cert,
                            &h->target.client_cert, &h->target.client_key,  &h->target.user,    &h->target.password,
                            &h->target.bearer,      &h->target.netrc,       &h->target.gateway, &h->target.gateway_sessions};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = kept(&h->arena, *texts[i]);
    if (!h->target.timeout_ms)
        h->target.timeout_ms = TIMEOUT_MS;
    if (!h->target.max_bytes)
        h->target.max_bytes = MAX_BYTES;
    h->multi = curl.multi_init();
    h->json_headers = curl.slist_append(curl.slist_append(NULL, "Accept: application/json"), "Content-Type: application/json");
    h->text_headers = curl.slist_append(curl.slist_append(NULL, "Accept: */*"), "Content-Type: application/json");
    if (!h->multi || !h->json_headers || !h->text_headers)
        err_set(e, ERR_IO, "curl cannot be set up: out of memory");
    if (check_urls(h, e) && check_file(h->target.ca_cert, "CA certificate", e) &&
        check_file(h->target.client_cert, "client certificate", e) && check_file(h->target.client_key, "client key", e))
        check_file(h->target.netrc, "netrc file", e);
    if (!e->kind)
        return h;
    http_close(h);
    return NULL;
}

void http_drop(struct http *h)
{
    for (int i = 0; i < AT_ONCE; i++)
        if (h->running[i]) {
            curl.multi_remove_handle(h->multi, h->running[i]->handle);
            curl.easy_cleanup(h->running[i]->handle);
            h->running[i] = NULL;
        }
    while (take(&h->waiting) || take(&h->done))
        ;
}

void http_close(struct http *h)
{
    http_drop(h);
    curl.multi_cleanup(h->multi);
    curl.slist_free_all(h->json_headers);
    curl.slist_free_all(h->text_headers);
    arena_free(&h->arena);
    free(h);
}

const char *http_url(const struct http *h) { return h->target.url; }
const struct live_target *http_target(const struct http *h) { return &h->target; }

static bool of_gateway(const char *path) { return !strncmp(path, HTTP_GATEWAY, sizeof HTTP_GATEWAY - 1); }
const char *http_base(const struct http *h, const char *path) { return of_gateway(path) ? h->target.gateway : h->target.url; }
const char *http_tail(const char *path) { return of_gateway(path) ? path + sizeof HTTP_GATEWAY - 1 : path; }

/* --- one exchange --- */

/* Only the end stays; from the beginning of a line on, where one begins. */
static void keep_end(struct http_exchange *x, size_t keep)
{
    size_t drop = x->answer.n - keep;
    const uint8_t *line = memchr(x->answer.p + drop, '\n', keep);
    if (line && (size_t)(line - x->answer.p) + 1 < x->answer.n)
        drop = (size_t)(line - x->answer.p) + 1;
    memmove(x->answer.p, x->answer.p + drop, x->answer.n - drop);
    x->answer.n -= drop;
    x->skipped += drop;
}

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
    struct http_exchange *x = ctx;
    size_t n = size * count, keep = x->text ? x->http->target.text_bytes : 0;
    if (keep) {
        buf_put(&x->answer, p, n);
        if (x->answer.n > 2 * keep)
            keep_end(x, keep);
        return n;
    }
    if (n > x->http->target.max_bytes - x->answer.n) {
        err_set(&x->err, ERR_SERVER, "%s%s: the answer is larger than %llu MiB", http_base(x->http, x->path), http_tail(x->path),
                (unsigned long long)(x->http->target.max_bytes >> 20));
        return 0;
    }
    buf_put(&x->answer, p, n);
    return n;
}

static long connect_ms(const struct http *h) { return h->target.timeout_ms < CONNECT_MS ? (long)h->target.timeout_ms : CONNECT_MS; }

static void identify(CURL *c, const struct live_target *t)
{
    if (t->bearer) {
        curl.easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl.easy_setopt(c, CURLOPT_XOAUTH2_BEARER, t->bearer);
    } else if (t->user) {
        curl.easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl.easy_setopt(c, CURLOPT_USERNAME, t->user);
        curl.easy_setopt(c, CURLOPT_PASSWORD, t->password ? t->password : "");
    } else if (t->netrc) {
        curl.easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl.easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
        curl.easy_setopt(c, CURLOPT_NETRC_FILE, t->netrc);
    }
    if (t->ca_cert)
        curl.easy_setopt(c, CURLOPT_CAINFO, t->ca_cert);
    if (t->client_cert)
        curl.easy_setopt(c, CURLOPT_SSLCERT, t->client_cert);
    if (t->client_key)
        curl.easy_setopt(c, CURLOPT_SSLKEY, t->client_key);
    if (t->insecure) {
        curl.easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
        curl.easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (t->proxy)
        curl.easy_setopt(c, CURLOPT_PROXY, t->proxy);
}

static void send_now(struct http *h, int slot, struct http_exchange *x)
{
    const struct live_target *t = &h->target;
    CURL *c = curl.easy_init();
    struct buf url = {0};
    buf_printf(&url, "%s%s", http_base(h, x->path), http_tail(x->path));
    curl.easy_setopt(c, CURLOPT_URL, buf_cstr(&url));
    buf_free(&url);
    x->reason[0] = 0;
    curl.easy_setopt(c, CURLOPT_ERRORBUFFER, x->reason);
    curl.easy_setopt(c, CURLOPT_PRIVATE, x);
    curl.easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl.easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTS);
    curl.easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
    curl.easy_setopt(c, CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
    curl.easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
    curl.easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, connect_ms(h));
    if (x->text && t->text_bytes) { /* may take longer, as long as it goes on */
        curl.easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(TEXT_PATIENCE * t->timeout_ms));
        curl.easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)TEXT_SPEED);
        curl.easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)((t->timeout_ms + 999) / 1000));
    } else {
        curl.easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
    }
    curl.easy_setopt(c, CURLOPT_HTTPHEADER, x->text ? h->text_headers : h->json_headers);
    curl.easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl.easy_setopt(c, CURLOPT_WRITEDATA, x);
    identify(c, t);
    if (t->unix_socket && !of_gateway(x->path))
        curl.easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, t->unix_socket);
    if (x->method != GET) {
        curl.easy_setopt(c, CURLOPT_POSTFIELDS, x->body ? x->body : "");
        curl.easy_setopt(c, CURLOPT_CUSTOMREQUEST, http_method_words[x->method]);
    }
    x->handle = c;
    x->started_ms = clock_monotonic_ms();
    h->running[slot] = x;
    curl.multi_add_handle(h->multi, c);
}

/* Fills the free places. */
static void send_waiting(struct http *h)
{
    for (int i = 0; i < AT_ONCE; i++)
        if (!h->running[i] && h->waiting.first)
            send_now(h, i, take(&h->waiting));
}

void http_start(struct http *h, struct http_exchange *x)
{
    x->http = h;
    x->status = 0;
    x->answer.n = 0;
    x->skipped = 0;
    x->page = x->away = false;
    x->err = (struct err){0};
    put(&h->waiting, x);
    send_waiting(h);
}

static void explain(const struct http *h, CURL *c, CURLcode code, struct http_exchange *x)
{
    const char *url = http_base(h, x->path);
    curl_off_t connected = 0;
    curl.easy_getinfo(c, CURLINFO_CONNECT_TIME_T, &connected);
    if (code == CURLE_OPERATION_TIMEDOUT && connected)
        err_set(&x->err, ERR_SERVER, "%s: no whole answer within %.3g s", url, (double)h->target.timeout_ms / 1000);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        err_set(&x->err, ERR_SERVER, "%s: no connection within %.3g s", url, (double)connect_ms(h) / 1000);
    else if (code == CURLE_COULDNT_CONNECT || !x->reason[0]) /* curl's reason is only longer */
        err_set(&x->err, ERR_SERVER, "%s: %s", url, curl.easy_strerror(code));
    else
        err_set(&x->err, ERR_SERVER, "%s: %s", url, x->reason);
}

static void finish(struct http *h, CURL *c, CURLcode code)
{
    struct http_exchange *x;
    char *type = NULL, *reason = NULL;
    curl.easy_getinfo(c, CURLINFO_PRIVATE, &reason);
    x = (struct http_exchange *)(void *)reason;
    x->took_ms = clock_monotonic_ms() - x->started_ms;
    if (x->text && h->target.text_bytes && x->answer.n > h->target.text_bytes)
        keep_end(x, h->target.text_bytes);
    if (code == CURLE_OK) {
        curl.easy_getinfo(c, CURLINFO_RESPONSE_CODE, &x->status);
        curl.easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
        x->page = type && !strncmp(type, "text/html", 9);
    } else if (!x->err.kind) {
        x->away = code != CURLE_TOO_MANY_REDIRECTS && code != CURLE_BAD_CONTENT_ENCODING;
        explain(h, c, code, x);
    }
    for (int i = 0; i < AT_ONCE; i++)
        if (h->running[i] == x)
            h->running[i] = NULL;
    curl.multi_remove_handle(h->multi, c);
    curl.easy_cleanup(c);
    x->handle = NULL;
    put(&h->done, x);
}

struct http_exchange *http_wait(struct http *h, int64_t timeout_ms)
{
    struct http_exchange *x = take(&h->done);
    if (x)
        return x;
    int still = 0, left;
    for (int turn = 0; turn < 2; turn++) {
        curl.multi_perform(h->multi, &still);
        for (CURLMsg *m; (m = curl.multi_info_read(h->multi, &left));)
            if (m->msg == CURLMSG_DONE)
                finish(h, m->easy_handle, m->data.result);
        send_waiting(h);
        x = take(&h->done);
        if (x || turn)
            return x;
        if (timeout_ms > 0)
            curl.multi_poll(h->multi, NULL, 0, timeout_ms < 60000 ? (int)timeout_ms : 60000, NULL);
    }
    return NULL;
}

void http_wake(struct http *h) { curl.multi_wakeup(h->multi); }
