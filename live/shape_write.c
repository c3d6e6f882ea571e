/* Structs of model.h as JSON; shape.c reads them. */
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "base/utf8.h"
#include "live/shape.h"

enum form { OURS, THEIRS, SERVED };

static void write_name(const struct shape_field *f, struct jsonw *w, enum form form)
{
    char name[64];
    size_t n = 0;
    for (const char *c = f->member; *c && n + 1 < sizeof name; c++) {
        if (*c == '_' && c[1] >= 'a' && c[1] <= 'z')
            name[n++] = (char)(*++c - 'a' + 'A');
        else
            name[n++] = *c;
    }
    name[n] = 0;
    jsonw_key(w, form ? f->names[0] : name);
}

static void write_real(struct jsonw *w, double v)
{
    char digits[24], s[64];
    uint64_t mantissa = 0;
    int exponent = v == 0 ? 0 : digits_shortest(fabs(v), false, &mantissa);
    int n = (int)digits_u64(digits, mantissa), point = n + exponent; /* digits before the point */
    const char *sign = v < 0 ? "-" : "";
    if (exponent >= 0 && point <= 17)
        snprintf(s, sizeof s, "%s%.*s%.*s", sign, n, digits, exponent, "00000000000000000");
    else if (exponent < 0 && point > 0)
        snprintf(s, sizeof s, "%s%.*s.%.*s", sign, point, digits, n - point, digits + point);
    else if (exponent < 0 && point > -6)
        snprintf(s, sizeof s, "%s0.%.*s%.*s", sign, -point, "00000", n, digits);
    else
        snprintf(s, sizeof s, "%s%.*se%d", sign, n, digits, exponent);
    jsonw_raw(w, s, strlen(s));
}

static void write_watermark(struct jsonw *w, int64_t v)
{
    if (v == LIVE_WATERMARK_NONE || v == LIVE_WATERMARK_END)
        jsonw_str(w, v == LIVE_WATERMARK_END ? "end" : "none");
    else
        jsonw_int(w, v);
}

/* JSON that the server made: without its blanks, and with what a terminal might obey escaped. */
static void write_raw(struct jsonw *w, const char *text)
{
    struct buf b = {0};
    size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        uint32_t c = 0;
        unsigned k = utf8_next((const uint8_t *)text + i, n - i, &c);
        if (!utf8_control(c))
            buf_put(&b, text + i, k);
        else if (c >= 0x7f)
            buf_printf(&b, "\\u%04x", (unsigned)c);
        i += k ? k : 1;
    }
    jsonw_raw(w, b.p, b.n);
    buf_free(&b);
}

static uint32_t count_of(const struct shape_field *f, const void *from)
{
    return *(const uint32_t *)((const char *)from + f->count);
}

static void write_field(const struct shape_field *f, const void *from, struct jsonw *w, enum form form);
static void write_shape(const struct shape *s, const void *from, struct jsonw *w, enum form form);

static void write_many(const struct shape_field *f, const void *from, struct jsonw *w, enum form form)
{
    const char *item = *(const char *const *)((const char *)from + f->at);
    bool map = f->kind == SHAPE_MAP && (form || f->of->bare);
    if (map)
        jsonw_object(w);
    else
        jsonw_array(w);
    for (uint32_t i = 0; i < count_of(f, from); i++) {
        if (f->kind == SHAPE_TEXTS) {
            jsonw_str(w, ((const char *const *)item)[i]);
            continue;
        }
        const char *one = item + i * f->of->size;
        if (map)
            jsonw_key(w, *(const char *const *)one);
        if (map && f->of->bare)
            write_field(&f->of->fields[1], one, w, form);
        else
            write_shape(f->of, one, w, form);
    }
    if (map)
        jsonw_end_object(w);
    else
        jsonw_end_array(w);
}

/* Of a list of jobs: in small letters, with their sum. */
static void write_totals(const struct shape_field *f, const void *from, struct jsonw *w)
{
    const int64_t *v = (const int64_t *)((const char *)from + f->at);
    int64_t total = 0;
    char word[32];
    jsonw_object(w);
    for (uint32_t i = 0; i < LIVE_TASK_STATES; i++) {
        size_t n = 0;
        for (const char *c = live_task_words[i]; *c && n + 1 < sizeof word; c++)
            word[n++] = (char)(*c - 'A' + 'a');
        word[n] = 0;
        jsonw_member_int(w, word, live_or(v[i], 0));
        total += live_or(v[i], 0);
    }
    jsonw_member_int(w, "total", total);
    jsonw_end_object(w);
}

