#include "live/shape.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/digits.h"
#include "base/utf8.h"

enum { FIELDS_MAX = 64 };

static void *place(const struct shape_field *f, void *to) { return (char *)to + f->at; }
static int64_t *ints(const struct shape_field *f, void *to) { return place(f, to); }

static uint32_t states_of(const struct shape_field *f) { return f->kind == SHAPE_JOB_COUNTS ? LIVE_JOB_STATES : LIVE_TASK_STATES; }

void shape_clear(const struct shape *s, void *to)
{
    memset(to, 0, s->size);
    for (const struct shape_field *f = s->fields; f->member; f++) {
        switch (f->kind) {
        case SHAPE_INT:
        case SHAPE_SPAN:
        case SHAPE_MOMENT:
        case SHAPE_LEADING:
        case SHAPE_WATERMARK:
            *ints(f, to) = LIVE_ABSENT;
            break;
        case SHAPE_REAL:
            *(double *)place(f, to) = NAN;
            break;
        case SHAPE_STRUCT:
            shape_clear(f->of, place(f, to));
            break;
        case SHAPE_JOB_COUNTS:
        case SHAPE_TASK_COUNTS:
            for (uint32_t i = 0; i < states_of(f); i++)
                ints(f, to)[i] = LIVE_ABSENT;
            break;
        default:
            break;
        }
    }
}

/* --- reading --- */

/* An answer that asks for more memory than it deserves fails. */
static bool affordable(struct jsonr *r, const struct arena *a, size_t more)
{
    if (a->used + more > SHAPE_ARENA_MAX && !r->why)
        r->why = "it is too large";
    return !r->why;
}

static const char *copy(struct jsonr *r, struct arena *a, struct bytes s)
{
    return affordable(r, a, s.n) ? arena_strn(a, (const char *)s.p, s.n) : NULL;
}

/* A number, or a string of one. */
static bool number(struct jsonr *r, struct bytes *digits)
{
    if (jsonr_peek(r) == JSONR_STRING)
        return jsonr_string(r, digits);
    return jsonr_number(r, digits);
}

static bool read_int(struct jsonr *r, enum shape_kind kind, int64_t *to)
{
    struct bytes d;
    int64_t v;
    if (!number(r, &d))
        return false;
    const uint8_t *dot = kind == SHAPE_LEADING ? memchr(d.p, '.', d.n) : NULL;
    if (dot)
        d.n = (size_t)(dot - d.p);
    if (!jsonr_to_int(d, &v) || (kind == SHAPE_SPAN && v < 0) || (kind == SHAPE_MOMENT && v <= 0))
        return false;
    *to = kind == SHAPE_WATERMARK && v == INT64_MIN ? LIVE_WATERMARK_NONE : v;
    return true;
}

static bool read_text(struct jsonr *r, struct arena *a, const char **to)
{
    struct bytes s = {0};
    switch (jsonr_peek(r)) {
    case JSONR_STRING:
        jsonr_string(r, &s);
        break;
    case JSONR_NUMBER:
    case JSONR_BOOL:
        s = jsonr_raw(r);
        break;
    default:
        jsonr_skip(r);
        return false;
    }
    *to = r->why ? NULL : copy(r, a, s);
    return *to != NULL;
}

/* The list so far goes into the arena. */
static bool end_list(const struct shape_field *f, struct buf *list, size_t size, struct jsonr *r, struct arena *a, void *to)
{
    bool good = !r->why && affordable(r, a, list->n);
    if (good && list->n) {
        void *p = arena_array(a, list->n / size, size);
        memcpy(p, list->p, list->n);
        *(void **)((char *)to + f->at) = p;
    }
    *(uint32_t *)((char *)to + f->count) = good ? (uint32_t)(list->n / size) : 0;
    buf_free(list);
    return good;
}

/* Room for one more. */
static void *another(struct buf *list, size_t size, struct jsonr *r, struct arena *a)
{
    if (!affordable(r, a, list->n + size))
        return NULL;
    buf_reserve(list, size);
    void *p = list->p + list->n;
    list->n += size;
    return p;
}

static bool read_list(const struct shape_field *f, struct jsonr *r, struct arena *a, void *to)
{
    struct buf list = {0};
    void *item;
    bool array = jsonr_peek(r) == JSONR_ARRAY;
    for (jsonr_array(r); jsonr_next(r) && (item = another(&list, f->of->size, r, a));)
        shape_read(f->of, r, a, item);
    return end_list(f, &list, f->of->size, r, a, to) && array;
}

static bool read_field(const struct shape_field *f, struct jsonr *r, struct arena *a, void *to);

