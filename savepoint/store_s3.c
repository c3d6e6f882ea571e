#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/curl_lib.h"
#include "savepoint/s3.h"
#include "savepoint/store.h"

enum {
    AHEAD_MIN = 64 << 10, /* fetched when a file is opened */
    AHEAD_MAX = 8 << 20,  /* one request of a sequential reading */
    PIECE_MAX = 32 << 20, /* one request of a big read: what a retry repeats */
    TEXT_MAX = 16 << 20,  /* a page of a listing (1000 names) */
    PAGES_MAX = 10000,
    TRIES = 4,
    CONNECT_MS = 10000,
    STALLED_S = 20
};

/* curl and the settings are set up once; each thread keeps a handle of its own, and with it its connection. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t handle_key;
static struct arena settings_arena;
static struct s3_settings settings;

static void drop_handle(void *h) { curl.easy_cleanup(h); }

static void set_up(void)
{
    pthread_key_create(&handle_key, drop_handle);
    s3_settings_read(&settings, &settings_arena);
}

static CURL *handle(void)
{
    CURL *h = pthread_getspecific(handle_key);
    if (!h && (h = curl.easy_init()))
        pthread_setspecific(handle_key, h);
    return h;
}

/* One answer. The body of a good one goes to `to` (at most `want` bytes) or, without `to`, to `text`; that of a bad one to `text`. */
struct answer {
    CURL *h;
    long status;
    uint8_t *to;
    size_t want, got;
    bool too_long;
    uint64_t total; /* of Content-Range */
    bool has_total;
    char etag[200], region[40];
    struct buf text;
};

static bool good(long status) { return status == 200 || status == 206; }

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
    struct answer *r = ctx;
    size_t n = size * count;
    if (!r->status)
        curl.easy_getinfo(r->h, CURLINFO_RESPONSE_CODE, &r->status);
    if (good(r->status) && r->to) {
        if (n > r->want - r->got) {
            r->too_long = true;
            return 0;
        }
        memcpy(r->to + r->got, p, n);
        r->got += n;
        return n;
    }
    if (!good(r->status)) { /* the reason stands at the start */
        size_t room = (16 << 10) - r->text.n;
        buf_put(&r->text, p, n < room ? n : room);
        return n;
    }
    if (n > TEXT_MAX - r->text.n) {
        r->too_long = true;
        return 0;
    }
    buf_put(&r->text, p, n);
    return n;
}

/* The value of header `name` in a line, copied without its end; false when it is another or too long. */
static bool header(const char *line, size_t n, const char *name, char *to, size_t room)
{
    size_t k = strlen(name);
    if (n <= k || strncasecmp(line, name, k) != 0 || line[k] != ':')
        return false;
    for (line += k + 1, n -= k + 1; n && (*line == ' ' || *line == '\t'); line++)
        n--;
    while (n && (unsigned char)line[n - 1] <= ' ')
        n--;
    if (n >= room)
        return false;
    memcpy(to, line, n);
    to[n] = 0;
    return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
    struct answer *r = ctx;
    size_t n = size * count;
    char range[80], *slash, *end;
    header(line, n, "ETag", r->etag, sizeof r->etag);
    header(line, n, "x-amz-bucket-region", r->region, sizeof r->region);
    if (header(line, n, "Content-Range", range, sizeof range) && (slash = strchr(range, '/')) && slash[1] >= '0' &&
        slash[1] <= '9') {
        r->total = strtoull(slash + 1, &end, 10);
        r->has_total = !*end && r->total <= INT64_MAX;
    }
    return n;
}

