#include "savepoint/told.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/javaio.h"

static const char *const kind_words[] = {"class", "enum", "value", "kryo", "serializer"};
static const char *const type_words[] = {"boolean", "byte",   "short", "char",   "int",   "long",
                                         "float",   "double", "utf",   "string", "varint"};
enum { KINDS = sizeof kind_words / sizeof *kind_words, TYPES = sizeof type_words / sizeof *type_words };
enum { MAX_WORDS = 6, MAX_DEPTH = 64, MAX_DECLS = 1 << 14, MAX_FIELDS = 1 << 20 };

static int find_word(const char *const *words, int n, const char *word)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(words[i], word))
            return i;
    return -1;
}

/* The words of a line, comment left out; more than MAX_WORDS count as MAX_WORDS + 1. */
static int split(const char *p, const char *end, struct arena *a, const char *words[MAX_WORDS])
{
    int n = 0;
    while (p < end && *p != '#') {
        const char *from = p;
        while (p < end && !strchr(" \t\r#", *p))
            p++;
        if (p > from && n < MAX_WORDS)
            words[n] = arena_strn(a, from, (size_t)(p - from));
        n += p > from;
        if (p < end && *p != '#')
            p++;
    }
    return n;
}

/* "class X", "final class X extends Y", "value X", … */
static bool read_head(struct told_decl *d, const char **words, int n)
{
    int i = 0;
    d->length = LEN_VAR;
    d->final = n > 0 && !strcmp(words[0], "final");
    i += d->final;
    int kind = i < n ? find_word(kind_words, KINDS, words[i]) : -1;
    if (kind < 0 || i + 1 >= n || (d->final && kind != TOLD_CLASS))
        return false;
    d->kind = (enum told_kind)kind;
    d->final = d->final || kind == TOLD_ENUM; /* but for one whose constants have bodies, which only a jar tells */
    d->name = words[i + 1];
    i += 2;
    if (d->kind == TOLD_CLASS && i + 1 < n && !strcmp(words[i], "extends")) {
        d->super = words[i + 1];
        i += 2;
    }
    return i == n;
}

/* "long[]" as Class#getName has it: "[J"; other words as they are. */
static const char *java_class(const char *word, struct arena *a)
{
    static const struct {
        const char *word, *code;
    } primitives[] = {{"boolean", "Z"}, {"byte", "B"}, {"char", "C"},  {"short", "S"},
                      {"int", "I"},     {"long", "J"}, {"float", "F"}, {"double", "D"}};
    size_t n = strlen(word), dims = 0;
    for (; n > 2 && !memcmp(word + n - 2, "[]", 2); n -= 2)
        dims++;
    if (!dims)
        return word;
    char *to = arena_alloc(a, dims + n + 3), *p = to;
    memset(p, '[', dims);
    p += dims;
    for (size_t i = 0; i < sizeof primitives / sizeof *primitives; i++)
        if (strlen(primitives[i].word) == n && !memcmp(primitives[i].word, word, n)) {
            *p = *primitives[i].code;
            return to;
        }
    *p++ = 'L';
    memcpy(p, word, n);
    p[n] = ';';
    return to;
}

static void add_field(struct told_decl *d, struct told_field f, struct arena *a)
{
    if ((d->n & (d->n - 1)) == 0) { /* none, or full: room for twice as many */
        struct told_field *fields = arena_array(a, d->n ? 2 * (size_t)d->n : 1, sizeof *fields);
        if (d->n)
            memcpy(fields, d->fields, d->n * sizeof *fields);
        d->fields = fields;
    }
    d->fields[d->n++] = f;
}

