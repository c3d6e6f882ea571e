/* Every recorded answer is read and written back in Flink's form: nothing that it holds may be lost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "live/route.h"

/* What is not kept, or under a better name, by the end of its path. */
static const char *const dropped[] = {
    ".host",
    ".location",
    ".start_time",         /* endpoint, endpoint, start-time */
    ".backpressure-level", /* backpressureLevel */
    ".all-exceptions[].task",
    ".all-exceptions[].location",
    ".all-exceptions[].endpoint", /* taskName, endpoint of the entry in the history whose stacktrace is the same: legacy_is_kept */
    ".tasks.total",               /* the sum of the others */
    ".serialized-throwable",      /* Java's bytes of what stands beside it as text */
    "[].profilingMode",
    "[].mode", /* the same twice */
    NULL,
};

/* The leaves of a document, "path=value" each, without the places in arrays. */
struct leaves {
    struct arena *a;
    char **v;
    size_t n;
};

static void add(struct leaves *l, const char *path, struct bytes value, bool number)
{
    double real = number ? jsonr_to_real(value) : NAN;
    l->v = mem_grow(l->v, l->n + 1, sizeof *l->v);
    l->v[l->n++] = isnan(real) ? arena_printf(l->a, "%s=%.*s", path, (int)value.n, (const char *)value.p)
                               : arena_printf(l->a, "%s=%.17g", path, real);
}

static void flatten(struct leaves *l, struct jsonr *r, const char *path)
{
    struct bytes key, s;
    switch (jsonr_peek(r)) {
    case JSONR_OBJECT:
        for (jsonr_object(r); jsonr_key(r, &key);) {
            char *deeper = arena_printf(l->a, "%s.%.*s", path, (int)key.n, (const char *)key.p);
            if (strstr(deeper, "tasks.") || strstr(deeper, "status-counts."))
                for (char *c = deeper; *c; c++) /* states are written in both ways */
                    *c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
            flatten(l, r, deeper);
        }
        break;
    case JSONR_ARRAY:
        for (jsonr_array(r); jsonr_next(r);)
            flatten(l, r, arena_printf(l->a, "%s[]", path));
        break;
    case JSONR_STRING:
        if (jsonr_string(r, &s))
            add(l, path, s, false);
        break;
    case JSONR_NULL:
        jsonr_skip(r);
        break;
    case JSONR_NUMBER:
        if (jsonr_number(r, &s))
            add(l, path, s, true);
        break;
    case JSONR_BOOL:
        add(l, path, jsonr_raw(r), false);
        break;
    }
}

static int order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static struct leaves leaves_of(const void *p, size_t n, struct arena *a)
{
    struct leaves l = {.a = a};
    struct jsonr r = {0};
    jsonr_start(&r, p, n);
    flatten(&l, &r, "");
    assert_true(jsonr_end(&r));
    jsonr_free(&r);
    if (l.n)
        qsort(l.v, l.n, sizeof *l.v, order);
    return l;
}

/* Whether a leaf may be missing: dropped by intent, or a mark of Flink's for "unknown". */
static bool may_lack(const char *leaf)
{
    const char *value = strchr(leaf, '=') + 1;
    size_t path = (size_t)(value - leaf) - 1;
    for (size_t i = 0; dropped[i]; i++) {
        size_t n = strlen(dropped[i]);
        if (path >= n && !memcmp(leaf + path - n, dropped[i], n))
            return true;
    }
    char *end;
    double v = strtod(value, &end);
    return (!*end && v <= 0) || !strcmp(value, "NaN") || !strcmp(value, "9.2233720368547758e+18");
}

/* Where there is a history, older members say again what stands in it: the same text as a stacktrace. */
static bool legacy_is_kept(const char *leaf, const struct leaves *ours, struct arena *a)
{
    static const char legacy[] = ".all-exceptions[].exception=";
    static const char *const places[] = {".exceptionHistory.entries[].stacktrace=",
                                         ".exceptionHistory.entries[].concurrentExceptions[].stacktrace="};
    for (int i = 0; i < 2 && ours->n && !strncmp(leaf, legacy, sizeof legacy - 1); i++) {
        const char *same = arena_printf(a, "%s%s", places[i], leaf + sizeof legacy - 1);
        if (bsearch(&same, ours->v, ours->n, sizeof *ours->v, order))
            return true;
    }
    return false;
}