/* Whether the same request may do better a little later. */
static bool passing(CURLcode code, long status)
{
    switch (code) {
    case CURLE_OK:
        return status == 408 || status == 429 || status >= 500;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

static void wait_before(int try)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms =
        (200L << (2 * try)) + now.tv_nsec / 1000 % 100; /* 0.2, 0.8, 3.2 s, and a little so that threads do not march in step */
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static bool no_memory(struct err *e) { return err_set(e, ERR_IO, "curl cannot set up a request: out of memory"); }

static struct curl_slist *with_header(struct curl_slist *list, bool *bad, const char *name, const char *value)
{
    struct buf b = {0};
    buf_printf(&b, "%s: %s", name, value);
    struct curl_slist *longer = curl.slist_append(list, buf_cstr(&b));
    buf_free(&b);
    *bad = *bad || !longer;
    return longer ? longer : list;
}

/* A bad status in words. */
static bool refused(const struct answer *r, const char *location, struct err *e)
{
    struct arena a = {0};
    struct bytes xml = {r->text.p, r->text.n}, inner;
    const char *code = s3_xml_next(&xml, "Code", &inner) ? s3_xml_text(inner, &a) : "no reason given";
    xml = (struct bytes){r->text.p, r->text.n};
    const char *message = s3_xml_next(&xml, "Message", &inner) ? s3_xml_text(inner, &a) : "";
    if (strcmp(code, "NoSuchBucket") == 0)
        err_set(e, ERR_MISSING, "%s: there is no such bucket", location);
    else if (r->status == 404)
        err_set(e, ERR_MISSING, "%s: there is no such object", location);
    else if (r->status == 412)
        err_set(e, ERR_CHANGED, "%s: changed while it was read", location);
    else if (r->region[0] && strcmp(r->region, settings.region) != 0)
        err_set(e, ERR_SERVER, "%s: the bucket is in another region; set AWS_REGION=%s", location, r->region);
    else if ((r->status == 401 || r->status == 403) && !settings.key_id)
        err_set(e, ERR_SERVER, "%s: the server wants credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
                location);
    else if (r->status == 401 || r->status == 403)
        err_set(e, ERR_SERVER, "%s: the server refuses access (%s: %s); check the AWS credentials and the rights on the bucket",
                location, code, message);
    else
        err_set(e, ERR_SERVER, "%s: the server answers with status %ld (%s: %s)", location, r->status, code, message);
    arena_free(&a);
    return false;
}

/* GETs a URL, repeating what may pass. range: "first-last" or NULL; etag: the object must still be that one, or NULL or "".
 * ok_status is an answer besides 200 and 206 that is the caller's to judge. */
static bool get(const char *url, const char *range, const char *etag, long ok_status, struct answer *r, const char *location,
                struct err *e)
{
    CURL *h = handle();
    if (!h)
        return no_memory(e);
    curl.easy_reset(h);
    bool bad = false;
    struct curl_slist *headers = NULL;
    if (etag && *etag)
        headers = with_header(headers, &bad, "If-Match", etag);
    struct buf region = {0};
    if (settings.key_id) {
        /* the hash of no body; given here because curl versions differ in what they make of it */
        headers =
            with_header(headers, &bad, "x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        if (settings.token)
            headers = with_header(headers, &bad, "x-amz-security-token", settings.token);
        buf_printf(&region, "aws:amz:%s:s3", settings.region);
        curl.easy_setopt(h, CURLOPT_AWS_SIGV4, buf_cstr(&region));
        curl.easy_setopt(h, CURLOPT_USERNAME, settings.key_id);
        curl.easy_setopt(h, CURLOPT_PASSWORD, settings.secret);
    }
    char reason[CURL_ERROR_SIZE];
    curl.easy_setopt(h, CURLOPT_ERRORBUFFER, reason);
    curl.easy_setopt(h, CURLOPT_URL, url);
    curl.easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(h, CURLOPT_PATH_AS_IS, 1L); /* "..", "//" are parts of a key like any other */
    curl.easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(h, CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
    curl.easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl.easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl.easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)STALLED_S);
    curl.easy_setopt(h, CURLOPT_BUFFERSIZE, 256L << 10);
    curl.easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl.easy_setopt(h, CURLOPT_RANGE, range);
    curl.easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl.easy_setopt(h, CURLOPT_WRITEDATA, r);
    curl.easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl.easy_setopt(h, CURLOPT_HEADERDATA, r);
    const char *ca = getenv("AWS_CA_BUNDLE");
    if (ca && *ca)
        curl.easy_setopt(h, CURLOPT_CAINFO, ca);

    CURLcode code = CURLE_OUT_OF_MEMORY;
    for (int try = 0; !bad; try++) {
        reason[0] = 0;
        r->h = h;
        r->status = 0;
        r->got = 0;
        r->text.n = 0;
        r->too_long = r->has_total = false;
        r->etag[0] = r->region[0] = 0;
        code = curl.easy_perform(h);
        curl.easy_getinfo(h, CURLINFO_RESPONSE_CODE, &r->status);
        if (try + 1 == TRIES || !passing(code, r->status))
            break;
        wait_before(try);
    }
    curl.slist_free_all(headers);
    curl.easy_setopt(h, CURLOPT_ERRORBUFFER, NULL);
    buf_free(&region);
    if (bad)
        return no_memory(e);
    if (r->too_long)
        return err_set(e, ERR_SERVER, "%s: the server sends more than was asked for; is it an S3 server that knows ranges?",
                       location);
    if (code != CURLE_OK)
        return err_set(e, ERR_SERVER, "%s: the server cannot be reached: %s", location,
                       reason[0] ? reason : curl.easy_strerror(code));
    if (good(r->status) || r->status == ok_status)
        return true;
    return refused(r, location, e);
}

/* An open object. */
struct object {
    char *url;
    char etag[200];
    uint8_t *ahead;       /* bytes [at, at + n) of the object */
    size_t n, cap, reach; /* reach: how much the next sequential request fetches */
    uint64_t at;
};

/* Bytes [off, off + n) to `to`; n > 0, inside the object. */
static bool fetch(const struct store_file *f, uint64_t off, void *to, size_t n, struct err *e)
{
    const struct object *o = f->own;
    for (size_t got = 0; got < n;) {
        struct answer r = {.to = (uint8_t *)to + got, .want = n - got < PIECE_MAX ? n - got : PIECE_MAX};
        char range[64];
        snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)(off + got), (unsigned long long)(off + got + r.want - 1));
        bool done = get(o->url, range, o->etag, 0, &r, f->location, e);
        if (done && (r.got != r.want || (r.status != 206 && off + got)))
            done =
                err_set(e, ERR_CHANGED, "%s: changed while it was read: %zu bytes came where %zu are", f->location, r.got, r.want);
        buf_free(&r.text);
        if (!done)
            return false;
        got += r.got;
    }
    return true;
}

