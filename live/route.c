#include "live/route.h"

#include <string.h>

const struct route routes[LIVE_ROUTES] = {
#define ROUTE(id, method, path, since, type, seconds) [id] = {method, path, since, seconds, &shape_##type},
#include "live/rest_api.def"
};

static const char *const placeholders[] = {":job", ":vertex", ":item", ":part"};
enum { PLACEHOLDERS = 4 };

static const char **parameter(struct live_ask *ask, int i)
{
    const char **const all[] = {&ask->job, &ask->vertex, &ask->item, &ask->part};
    return all[i];
}

/* Whether the path has the placeholder: as a whole word, so that ":job" is not met in ":jobs". */
static const char *placeholder(const char *path, const char *name)
{
    const char *p = strstr(path, name);
    char after = p ? p[strlen(name)] : 'a';
    return after == 0 || after == '/' || after == '?' ? p : NULL;
}

const char *live_route_path(enum live_route r, unsigned *since)
{
    *since = routes[r].since;
    return routes[r].path;
}

bool route_is_gateway(enum live_route r) { return !strncmp(routes[r].path, HTTP_GATEWAY, sizeof HTTP_GATEWAY - 1); }

struct live_ask route_ask(const struct live_ask *ask)
{
    struct live_ask bare = *ask;
    for (int i = 0; i < PLACEHOLDERS; i++)
        if (!placeholder(routes[ask->route].path, placeholders[i]))
            *parameter(&bare, i) = NULL;
    return bare;
}

struct live_ask route_copy(struct arena *a, const struct live_ask *ask)
{
    struct live_ask copy = *ask;
    for (int i = 0; i < PLACEHOLDERS; i++)
        if (*parameter(&copy, i))
            *parameter(&copy, i) = arena_str(a, *parameter(&copy, i));
    if (copy.query)
        copy.query = arena_str(a, copy.query);
    return copy;
}

