#include "tests/support/rest_stub.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/jsonr.h"
#include "base/mem.h"

enum { CONNECTIONS = 64, REQUEST_MAX = 1 << 20 };

struct recorded {
    const char *method, *path, *status, *type;
    struct bytes body;
    uint32_t given;
};

struct rest_stub {
    int fd;
    char url[64];
    struct arena arena;
    struct recorded *recorded;
    size_t n_recorded;
    pthread_mutex_t lock; /* of `given` and `changes` */
    struct buf changes;
    _Atomic int way;
    _Atomic unsigned requests, connections, open;
    atomic_bool stop;
    pthread_t listener;
};

struct connection {
    struct rest_stub *s;
    int fd;
};

bool rest_stub_way(const char *word, enum stub_way *way)
{
    static const char *const words[] = {
#define STUB(id, word, what) word,
        STUB_WAYS
#undef STUB
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(word, words[i])) {
            *way = (enum stub_way)i;
            return true;
        }
    return false;
}

/* --- recordings --- */

static char *field(char **at)
{
    char *f = *at, *tab = strchr(f, '\t');
    *at = tab ? tab + 1 : f + strlen(f);
    if (tab)
        *tab = 0;
    return f;
}

static void read_line(struct rest_stub *s, char *line)
{
    struct recorded r = {.method = field(&line), .path = field(&line), .status = field(&line), .type = field(&line)};
    r.body = (struct bytes){(const uint8_t *)line, strlen(line)};
    if (!strncmp(r.type, "text/plain", 10)) {
        struct jsonr j = {0};
        struct bytes text = {0};
        jsonr_start(&j, r.body.p, r.body.n);
        jsonr_string(&j, &text);
        r.body = (struct bytes){(const uint8_t *)arena_strn(&s->arena, (const char *)text.p, text.n), text.n};
        jsonr_free(&j);
    }
    s->recorded = mem_grow(s->recorded, s->n_recorded + 1, sizeof *s->recorded);
    s->recorded[s->n_recorded++] = r;
}

static bool read_recordings(struct rest_stub *s, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    if (!f)
        return false;
    while ((n = getline(&line, &cap, f)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = 0;
        if (line[0] && line[0] != '#')
            read_line(s, arena_str(&s->arena, line));
    }
    free(line);
    fclose(f);
    return true;
}

static struct recorded *find(struct rest_stub *s, const char *method, const char *path)
{
    struct recorded *best = NULL;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->n_recorded; i++) {
        struct recorded *r = &s->recorded[i];
        if (strcmp(r->method, method) != 0 || strcmp(r->path, path) != 0)
            continue;
        best = r;
        if (!r->given)
            break;
    }
    if (best)
        best->given++;
    pthread_mutex_unlock(&s->lock);
    return best;
}

/* --- sending --- */

static bool send_all(const struct connection *c, const void *p, size_t n)
{
    for (size_t at = 0; at < n && !c->s->stop;) {
        ssize_t k = send(c->fd, (const char *)p + at, n - at, MSG_NOSIGNAL);
        if (k < 0 && errno == EAGAIN)
            poll(&(struct pollfd){.fd = c->fd, .events = POLLOUT}, 1, 50);
        else if (k <= 0)
            return false;
        else
            at += (size_t)k;
    }
    return !c->s->stop;
}

static bool send_text(const struct connection *c, const char *text) { return send_all(c, text, strlen(text)); }

static bool answer(const struct connection *c, const char *status, const char *type, const char *headers, const void *p, size_t n)
{
    struct buf b = {0};
    buf_printf(&b, "HTTP/1.1 %s x\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", status, type, n, headers);
    buf_put(&b, p, n);
    bool good = send_all(c, b.p, b.n);
    buf_free(&b);
    return good;
}

static bool json(const struct connection *c, const char *status, const char *headers, const char *text)
{
    return answer(c, status, "application/json; charset=UTF-8", headers, text, strlen(text));
}

/* `text` again and again, until the other side has enough or `times` are sent. */
static bool repeat(const struct connection *c, const char *text, size_t times)
{
    struct buf b = {0};
    for (int i = 0; i < 1000; i++)
        buf_puts(&b, text);
    bool good = true;
    for (size_t i = 0; good && i < times; i += 1000)
        good = send_all(c, b.p, b.n);
    buf_free(&b);
    return good;
}

static void nap(void) { poll(NULL, 0, 20); }

static void many_jobs(struct buf *b)
{
    static const char *const names[] = {
        "plain",     "\\u001b[2J\\u001b]0;owned\\u0007", "a\\u0000b\\r\\nc\\u009b31m", "\\u202egnp.exe",
        "\xc2\x9bm", "\xe6\x97\xa5\xe6\x9c\xac"};
    buf_puts(b, "{\"jobs\":[");
    for (unsigned i = 0; i < 10000; i++)
        buf_printf(
            b,
            "%s{\"jid\":\"%032x\",\"name\":\"%s\",\"state\":\"RUNNING\",\"start-time\":%u,\"end-time\":-1,\"duration\":1,\"tasks\":{\"running\":1}}",
            i ? "," : "", i, names[i % 6], 1700000 + i);
    buf_puts(b, "]}");
}

