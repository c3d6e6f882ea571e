#include "tests/conformance/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "savepoint/ser.h"
#include "savepoint/sink.h"
#include "savepoint/store.h"

/* A sink that keeps the first reason why a value is opaque. */
struct watcher {
    struct sink sink;
    char why[300];
    unsigned n;
};

static void w_null(struct sink *s) { (void)s; }
static void w_boolean(struct sink *s, bool v) { (void)s, (void)v; }
static void w_integer(struct sink *s, int64_t v) { (void)s, (void)v; }
static void w_real(struct sink *s, double v, bool single) { (void)s, (void)v, (void)single; }
static void w_text(struct sink *s, const char *p, size_t n) { (void)s, (void)p, (void)n; }
static void w_hex(struct sink *s, const char *prefix, const uint8_t *p, size_t n) { (void)s, (void)prefix, (void)p, (void)n; }
static void w_box(struct sink *s, enum sink_box b) { (void)s, (void)b; }
static void w_opaque(struct sink *s, const char *class_name, const uint8_t *p, size_t n, const char *why)
{
    struct watcher *w = (struct watcher *)s;
    (void)p;
    if (!w->n++)
        snprintf(w->why, sizeof w->why, "%s: %zu bytes of %s", why, n, class_name);
}

static const struct sink_ops watcher_ops = {
    .null = w_null, .boolean = w_boolean, .integer = w_integer, .real = w_real, .text = w_text, .hex = w_hex,
    .begin = w_box, .end = w_box, .key = w_text, .opaque = w_opaque,
};

static struct judged say(enum verdict v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct judged say(enum verdict v, const char *fmt, ...)
{
    struct judged j = {.verdict = v};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(j.why, sizeof j.why, fmt, ap);
    va_end(ap);
    return j;
}

static struct judged not_read(const struct rd *r, const char *what)
{
    return say(FAILED, "%s: %s, at byte %llu", what, r->why, (unsigned long long)r->bad_at);
}

/* Serializers as Flink wrote them before 1.8: a Java object in an envelope of version 1, or a TypeSerializerConfigSnapshot. */
static bool is_old(const char *why, const char *class_name)
{
    size_t n = class_name ? strlen(class_name) : 0;
    return (why && strstr(why, "before 1.7")) || (n > 14 && !strcmp(class_name + n - 14, "ConfigSnapshot"));
}

static bool load(const char *path, struct store_file *f, struct buf *bytes, struct err *e)
{
    if (!store_open(f, path, e))
        return false;
    buf_reserve(bytes, (size_t)f->size + 1);
    bytes->n = (size_t)f->size;
    bool ok = !f->size || store_read(f, 0, bytes->p, bytes->n, e);
    store_close(f);
    return ok;
}

static struct judged judge_data(const struct ser *ser, const struct buf *bytes, bool many)
{
    struct rd r = rd_of(bytes->p, bytes->n, 0);
    struct watcher w = {.sink = {.ops = &watcher_ops}};
    struct judged j = {0};
    do
        ser_read(ser, &r, &w.sink);
    while (many && rd_live(&r) && rd_left(&r));
    if (!rd_ok(&r))
        j = not_read(&r, "data");
    else if (rd_left(&r))
        j = say(FAILED, "data: %zu of %zu bytes left over", rd_left(&r), bytes->n);
    else if (w.n || r.opaque)
        j = say(OPAQUE, "%s", w.why);
    buf_free(&w.sink.scratch);
    return j;
}

struct judged judge_pair(const char *snapshot, const char *data, bool many, bool flink2)
{
    struct arena a = {0};
    struct buf described = {0}, values = {0};
    struct store_file file = {0};
    struct err e = {0};
    struct judged j;
    if (!load(snapshot, &file, &described, &e) || (data && !load(data, &file, &values, &e))) {
        j = say(FAILED, "%s", e.text);
        goto out;
    }
    struct rd r = rd_of(described.p, described.n, 0);
    struct ser_in in = {.r = &r, .a = &a, .flink2 = flink2};
    const struct ser *ser = ser_parse_p(&in);
    const char *unknown = NULL;
    if (is_old(r.why, in.lost))
        j = say(OLD, "a serializer of Flink before 1.8, which only Java can read");
    else if (!ser)
        j = not_read(&r, "snapshot");
    else if (in.lost)
        j = say(OPAQUE, "no serializer for %s", in.lost);
    else if (rd_left(&r))
        j = say(FAILED, "snapshot: %zu of %zu bytes left over", rd_left(&r), described.n);
    else if (data)
        j = judge_data(ser, &values, many);
    else
        j = say(EXACT, "%s", "");
    if (j.verdict == EXACT && ser_unknown(ser, &unknown))
        j = say(OPAQUE, "no serializer for %s", unknown);
out:
    buf_free(&described);
    buf_free(&values);
    arena_free(&a);
    return j;
}

struct judged judge_savepoint(const char *dir)
{
    (void)dir;
    return say(FAILED, "not yet");
}

struct judged judge_harness(const char *file, bool flink2)
{
    (void)file, (void)flink2;
    return say(FAILED, "not yet");
}