static void free_object(struct object *o)
{
    free(o->url);
    free(o->ahead);
    free(o);
}

/* The first bytes tell the size, and whether the object is there at all. */
static bool s3_open(struct store_file *f, struct err *e)
{
    if (!curl_lib_load(e))
        return false;
    pthread_once(&once, set_up);
    struct arena a = {0};
    struct s3_place place;
    if (!s3_place_of(&place, f->location, &a, e)) {
        arena_free(&a);
        return false;
    }
    if (!place.key[0] || place.key[strlen(place.key) - 1] == '/') {
        arena_free(&a);
        return err_set(e, ERR_MISSING, "%s: is a directory, where a file is wanted", f->location);
    }
    struct object *o = mem_zalloc(sizeof *o);
    o->url = mem_strdup(s3_url(&settings, place.bucket, place.key, &a));
    arena_free(&a);
    o->reach = o->cap = AHEAD_MIN;
    o->ahead = mem_alloc(o->cap);
    struct answer r = {.to = o->ahead, .want = AHEAD_MIN};
    char range[32];
    snprintf(range, sizeof range, "0-%d", AHEAD_MIN - 1);
    bool done = get(o->url, range, NULL, 416, &r, f->location, e);
    if (done && r.status == 206) {
        f->size = r.total;
        if (!r.has_total || r.got != (r.total < AHEAD_MIN ? r.total : AHEAD_MIN))
            done = err_set(e, ERR_SERVER, "%s: the server does not tell the object's size; is it an S3 server that knows ranges?",
                           f->location);
    } else if (done && r.status == 200) { /* the whole of it */
        f->size = r.got;
    } else if (done && r.has_total && r.total) {
        done = err_set(e, ERR_SERVER, "%s: the server refuses the range %s of %llu bytes", f->location, range,
                       (unsigned long long)r.total);
    }
    o->n = r.got;
    memcpy(o->etag, r.etag, sizeof o->etag);
    buf_free(&r.text);
    if (!done) {
        free_object(o);
        return false;
    }
    f->own = o;
    return true;
}