static bool read_field(struct told_decl *d, const char **words, int n, struct arena *a)
{
    if (d->kind == TOLD_ENUM) {
        add_field(d, (struct told_field){.name = words[0]}, a);
        return n == 1;
    }
    if (n != 2)
        return false;
    if ((d->kind == TOLD_SERIALIZER || d->kind == TOLD_VALUE) && !strcmp(words[0], "length")) {
        char *end;
        long length = strtol(words[1], &end, 10);
        d->length = (int)length;
        return !*end && length >= 0 && length < 1 << 20;
    }
    struct told_field f = {.name = words[0], .cls = d->kind == TOLD_CLASS ? java_class(words[1], a) : words[1]};
    int type = find_word(type_words, TYPES, words[1]);
    if (d->kind == TOLD_CLASS)
        f.type = type < 0 || type >= TOLD_UTF ? TOLD_OBJECT : (enum told_type)type;
    else if (type < 0)
        return false;
    else
        f.type = (enum told_type)type;
    if (d->kind == TOLD_SERIALIZER) {
        f.in_snapshot = !strcmp(f.name, "snapshot");
        if (!f.in_snapshot && strcmp(f.name, "value") != 0)
            return false;
    }
    add_field(d, f, a);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct told_field *)a)->name, ((const struct told_field *)b)->name);
}

/* Kryo's FieldSerializer sorts the fields of the whole chain of classes by name. *all counts the fields of all classes. */
static bool inherit(const struct told *t, struct told_decl *d, uint32_t *all, struct arena *a, struct err *e)
{
    struct told_field *own = d->fields;
    uint32_t n_own = d->n;
    const char *super = d->super;
    for (int depth = 0; super; depth++) {
        const struct told_decl *s = told_find(t, TOLD_CLASS, super);
        if (!s || depth == MAX_DEPTH)
            return err_set(e, ERR_USAGE, "%s extends %s, which %s", d->name, super,
                           s ? "extends too many others" : "is not declared");
        *all += s->n;
        if (*all > MAX_FIELDS)
            return err_set(e, ERR_LIMIT, "more than %d inherited fields", MAX_FIELDS);
        struct told_field *fields = arena_array(a, n_own + s->n, sizeof *fields);
        if (n_own)
            memcpy(fields, own, n_own * sizeof *fields);
        if (s->n)
            memcpy(fields + n_own, s->fields, s->n * sizeof *fields);
        own = fields;
        n_own += s->n;
        super = s->super;
    }
    d->fields = own;
    d->n = n_own;
    return true;
}

bool told_read(struct told *t, struct bytes text, const char *name, struct arena *a, struct err *e)
{
    const char *p = (const char *)text.p, *end = p + text.n;
    uint32_t cap = 0;
    *t = (struct told){0};
    for (unsigned line = 1; p < end; line++) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        if (!eol)
            eol = end;
        const char *words[MAX_WORDS];
        int n = split(p, eol, a, words);
        bool indented = *p == ' ' || *p == '\t';
        p = eol < end ? eol + 1 : end;
        if (!n)
            continue;
        bool ok = n <= MAX_WORDS;
        if (ok && indented) {
            ok = t->n && read_field(&t->decls[t->n - 1], words, n, a);
        } else if (ok) {
            if (t->n == MAX_DECLS)
                return err_set(e, ERR_LIMIT, "%s:%u: more than %d declarations", name, line, MAX_DECLS);
            if (t->n == cap) {
                struct told_decl *more = arena_array(a, cap = cap ? 2 * cap : 16, sizeof *more);
                if (t->n)
                    memcpy(more, t->decls, t->n * sizeof *more);
                t->decls = more;
            }
            t->decls[t->n] = (struct told_decl){0};
            ok = read_head(&t->decls[t->n], words, n);
            t->n++;
        }
        if (!ok)
            return err_set(e, ERR_USAGE, "%s:%u: not a declaration (class, enum, value, kryo, serializer) or a line of one", name,
                           line);
    }
    /* Inherited fields are taken as they were written, so each class is finished from a copy of what all have written. */
    struct told written = {.n = t->n, .decls = arena_array(a, t->n, sizeof *t->decls)};
    if (t->n)
        memcpy(written.decls, t->decls, t->n * sizeof *t->decls);
    uint32_t all = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        struct told_decl *d = &t->decls[i];
        if (told_find(&written, d->kind, d->name) != &written.decls[i])
            return err_set(e, ERR_USAGE, "%s: %s %s is declared twice", name, kind_words[d->kind], d->name);
        if (d->kind != TOLD_CLASS)
            continue;
        if (!inherit(&written, d, &all, a, e))
            return err_in(e, "%s", name);
        if (d->n)
            qsort(d->fields, d->n, sizeof *d->fields, by_name);
    }
    return true;
}

