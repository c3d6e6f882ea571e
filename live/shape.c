#include "live/shape.h"

#include <string.h>
#include <strings.h>

enum { FIELDS_MAX = 64 };

static void *place(const struct shape_field *f, void *to) { return (char *)to + f->at; }
static int64_t *ints(const struct shape_field *f, void *to) { return place(f, to); }

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
            for (uint32_t i = 0; i < shape_states(f); i++)
                ints(f, to)[i] = LIVE_ABSENT;
            break;
        default:
            break;
        }
    }
}

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
