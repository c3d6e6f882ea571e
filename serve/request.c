#include "serve/request.h"

#include <string.h>
#include <strings.h>

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "%41+b" is "A+b", in a query "A b". A %00 ends nothing: it stays as it is. */
static const char *decode(const char *s, size_t n, bool query, struct arena *a)
{
    char *to = arena_strn(a, s, n), *out = to;
    for (size_t i = 0; i < n; i++) {
        int high = s[i] == '%' && i + 2 < n ? hex(s[i + 1]) : -1, low = high >= 0 ? hex(s[i + 2]) : -1;
        if (low >= 0 && (high || low)) {
            *out++ = (char)(high * 16 + low);
            i += 2;
        } else {
            *out++ = query && s[i] == '+' ? ' ' : s[i];
        }
    }
    *out = 0;
    return to;
}

/* --- paths --- */

struct segments {
    uint32_t n;
    struct bytes v[REQUEST_SEGMENTS];
};

/* False: there are too many. Of "//" nothing is between. */
static bool split(struct segments *s, const char *path, size_t n)
{
    const char *end = path + n;
    s->n = 0;
    while (path < end) {
        const char *slash = memchr(path, '/', (size_t)(end - path)), *to = slash ? slash : end;
        if (to > path) {
            if (s->n == REQUEST_SEGMENTS)
                return false;
            s->v[s->n++] = (struct bytes){(const uint8_t *)path, (size_t)(to - path)};
        }
        path = to + 1;
    }
    return true;
}

static const char **parameter(struct request *r, struct bytes name)
{
    static const struct {
        const char *name;
        size_t at;
    } all[] = {{":job", offsetof(struct request, job)},
               {":vertex", offsetof(struct request, vertex)},
               {":item", offsetof(struct request, item)},
               {":part", offsetof(struct request, part)}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strlen(all[i].name) == name.n && !memcmp(all[i].name, name.p, name.n))
            return (const char **)((char *)r + all[i].at);
    return NULL;
}

/* How many segments are words, not parameters: the route with most of them fits best. -1: it is another path. */
static int fits(enum live_route route, const struct segments *asked)
{
    struct segments mine;
    struct request none;
    const char *path = routes[route].path;
    int words = 0;
    if (route_is_gateway(route) || !split(&mine, path, strcspn(path, "?")) || mine.n != asked->n)
        return -1;
    for (uint32_t i = 0; i < mine.n; i++) {
        if (parameter(&none, mine.v[i]))
            continue;
        if (mine.v[i].n != asked->v[i].n || memcmp(mine.v[i].p, asked->v[i].p, mine.v[i].n) != 0)
            return -1;
        words++;
    }
    return words;
}

static void take_parameters(struct request *r, const struct segments *asked, struct arena *a)
{
    struct segments mine;
    const char *path = routes[r->route].path;
    split(&mine, path, strcspn(path, "?"));
    for (uint32_t i = 0; i < mine.n; i++) {
        const char **to = parameter(r, mine.v[i]);
        if (to)
            *to = decode((const char *)asked->v[i].p, asked->v[i].n, false, a);
    }
}

static bool is_word(struct bytes s, const char *word) { return strlen(word) == s.n && !memcmp(s.p, word, s.n); }

void request_read(struct request *r, const char *method, const char *url, struct arena *a)
{
    struct segments s;
    size_t n = strcspn(url, "?");
    int best = -1, elsewhere = -1;
    *r = (struct request){.route = LIVE_ROUTES, .path = arena_strn(a, url, n < 200 ? n : 200)};
    if (url[n] == '?' && url[n + 1])
        r->query = arena_str(a, url + n + 1);
    if (strlen(url) > REQUEST_PATH_MAX || !split(&s, url, n))
        return;
    if (s.n && is_word(s.v[0], "v1"))
        memmove(s.v, s.v + 1, --s.n * sizeof *s.v);
    r->metrics = s.n == 1 && is_word(s.v[0], "metrics") && !strcmp(method, "GET");
    for (enum live_route i = 0; i < LIVE_ROUTES; i++) {
        int words = fits(i, &s);
        bool mine = !strcmp(http_method_words[routes[i].method], method);
        if (!mine) {
            elsewhere = words > elsewhere ? words : elsewhere;
        } else if (words > best) {
            best = words;
            r->route = i;
        }
    }
    r->other_method = best < 0 && elsewhere >= 0;
    if (r->route != LIVE_ROUTES)
        take_parameters(r, &s, a);
}

/* --- queries --- */

const char *request_query(const struct request *r, const char *name, struct arena *a)
{
    size_t n = strlen(name);
    for (const char *p = r->query; p && *p; p += *p == '&') {
        size_t whole = strcspn(p, "&");
        if (whole > n && !memcmp(p, name, n) && p[n] == '=')
            return decode(p + n + 1, whole - n - 1, true, a);
        p += whole;
    }
    return NULL;
}

const char **request_list(const char *list, uint32_t *n, struct arena *a)
{
    const char **v = arena_array(a, strlen(list) + 2, sizeof *v);
    *n = 0;
    for (const char *p = list; *p; p += *p == ',') {
        size_t whole = strcspn(p, ",");
        if (whole)
            v[(*n)++] = arena_strn(a, p, whole);
        p += whole;
    }
    return v;
}

/* --- bodies --- */

bool request_body_read(struct request_body *b, struct bytes text, struct arena *a, const char **why)
{
    static const struct {
        const char *name;
        size_t at;
        bool is_bool;
    } all[] = {{"target-directory", offsetof(struct request_body, directory), false},
               {"targetDirectory", offsetof(struct request_body, directory), false},
               {"formatType", offsetof(struct request_body, format), false},
               {"checkpointType", offsetof(struct request_body, type), false},
               {"triggerId", offsetof(struct request_body, trigger), false},
               {"savepoint-path", offsetof(struct request_body, path), false},
               {"drain", offsetof(struct request_body, drain), true},
               {"cancel-job", offsetof(struct request_body, cancel), true}};
    struct jsonr r = {0};
    struct bytes key, value;
    *b = (struct request_body){0};
    if (!text.n)
        return true;
    jsonr_start(&r, text.p, text.n);
    bool object = jsonr_peek(&r) == JSONR_OBJECT;
    for (jsonr_object(&r); jsonr_key(&r, &key);) {
        size_t i = 0, n = sizeof all / sizeof *all;
        while (i < n && !is_word(key, all[i].name))
            i++;
        if (i == n)
            jsonr_skip(&r); /* as Flink since 1.20 */
        else if (all[i].is_bool)
            jsonr_bool(&r, (bool *)((char *)b + all[i].at));
        else if (jsonr_string(&r, &value))
            *(const char **)((char *)b + all[i].at) = arena_strn(a, (const char *)value.p, value.n);
    }
    bool ok = jsonr_end(&r) && object;
    *why = ok ? NULL : "Request did not match expected format: the body is no JSON object";
    jsonr_free(&r);
    return ok;
}