static bool s3_read(struct store_file *f, uint64_t off, void *to, size_t n, struct err *e)
{
    struct object *o = f->own;
    uint8_t *put = to;
    if (off >= o->at && off - o->at < o->n) {
        size_t from = (size_t)(off - o->at), k = o->n - from < n ? o->n - from : n;
        memcpy(put, o->ahead + from, k);
        put += k;
        off += k;
        n -= k;
    }
    if (!n)
        return true;
    if (n >= AHEAD_MAX)
        return fetch(f, off, put, n, e);
    size_t want = AHEAD_MIN;
    if (off >= o->at + o->n && off - (o->at + o->n) < AHEAD_MIN) /* sequential, but for small gaps */
        want = o->reach = o->reach < AHEAD_MAX / 4 ? 4 * o->reach : AHEAD_MAX;
    else
        o->reach = AHEAD_MIN;
    want = want > n ? want : n;
    want = want < f->size - off ? want : (size_t)(f->size - off);
    if (o->cap < want) {
        free(o->ahead);
        o->ahead = mem_alloc(want);
        o->cap = want;
    }
    o->at = off;
    o->n = 0;
    if (!fetch(f, off, o->ahead, want, e))
        return false;
    o->n = want;
    memcpy(put, o->ahead, n);
    return true;
}

static void s3_close(struct store_file *f) { free_object(f->own); }

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static bool s3_list(const char *dir, struct arena *a, const char ***names, uint32_t *n, struct err *e)
{
    if (!curl_lib_load(e))
        return false;
    pthread_once(&once, set_up);
    struct s3_place place;
    if (!s3_place_of(&place, dir, a, e))
        return false;
    size_t k = strlen(place.key);
    const char *prefix = k && place.key[k - 1] != '/' ? arena_printf(a, "%s/", place.key) : place.key;
    const char *token = NULL;
    struct s3_names list = {0};
    bool done = true, found = false;
    for (uint32_t page = 0; done && (!page || token); page++) {
        struct answer r = {0};
        done = get(s3_list_url(&settings, place.bucket, prefix, token, a), NULL, NULL, 0, &r, dir, e);
        if (done && !s3_list_page(&list, (struct bytes){r.text.p, r.text.n}, prefix, &token, a, e))
            done = err_in(e, "%s", dir);
        found = found || (done && memmem(r.text.p, r.text.n, "<Key>", 5)); /* the directory's own marker object */
        buf_free(&r.text);
        if (done && page == PAGES_MAX)
            done = err_set(e, ERR_LIMIT, "%s: has more than %d pages of names", dir, PAGES_MAX);
    }
    if (done && !list.n && !found && prefix[0])
        done = err_set(e, ERR_MISSING, "%s: there is nothing below it", dir);
    if (done) {
        if (list.n)
            qsort(list.p, list.n, sizeof *list.p, by_name);
        *names = arena_array(a, list.n, sizeof **names);
        if (list.n)
            memcpy(*names, list.p, list.n * sizeof *list.p);
        *n = list.n;
    }
    free(list.p);
    return done;
}

const struct store_ops store_s3 = {.open = s3_open, .read = s3_read, .close = s3_close, .list = s3_list};