const struct told_decl *told_find(const struct told *t, enum told_kind kind, const char *name)
{
    for (uint32_t i = 0; t && i < t->n; i++)
        if (t->decls[i].kind == kind && !strcmp(t->decls[i].name, name))
            return &t->decls[i];
    return NULL;
}

const struct ser *told_subclass(const struct told *t, const char *cls, bool flink2)
{
    struct told_source *source = t ? t->source : NULL;
    if (!source)
        return NULL;
    pthread_mutex_lock(&source->lock);
    const struct ser *s = source->subclass(source->ctx, cls, flink2);
    pthread_mutex_unlock(&source->lock);
    return s;
}

static void read_type(enum told_type type, struct rd *r, struct sink *out)
{
    switch (type) {
    case TOLD_BOOLEAN:
        sink_bool(out, rd_bool(r));
        break;
    case TOLD_BYTE:
        sink_int(out, rd_i8(r));
        break;
    case TOLD_SHORT:
        sink_int(out, rd_i16(r));
        break;
    case TOLD_CHAR: {
        struct buf text = {0};
        java_unit(&text, 0, rd_u16(r));
        sink_text(out, (const char *)text.p, text.n);
        buf_free(&text);
        break;
    }
    case TOLD_INT:
        sink_int(out, rd_i32(r));
        break;
    case TOLD_LONG:
        sink_int(out, rd_i64(r));
        break;
    case TOLD_FLOAT:
        sink_real(out, (double)rd_f32(r), true);
        break;
    case TOLD_DOUBLE:
        sink_real(out, rd_f64(r), false);
        break;
    case TOLD_UTF: {
        uint16_t n = rd_u16(r);
        const uint8_t *p = rd_take(r, n);
        struct buf text = {0};
        if (p && !java_mutf8(&text, p, n))
            rd_fail(r, "text that is not modified UTF-8");
        sink_text(out, (const char *)text.p, text.n);
        buf_free(&text);
        break;
    }
    case TOLD_STRING:
        java_flink_string(r, out);
        break;
    default:
        sink_int(out, rd_varint32(r));
    }
}

void told_value(const struct told_decl *d, struct rd *r, struct sink *out)
{
    uint32_t n = 0, last = 0;
    for (uint32_t i = 0; i < d->n; i++)
        if (!d->fields[i].in_snapshot) {
            n++;
            last = i;
        }
    if (n == 1) {
        read_type(d->fields[last].type, r, out);
        return;
    }
    sink_begin(out, BOX_OBJECT);
    for (uint32_t i = 0; i < d->n && rd_ok(r); i++)
        if (!d->fields[i].in_snapshot) {
            if (out)
                sink_keyz(out, d->fields[i].name);
            read_type(d->fields[i].type, r, out);
        }
    sink_end(out, BOX_OBJECT);
}

static void read_told(const struct ser *s, struct rd *r, struct sink *out) { told_value(s->extra, r, out); }

static const struct ser_row told_row = {
    .snapshot_class = "", .name = "told", .body = BODY_OWN, .length = LEN_OWN, .read = read_told};

bool told_serializer(struct ser_in *in, struct ser *s)
{
    const struct told_decl *d = told_find(in->told, TOLD_SERIALIZER, s->snapshot_class);
    if (!d)
        return false;
    for (uint32_t i = 0; i < d->n && rd_ok(in->r); i++)
        if (d->fields[i].in_snapshot)
            read_type(d->fields[i].type, in->r, NULL);
    s->row = &told_row;
    s->read = read_told;
    s->write = write_told;
    s->length = d->length;
    s->extra = d;
    s->label = s->snapshot_class;
    return true;
}