/* Bits for deflate: the first is the lowest of a byte. */
struct bits {
    struct buf out;
    unsigned n;
};

/* n bits of a Huffman code, its highest first. */
static void put_code(struct bits *b, unsigned code, unsigned n)
{
    while (n--) {
        if (b->n++ % 8 == 0)
            buf_putc(&b->out, 0);
        b->out.p[b->out.n - 1] |= (uint8_t)((code >> n & 1) << (b->n - 1) % 8);
    }
}

/* 300,000 times 258 blanks, as copies of the one before, 13 bits each. */
static bool bomb(const struct connection *c)
{
    struct bits b = {0};
    static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    buf_put(&b.out, head, sizeof head);
    put_code(&b, 2, 3);          /* not the last block; fixed codes (01, its lowest bit first) */
    put_code(&b, 0x30 + ' ', 8); /* a blank */
    for (int i = 0; i < 300000; i++)
        put_code(&b, 0xc5 << 5, 13); /* 258 bytes from 1 back */
    bool good = answer(c, "200", "application/json", "Content-Encoding: gzip\r\n", b.out.p, b.out.n);
    buf_free(&b.out);
    return good;
}

/* True: the connection goes on. */
static bool misbehave(const struct connection *c, const char *path)
{
    struct buf b = {0};
    bool good = false;
    switch ((enum stub_way)c->s->way) {
    case STUB_PLAYS:
        break;
    case STUB_SILENT:
        while (!c->s->stop)
            nap();
        break;
    case STUB_CLOSES:
        break;
    case STUB_GARBAGE:
        send_all(c, "\x16\x03\x01\0\0 what?\r\n\r\n", 16);
        break;
    case STUB_DRIPS:
        for (good = send_text(c, "HTTP/1.1 200 x\r\nContent-Length: 1000000\r\n\r\n"); good; nap())
            good = send_text(c, " ");
        break;
    case STUB_HUGE:
        if (send_text(c, "HTTP/1.1 200 x\r\nContent-Length: 1073741824\r\n\r\n"))
            repeat(c, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 1 << 25);
        break;
    case STUB_ENDLESS:
        if (send_text(c, "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"))
            repeat(c, "20\r\n                                \r\n", SIZE_MAX);
        break;
    case STUB_BOMB:
        return bomb(c);
    case STUB_CUT:
        send_text(c, "HTTP/1.1 200 x\r\nContent-Length: 1000\r\n\r\n{\"jobs\":[");
        break;
    case STUB_NO_JSON:
        return json(c, "200", "", "{\"jobs\":[{\"jid\":\"ab");
    case STUB_PAGE:
        return answer(c, "200", "text/html", "", "<html>log in</html>", 19);
    case STUB_TYPES:
        return json(
            c, "200", "",
            "{\"jobs\":{\"a\":1},\"taskmanagers\":[1,\"x\",null,[],{\"id\":{}}],\"vertices\":[7,{\"id\":[],\"tasks\":\"no\",\"metrics\":[1]}],"
            "\"plan\":[],\"jid\":{\"x\":[]},\"name\":12,\"state\":false,\"history\":[null,{\"id\":\"x\"}],\"counts\":[],\"latest\":7,\"summary\":\"\","
            "\"start-time\":\"soon\",\"slots-total\":1e400,\"jobs-running\":1.5,\"flink-version\":null,\"exceptionHistory\":{\"entries\":{}}}");
    case STUB_DEEP:
        for (int i = 0; i < 1000000; i++)
            buf_puts(&b, "{\"jobs\":");
        good = json(c, "200", "", buf_cstr(&b));
        break;
    case STUB_GREEDY:
        buf_puts(&b, "{\"jobs\":[{}");
        for (int i = 0; i < 5000000; i++)
            buf_puts(&b, ",{}");
        buf_puts(&b, "]}");
        good = json(c, "200", "", buf_cstr(&b));
        break;
    case STUB_MANY:
        many_jobs(&b);
        good = json(c, "200", "", buf_cstr(&b));
        break;
    case STUB_LOOPS:
        buf_printf(&b, "Location: %s\r\n", path);
        good = json(c, "307", buf_cstr(&b), "");
        break;
    case STUB_LOCKED:
        return json(c, "401", "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
    case STUB_LEADERLESS:
        return json(c, "503", "",
                    "{\"errors\":[\"Service temporarily unavailable due to an ongoing leader election. Please refresh.\"]}");
    case STUB_FAILS:
        return json(
            c, "500", "",
            "{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\njava.lang.IllegalStateException: no luck\\n\\tat x\"]}");
    }
    buf_free(&b);
    return good;
}

/* The id in a path of a job of which nothing is recorded; NULL: it is none. */
static const char *unknown_job(const struct rest_stub *s, const char *path)
{
    enum { PREFIX = 6, ID = 32 };
    if (strncmp(path, "/jobs/", PREFIX) != 0 || strspn(path + PREFIX, "0123456789abcdef") != ID)
        return NULL;
    for (size_t i = 0; i < s->n_recorded; i++)
        if (!strncmp(s->recorded[i].path, path, PREFIX + ID))
            return NULL;
    return path + PREFIX;
}

static bool play(const struct connection *c, const char *method, const char *path)
{
    if (!strncmp(path, "/v1/", 4))
        path += 3;
    const struct recorded *r = find(c->s, method, path);
    if (r)
        return answer(c, r->status, r->type, "", r->body.p, r->body.n);
    struct buf b = {0};
    const char *job = unknown_job(c->s, path);
    if (job)
        buf_printf(&b, "{\"errors\":[\"org.apache.flink.runtime.rest.NotFoundException: Job %.32s not found\\n\\tat x\"]}", job);
    else
        buf_printf(&b, "{\"errors\":[\"Unable to load requested file %s.\"]}", path);
    bool good = json(c, "404", "", buf_cstr(&b));
    buf_free(&b);
    return good;
}

/* --- receiving --- */

static void note(struct rest_stub *s, const char *method, const char *path, const uint8_t *body, size_t n)
{
    if (!strcmp(method, "GET"))
        return;
    pthread_mutex_lock(&s->lock);
    buf_printf(&s->changes, "%s %s %.*s\n", method, path, (int)n, (const char *)body);
    pthread_mutex_unlock(&s->lock);
}

/* Reads one request with its body; false: the connection is over. */
static bool receive(const struct connection *c, struct buf *in, char *method, char *path)
{
    for (;;) {
        char *end = in->n ? memmem(in->p, in->n, "\r\n\r\n", 4) : NULL;
        if (end) {
            *end = 0;
            const char *length = strcasestr((char *)in->p, "\r\nContent-Length:");
            size_t body = length ? strtoul(length + 17, NULL, 10) : 0, head = (size_t)(end - (char *)in->p) + 4;
            if (in->n - head >= body) {
                bool good = sscanf((char *)in->p, "%7s %4095s", method, path) == 2;
                if (good)
                    note(c->s, method, path, in->p + head, body);
                memmove(in->p, in->p + head + body, in->n - head - body);
                in->n -= head + body;
                return good;
            }
            *end = '\r';
        }
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        while (poll(&p, 1, 50) == 0)
            if (c->s->stop)
                return false;
        buf_reserve(in, 4096);
        ssize_t n = recv(c->fd, in->p + in->n, 4095, 0);
        if (n <= 0 || in->n > REQUEST_MAX)
            return false;
        in->n += (size_t)n;
        in->p[in->n] = 0;
    }
}

static void *serve(void *ctx)
{
    struct connection *c = ctx;
    struct buf in = {0};
    char method[8], path[4096]; /* Flink takes no longer line either */
    while (receive(c, &in, method, path)) {
        c->s->requests++;
        if (!(c->s->way == STUB_PLAYS ? play(c, method, path) : misbehave(c, path)))
            break;
    }
    buf_free(&in);
    close(c->fd);
    c->s->open--;
    free(c);
    return NULL;
}

static void *listen_on(void *ctx)
{
    struct rest_stub *s = ctx;
    while (!s->stop) {
        struct pollfd p = {.fd = s->fd, .events = POLLIN};
        if (poll(&p, 1, 20) <= 0 || s->open == CONNECTIONS)
            continue;
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            continue;
        struct connection *c = mem_zalloc(sizeof *c);
        *c = (struct connection){.s = s, .fd = fd};
        s->connections++;
        s->open++;
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, c) == 0)
            pthread_detach(thread);
    }
    return NULL;
}