/* What weir does not ask for, by the whole path without its parameters. */
static bool unasked(const char *path)
{
    static const char *const paths[] = {
        "/jobs",                 /* /jobs/overview has them with more */
        "/datasets",             /* intermediate results that Flink keeps for interactive programs; no page of its shows them */
        "/taskmanagers/metrics", /* sums over all; each one's own are asked */
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strcspn(path, "?") == strlen(paths[i]) && !strncmp(path, paths[i], strlen(paths[i])))
            return true;
    return false;
}

/* The route whose path fits; LIVE_ROUTES: none. */
static enum live_route route_of(const char *path)
{
    for (int r = 0; r < LIVE_ROUTES; r++) {
        const char *t = routes[r].path, *p = path;
        while (routes[r].method == GET && *t && *p && *p != '?') {
            if (*t == ':') {
                t += strcspn(t, "/");
                p += strcspn(p, "/?");
            } else if (*t++ != *p++) {
                t = "no";
                break;
            }
        }
        if (routes[r].method == GET && !*t && (!*p || *p == '?'))
            return (enum live_route)r;
    }
    return LIVE_ROUTES;
}

/* How many members are lost; each is told. */
static unsigned check(const char *path, const char *body, enum live_route route, struct arena *a)
{
    unsigned lost = 0;
    bool unsettled = false;
    struct err e = {0};
    const void *data = route_parse(route, (struct bytes){(const uint8_t *)body, strlen(body)}, a, &unsettled, &e);
    if (!data) {
        print_error("%s: %s\n", path, e.text);
        return 1;
    }
    struct buf out = {0};
    struct jsonw w = {.out = &out};
    shape_write(routes[route].shape, data, &w, true);
    struct leaves theirs = leaves_of(body, strlen(body), a), ours = leaves_of(out.p, out.n, a);
    for (size_t i = 0; i < theirs.n; i++)
        if (!may_lack(theirs.v[i]) && !legacy_is_kept(theirs.v[i], &ours, a) &&
            !(ours.n && bsearch(&theirs.v[i], ours.v, ours.n, sizeof *ours.v, order))) {
            print_error("%s: lost %s\n", path, theirs.v[i]);
            lost++;
        }
    free(theirs.v);
    free(ours.v);
    buf_free(&out);
    return lost;
}

static char *const own[] = {"tests/rest/2.3.tsv", "tests/rest/1.15.tsv", NULL};

/* state: files of recordings, in the form of tests/rest/record.py. */
static void nothing_is_lost(void **state)
{
    for (char *const *files = *state; *files; files++) {
        FILE *in = fopen(*files, "r");
        assert_non_null(in);
        char *line = NULL;
        size_t cap = 0;
        unsigned checked = 0, lost = 0;
        for (ssize_t n; (n = getline(&line, &cap, in)) > 0;) {
            char *save, *method = strtok_r(line, "\t", &save), *path = strtok_r(NULL, "\t", &save),
                        *status = strtok_r(NULL, "\t", &save);
            const char *type = strtok_r(NULL, "\t", &save), *body = strtok_r(NULL, "\n", &save);
            enum live_route route = path ? route_of(path) : LIVE_ROUTES;
            if (!body || unasked(path) || strcmp(method, "GET") != 0 || strcmp(status, "200") != 0 ||
                strncmp(type, "application/json", 16) != 0)
                continue;
            if (route == LIVE_ROUTES) {
                print_error("no route for %s\n", path);
                lost++;
                continue;
            }
            if (route == LIVE_WATERMARKS) /* another form: a place and a time from "0.currentInputWatermark" */
                continue;
            struct arena a = {0};
            lost += check(path, body, route, &a);
            arena_free(&a);
            checked++;
        }
        assert_true(checked > 100);
        assert_int_equal(lost, 0);
        free(line);
        fclose(in);
    }
}

/* With arguments: of those files instead. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(nothing_is_lost, argc > 1 ? (void *)(argv + 1) : (void *)own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