/* Unreserved characters, and ":" as it stands in task managers' ids; all else as %XX. */
static void encode(struct buf *b, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~:", c))
            buf_putc(b, c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

const char *live_path(struct arena *a, const struct live_ask *ask, struct err *e)
{
    struct live_ask bare = route_ask(ask);
    struct buf b = {0};
    for (const char *p = routes[ask->route].path; *p;) {
        int i = 0;
        while (i < PLACEHOLDERS && placeholder(p, placeholders[i]) != p)
            i++;
        if (i == PLACEHOLDERS) {
            buf_putc(&b, (uint8_t)*p++);
            continue;
        }
        const char *value = *parameter(&bare, i);
        /* "." and ".." would change the path */
        if (!value || !*value || !strcmp(value, ".") || !strcmp(value, "..")) {
            buf_free(&b);
            err_set(e, ERR_USAGE, "'%s' is no %s", live_text_or(value, ""), placeholders[i] + 1);
            return NULL;
        }
        encode(&b, value);
        p += strlen(placeholders[i]);
    }
    if (ask->query && ask->query[0] != '#') { /* "#1" is a ticket's number: live_act */
        buf_putc(&b, strchr(routes[ask->route].path, '?') ? '&' : '?');
        buf_puts(&b, ask->query);
    }
    const char *path = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return path;
}

static int compare(const char *a, const char *b) { return a && b ? strcmp(a, b) : !!a - !!b; }

int live_ask_compare(const struct live_ask *a, const struct live_ask *b)
{
    if (a->route != b->route)
        return a->route < b->route ? -1 : 1;
    struct live_ask x = *a, y = *b;
    int order = compare(x.query, y.query);
    for (int i = 0; i < PLACEHOLDERS && !order; i++)
        if (placeholder(routes[a->route].path, placeholders[i]))
            order = compare(*parameter(&x, i), *parameter(&y, i));
    return order;
}

const char *live_metrics_query(struct arena *a, const char *const *names, size_t n, const char *agg)
{
    struct buf b = {0};
    buf_puts(&b, "get=");
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(&b, ',');
        encode(&b, names[i]);
    }
    if (agg)
        buf_printf(&b, "&agg=%s", agg);
    const char *query = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return query;
}

const struct live_metric *live_metric(const struct live_metrics *m, const char *id)
{
    uint32_t low = 0, high = m ? m->n_list : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(live_text_or(m->list[middle].id, ""), id);
        if (!order)
            return &m->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Newer releases have a row for all collectors besides. */
void live_collections(const struct live_jvm *jvm, int64_t *count, int64_t *ms)
{
    *count = *ms = LIVE_ABSENT;
    for (uint32_t i = 0; jvm && i < jvm->n_collectors; i++) {
        const struct live_collector *c = &jvm->collectors[i];
        if (c->name && !strcmp(c->name, "All")) {
            *count = c->count;
            *ms = c->time_ms;
            return;
        }
        *count = live_or(*count, 0) + live_or(c->count, 0) % INT32_MAX;
        *ms = live_or(*ms, 0) + live_or(c->time_ms, 0) % INT32_MAX;
    }
}

unsigned live_release_number(const char *version)
{
    unsigned part[2] = {0};
    int i = 0;
    for (const char *c = live_text_or(version, ""); *c && i < 2; c++) {
        if (*c >= '0' && *c <= '9' && part[i] < 100)
            part[i] = part[i] * 10 + (unsigned)(*c - '0');
        else if (*c == '.')
            i++;
        else
            break;
    }
    return part[0] && part[1] < 100 ? part[0] * 100 + part[1] : 0;
}

/* --- answers --- */

const void *route_parse(enum live_route route, struct bytes body, struct arena *a, bool *unsettled, struct err *e)
{
    const struct shape *s = routes[route].shape;
    void *data = arena_alloc(a, s->size);
    if (route_is_text(route)) {
        *(struct live_text *)data = (struct live_text){.text = arena_strn(a, (const char *)body.p, body.n), .n = body.n};
        return data;
    }
    if (s == &shape_live_none)
        return data;
    struct jsonr r = {0};
    jsonr_start(&r, body.p, body.n);
    enum jsonr_kind kind = jsonr_peek(&r);
    bool array = s->list && s->fields->kind == SHAPE_LIST;
    bool fits = kind == (array ? JSONR_ARRAY : JSONR_OBJECT);
    if (!r.why && fits)
        fits = shape_read(s, &r, a, data) || !s->essential;
    else
        jsonr_skip(&r);
    if (!jsonr_end(&r))
        err_set(e, ERR_SERVER, "the answer is no JSON: %s (byte %zu)", r.why, jsonr_at(&r));
    else if (!fits)
        err_set(e, ERR_SERVER, "the answer is JSON, but not what Flink says here");
    jsonr_free(&r);
    if (e->kind)
        return NULL;
    if (s->finish)
        s->finish(data, a, unsettled);
    return data;
}

struct bytes route_without_classes(struct bytes line)
{
    for (;;) {
        size_t n = 0;
        bool dot = false;
        while (n < line.n && line.p[n] != ':' && line.p[n] != ' ')
            dot = line.p[n++] == '.' || dot;
        if (!dot || n + 2 >= line.n || line.p[n] != ':' || line.p[n + 1] != ' ')
            return line;
        line = (struct bytes){line.p + n + 2, line.n - n - 2};
    }
}

const char *route_complaint(struct bytes body, bool innermost, struct arena *a)
{
    struct jsonr r = {0};
    struct bytes key, text;
    const char *found = NULL;
    jsonr_start(&r, body.p, body.n);
    for (jsonr_object(&r); jsonr_key(&r, &key);) {
        if (key.n != strlen("errors") || memcmp(key.p, "errors", key.n) != 0) {
            jsonr_skip(&r);
            continue;
        }
        for (jsonr_array(&r); jsonr_next(&r);) {
            if (!jsonr_string(&r, &text))
                continue;
            /* "Internal server error." says nothing: the second entry does, behind its own first line */
            static const char mark[] = "<Exception on server side:\n";
            const uint8_t *side = memmem(text.p, text.n, mark, sizeof mark - 1);
            if (side)
                text = (struct bytes){side + sizeof mark - 1, text.n - (size_t)(side - text.p) - (sizeof mark - 1)};
            static const char cause[] = "\nCaused by: ";
            for (const uint8_t *next; innermost && (next = memmem(text.p, text.n, cause, sizeof cause - 1));)
                text = (struct bytes){next + sizeof cause - 1, text.n - (size_t)(next - text.p) - (sizeof cause - 1)};
            const uint8_t *end = memchr(text.p, '\n', text.n);
            text = route_without_classes((struct bytes){text.p, end ? (size_t)(end - text.p) : text.n});
            if (text.n)
                found = arena_strn(a, (const char *)text.p, text.n);
        }
    }
    jsonr_free(&r);
    return found;
}

bool route_missing(const char *complaint)
{
    /* the web UI's files answer, or nobody when there is no web UI */
    return complaint && (!strncmp(complaint, "Unable to load requested file ", 30) || !strncmp(complaint, "Not found: ", 11));
}