static bool read_map(const struct shape_field *f, struct jsonr *r, struct arena *a, void *to)
{
    struct buf list = {0};
    struct bytes key;
    void *item;
    for (jsonr_object(r); jsonr_key(r, &key) && (item = another(&list, f->of->size, r, a));) {
        const char *name = copy(r, a, key);
        if (f->of->bare) {
            shape_clear(f->of, item);
            read_field(&f->of->fields[1], r, a, item);
        } else {
            shape_read(f->of, r, a, item);
        }
        *(const char **)item = name;
    }
    return end_list(f, &list, f->of->size, r, a, to);
}

static bool read_texts(const struct shape_field *f, struct jsonr *r, struct arena *a, void *to)
{
    struct buf list = {0};
    const char **item;
    for (jsonr_array(r); jsonr_next(r) && (item = another(&list, sizeof *item, r, a));)
        if (!read_text(r, a, item))
            *item = "";
    return end_list(f, &list, sizeof *item, r, a, to);
}

static bool read_counts(const struct shape_field *f, struct jsonr *r, void *to)
{
    const char *const *words = f->kind == SHAPE_JOB_COUNTS ? live_job_words : live_task_words;
    struct bytes key;
    for (jsonr_object(r); jsonr_key(r, &key);) {
        uint32_t i = 0;
        while (words[i] && (strlen(words[i]) != key.n || strncasecmp(words[i], (const char *)key.p, key.n) != 0))
            i++;
        if (words[i])
            read_int(r, f->kind == SHAPE_JOB_COUNTS ? SHAPE_MOMENT : SHAPE_SPAN, ints(f, to) + i);
        else
            jsonr_skip(r);
    }
    return true;
}

/* Whether there was something. */
static bool read_field(const struct shape_field *f, struct jsonr *r, struct arena *a, void *to)
{
    void *at = place(f, to);
    struct bytes s;
    bool yes;
    switch (f->kind) {
    case SHAPE_TEXT:
        return read_text(r, a, at);
    case SHAPE_RAW:
        s = jsonr_raw(r);
        *(const char **)at = copy(r, a, s);
        return true;
    case SHAPE_INT:
    case SHAPE_SPAN:
    case SHAPE_MOMENT:
    case SHAPE_LEADING:
    case SHAPE_WATERMARK:
        return read_int(r, f->kind, at);
    case SHAPE_REAL:
        if (!number(r, &s))
            return false;
        *(double *)at = jsonr_to_real(s);
        return true;
    case SHAPE_BOOL:
        if (!jsonr_bool(r, &yes))
            return false;
        *(enum live_bool *)at = yes ? LIVE_YES : LIVE_NO;
        return true;
    case SHAPE_STRUCT:
        yes = jsonr_peek(r) == JSONR_OBJECT;
        shape_read(f->of, r, a, at);
        return yes;
    case SHAPE_POINTER:
        if (jsonr_peek(r) != JSONR_OBJECT || !affordable(r, a, f->of->size)) {
            jsonr_skip(r);
            return false;
        }
        *(void **)at = arena_alloc(a, f->of->size);
        shape_read(f->of, r, a, *(void **)at);
        return true;
    case SHAPE_LIST:
        return read_list(f, r, a, to);
    case SHAPE_MAP:
        return read_map(f, r, a, to);
    case SHAPE_TEXTS:
        return read_texts(f, r, a, to);
    case SHAPE_JOB_COUNTS:
    case SHAPE_TASK_COUNTS:
        return read_counts(f, r, to);
    }
    return false;
}

/* The row that a name belongs to, its number, which of its names it is, and where the struct lies in which it is. */
struct found {
    const struct shape_field *field;
    unsigned number, which;
    size_t at;
};

static bool find(const struct shape *s, struct bytes key, struct found *x)
{
    for (const struct shape_field *f = s->fields; f->member; f++, x->number++) {
        if (f->names[0] && !f->names[0][0]) {
            x->at += f->at;
            if (find(f->of, key, x))
                return true;
            x->at -= f->at;
            continue;
        }
        for (x->which = 0; x->which < 3 && f->names[x->which]; x->which++)
            if (strlen(f->names[x->which]) == key.n && !memcmp(f->names[x->which], key.p, key.n)) {
                x->field = f;
                return true;
            }
    }
    return false;
}

bool shape_read(const struct shape *s, struct jsonr *r, struct arena *a, void *to)
{
    shape_clear(s, to);
    if (s->list) {
        return read_field(s->fields, r, a, to);
    }
    uint8_t by[FIELDS_MAX] = {0}; /* the name (from 1) that has set each row; a better one sets it again */
    struct bytes key;
    for (jsonr_object(r); jsonr_key(r, &key);) {
        struct found x = {0};
        if (!find(s, key, &x) || x.number >= FIELDS_MAX || (by[x.number] && by[x.number] <= x.which))
            jsonr_skip(r);
        else if (read_field(x.field, r, a, (char *)to + x.at))
            by[x.number] = (uint8_t)(x.which + 1);
    }
    return by[0] != 0;
}

/* --- writing --- */

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
        for (uint32_t i = 0; i < states_of(f); i++)
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