/* --- the door --- */

struct rest_stub *rest_stub_start(const char *recordings, enum stub_way way)
{
    struct rest_stub *s = mem_zalloc(sizeof *s);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    s->way = (int)way;
    pthread_mutex_init(&s->lock, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if ((recordings && !read_recordings(s, recordings)) || s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(s->fd, 64) != 0 || getsockname(s->fd, (struct sockaddr *)&a, &n) != 0 ||
        pthread_create(&s->listener, NULL, listen_on, s) != 0) {
        fprintf(stderr, "rest_stub: %s: %s\n", recordings ? recordings : "a loopback port", strerror(errno));
        return NULL;
    }
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", ntohs(a.sin_port));
    return s;
}

void rest_stub_stop(struct rest_stub *s)
{
    s->stop = true;
    pthread_join(s->listener, NULL);
    while (s->open)
        nap();
    close(s->fd);
    pthread_mutex_destroy(&s->lock);
    free(s->recorded);
    buf_free(&s->changes);
    arena_free(&s->arena);
    free(s);
}

const char *rest_stub_url(const struct rest_stub *s) { return s->url; }
void rest_stub_behave(struct rest_stub *s, enum stub_way way) { s->way = (int)way; }
unsigned rest_stub_requests(const struct rest_stub *s) { return s->requests; }
unsigned rest_stub_connections(const struct rest_stub *s) { return s->connections; }

const char *rest_stub_changes(struct rest_stub *s)
{
    pthread_mutex_lock(&s->lock);
    const char *text = buf_cstr(&s->changes);
    pthread_mutex_unlock(&s->lock);
    return text;
}