static void write_counts(const struct shape_field *f, const void *from, struct jsonw *w)
{
    const char *const *words = f->kind == SHAPE_JOB_COUNTS ? live_job_words : live_task_words;
    const int64_t *v = (const int64_t *)((const char *)from + f->at);
    jsonw_object(w);
    for (uint32_t i = 0; words[i]; i++)
        if (live_has(v[i]))
            jsonw_member_int(w, words[i], v[i]);
    jsonw_end_object(w);
}

/* Whether a row has something to say. */
static bool present(const struct shape_field *f, const void *from)
{
    const void *at = (const char *)from + f->at;
    switch (f->kind) {
    case SHAPE_TEXT:
    case SHAPE_RAW:
    case SHAPE_POINTER:
        return *(const void *const *)at != NULL;
    case SHAPE_INT:
    case SHAPE_SPAN:
    case SHAPE_MOMENT:
    case SHAPE_LEADING:
    case SHAPE_WATERMARK:
        return live_has(*(const int64_t *)at);
    case SHAPE_REAL:
        return isfinite(*(const double *)at);
    case SHAPE_BOOL:
        return *(const enum live_bool *)at != LIVE_UNTOLD;
    case SHAPE_STRUCT:
        for (const struct shape_field *inner = f->of->fields; inner->member; inner++)
            if (present(inner, at))
                return true;
        return false;
    case SHAPE_LIST:
    case SHAPE_MAP:
    case SHAPE_TEXTS:
        return count_of(f, from) > 0;
    case SHAPE_JOB_COUNTS:
    case SHAPE_TASK_COUNTS:
        for (uint32_t i = 0; i < shape_states(f); i++)
            if (live_has(((const int64_t *)at)[i]))
                return true;
        return false;
    }
    return false;
}

static void write_field(const struct shape_field *f, const void *from, struct jsonw *w, enum form form)
{
    const void *at = (const char *)from + f->at;
    switch (f->kind) {
    case SHAPE_TEXT:
        jsonw_str(w, *(const char *const *)at);
        break;
    case SHAPE_RAW:
        write_raw(w, *(const char *const *)at);
        break;
    case SHAPE_INT:
    case SHAPE_SPAN:
    case SHAPE_MOMENT:
    case SHAPE_LEADING:
        jsonw_int(w, *(const int64_t *)at);
        break;
    case SHAPE_WATERMARK:
        write_watermark(w, *(const int64_t *)at);
        break;
    case SHAPE_REAL:
        write_real(w, *(const double *)at);
        break;
    case SHAPE_BOOL:
        jsonw_bool(w, *(const enum live_bool *)at == LIVE_YES);
        break;
    case SHAPE_STRUCT:
        write_shape(f->of, at, w, form);
        break;
    case SHAPE_POINTER:
        write_shape(f->of, *(const void *const *)at, w, form);
        break;
    case SHAPE_LIST:
    case SHAPE_MAP:
    case SHAPE_TEXTS:
        write_many(f, from, w, form);
        break;
    case SHAPE_JOB_COUNTS:
    case SHAPE_TASK_COUNTS:
        if (form == SERVED && f->count)
            write_totals(f, from, w);
        else
            write_counts(f, from, w);
        break;
    }
}

/* Ours has every list, empty or not, so that a script can walk it; theirs has what they wrote; what is served has lists as Flink's has. */
static bool is_written(const struct shape_field *f, const void *from, enum form form)
{
    if (form == SERVED && f->names[0] && (f->kind == SHAPE_LIST || f->kind == SHAPE_MAP))
        return true;
    if (form)
        return f->names[0] && present(f, from);
    return !f->inner && (f->kind == SHAPE_LIST || f->kind == SHAPE_TEXTS || present(f, from));
}

static void write_members(const struct shape *s, const void *from, struct jsonw *w, enum form form)
{
    for (const struct shape_field *f = s->fields; f->member; f++) {
        if (!is_written(f, from, form))
            continue;
        if (form && !f->names[0][0]) {
            write_members(f->of, (const char *)from + f->at, w, form);
            continue;
        }
        write_name(f, w, form);
        write_field(f, from, w, form);
    }
}

static void write_shape(const struct shape *s, const void *from, struct jsonw *w, enum form form)
{
    if (s->list) {
        write_many(s->fields, from, w, form);
        return;
    }
    jsonw_object(w);
    write_members(s, from, w, form);
    jsonw_end_object(w);
}

void shape_write_members(const struct shape *s, const void *from, struct jsonw *w, bool theirs)
{
    write_members(s, from, w, theirs ? THEIRS : OURS);
}

void shape_write(const struct shape *s, const void *from, struct jsonw *w, bool theirs)
{
    write_shape(s, from, w, theirs ? THEIRS : OURS);
}

void shape_serve(const struct shape *s, const void *from, struct jsonw *w) { write_shape(s, from, w, SERVED); }
