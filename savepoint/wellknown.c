#include "savepoint/wellknown.h"

#include <string.h>

#include "base/utf8.h"
#include "savepoint/javaio.h"
#include "savepoint/wellknown_in.h"

static const struct {
    const char *name;
    content_fn *read;
} states[] = {
#define STATE(name, fn) {name, fn},
#define CONTENT(place, first, last, name, fn)
#include "savepoint/wellknown.def"
#undef STATE
#undef CONTENT
};

static const struct content {
    enum place place;
    int32_t first, last;
    const char *name;
    content_fn *read;
} contents[] = {
#define STATE(name, fn)
#define CONTENT(place, first, last, name, fn) {place, first, last, name, fn},
#include "savepoint/wellknown.def"
#undef STATE
#undef CONTENT
};

enum { STATES = sizeof states / sizeof *states, CONTENTS = sizeof contents / sizeof *contents };

/* --- members --- */

static void key(struct in *in, const char *name)
{
    if (name && in->out)
        sink_keyz(in->out, name);
}

void m_utf(struct in *in, const char *name)
{
    const char *s = java_utf(&in->r, in->a);
    key(in, name);
    sink_textz(in->out, s);
}

static bool kafka_name(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n <= 249 && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

const char *m_topic(struct in *in, const char *name)
{
    const char *s = java_utf(&in->r, in->a);
    if (rd_ok(&in->r) && !kafka_name(s))
        rd_fail(&in->r, "not the name of a Kafka topic");
    key(in, name);
    sink_textz(in->out, s);
    return s;
}

void m_text(struct in *in, const char *name, size_t n)
{
    const uint8_t *p = rd_take(&in->r, n);
    uint32_t code;
    for (size_t i = 0, step; p && i < n; i += step) {
        step = utf8_next(p + i, n - i, &code);
        if (!step) {
            rd_fail(&in->r, "not UTF-8");
            break;
        }
    }
    key(in, name);
    sink_text(in->out, (const char *)p, p ? n : 0);
}

void m_i16(struct in *in, const char *name)
{
    key(in, name);
    sink_int(in->out, rd_i16(&in->r));
}

int32_t m_i32(struct in *in, const char *name)
{
    int32_t v = rd_i32(&in->r);
    key(in, name);
    sink_int(in->out, v);
    return v;
}

void m_i64(struct in *in, const char *name)
{
    key(in, name);
    sink_int(in->out, rd_i64(&in->r));
}

void m_i64_le(struct in *in, const char *name)
{
    const uint8_t *p = rd_take(&in->r, 8);
    key(in, name);
    sink_int(in->out, p ? (int64_t)le64(p) : 0);
}

uint32_t in_le32(struct in *in)
{
    const uint8_t *p = rd_take(&in->r, 4);
    return p ? le32(p) : 0;
}

uint32_t in_length_le(struct in *in)
{
    uint32_t n = in_le32(in);
    if (n > rd_left(&in->r))
        rd_short(&in->r);
    return rd_ok(&in->r) ? n : 0;
}

void m_word(struct in *in, const char *name, const char *const *words, int32_t n)
{
    int32_t i = rd_i32(&in->r);
    if (i < 0 || i >= n) {
        rd_fail(&in->r, "a constant that does not exist");
        i = 0;
    }
    key(in, name);
    if (in->out)
        sink_textz(in->out, words[i]);
}

bool in_flag(struct in *in)
{
    uint8_t v = rd_u8(&in->r);
    if (v > 1)
        rd_fail(&in->r, "a boolean that is neither 0 nor 1");
    return v == 1;
}

void in_magic(struct in *in, uint32_t magic)
{
    if (rd_u32(&in->r) != magic)
        rd_fail(&in->r, "another magic number");
}

void in_magic_le(struct in *in, uint32_t magic)
{
    if (in_le32(in) != magic)
        rd_fail(&in->r, "another magic number");
}

void in_begin(struct in *in, const char *name, enum sink_box box)
{
    key(in, name);
    sink_begin(in->out, box);
}

void in_end(struct in *in, enum sink_box box) { sink_end(in->out, box); }

struct in in_sub(struct in *in, int32_t version, struct bytes b)
{
    return (struct in){.r = rd_of(b.p, b.n, 0), .out = in->out, .a = in->a, .version = version};
}

void in_join(struct in *in, struct in *sub)
{
    if (rd_ok(&sub->r) && rd_left(&sub->r))
        rd_fail(&sub->r, "bytes left over");
    rd_join(&in->r, &sub->r);
}

/* --- envelopes --- */

static bool fits(struct in *in, const struct content *c, int32_t version, struct bytes b)
{
    struct in sub = in_sub(in, version, b);
    sub.out = NULL;
    c->read(&sub);
    return rd_ok(&sub.r) && !rd_left(&sub.r);
}

static const struct content *recognise(struct in *in, enum place place, int32_t version, struct bytes b)
{
    const struct content *found = NULL;
    for (size_t i = 0; i < CONTENTS; i++) {
        const struct content *c = &contents[i];
        if (c->place != place || version < c->first || version > c->last || !fits(in, c, version, b))
            continue;
        if (found)
            return NULL; /* two fit: no telling which */
        found = c;
    }
    return found;
}

/* The members; only asked when something is reported. */
static void content(struct in *in, enum place place, int32_t version, struct bytes b)
{
    sink_key(in->out, "version", 7);
    sink_int(in->out, version);
    const struct content *c = recognise(in, place, version, b);
    if (!c) {
        sink_key(in->out, "bytes", 5);
        sink_hex(in->out, "hex:", b.p, b.n);
        return;
    }
    sink_key(in->out, "as", 2);
    sink_textz(in->out, c->name);
    struct in sub = in_sub(in, version, b);
    sink_key(in->out, "value", 5);
    sink_begin(in->out, BOX_OBJECT);
    c->read(&sub);
    sink_end(in->out, BOX_OBJECT);
}

void m_content(struct in *in, const char *name, enum place place, int32_t version, struct bytes b)
{
    if (!in->out)
        return; /* any bytes fit: those that are not recognised are shown as they are */
    in_begin(in, name, BOX_OBJECT);
    content(in, place, version, b);
    in_end(in, BOX_OBJECT);
}

void m_envelope(struct in *in, const char *name, enum place place)
{
    int32_t version = rd_i32(&in->r);
    struct bytes b = rd_bytes32(&in->r);
    m_content(in, name, place, version, b);
}

void m_list(struct in *in, const char *name, each_fn *each)
{
    int32_t version = rd_i32(&in->r);
    in_begin(in, name, BOX_ARRAY);
    for (uint32_t n = rd_count(&in->r, 4); n && rd_ok(&in->r); n--) {
        struct bytes b = rd_bytes32(&in->r);
        if (rd_ok(&in->r))
            each(in, version, b);
    }
    in_end(in, BOX_ARRAY);
}

/* --- states --- */

/* SimpleVersionedListState: a byte[] that holds one envelope. */
static void enveloped(struct in *in, enum place place)
{
    struct bytes b = rd_bytes32(&in->r);
    struct in sub = in_sub(in, 0, b);
    int32_t version = rd_i32(&sub.r);
    struct bytes inner = rd_bytes32(&sub.r);
    in_join(in, &sub);
    if (rd_ok(&in->r) && in->out)
        content(in, place, version, inner);
}

void reader_state(struct in *in) { enveloped(in, IN_SPLIT); }
void writer_state(struct in *in) { enveloped(in, IN_WRITER); }
void committer_state(struct in *in) { enveloped(in, IN_COMMITTER); }
void bucket_state(struct in *in) { enveloped(in, IN_BUCKET); }
void other_state(struct in *in) { enveloped(in, IN_OTHER); }

/* Tries without a sink; reports when all fits. */
static bool decode(content_fn *read, struct bytes b, struct sink *out)
{
    struct arena a = {0};
    struct in in = {.r = rd_of(b.p, b.n, 0), .a = &a};
    read(&in);
    bool ok = rd_ok(&in.r) && !rd_left(&in.r);
    if (ok && out) {
        struct in again = {.r = rd_of(b.p, b.n, 0), .out = out, .a = &a};
        sink_begin(out, BOX_OBJECT);
        read(&again);
        sink_end(out, BOX_OBJECT);
    }
    arena_free(&a);
    return ok;
}

static content_fn *reader_of(const char *state_name)
{
    for (size_t i = 0; i < STATES; i++)
        if (!strcmp(states[i].name, state_name))
            return states[i].read;
    return NULL;
}

bool wellknown_state(const char *state_name) { return reader_of(state_name) != NULL; }

bool wellknown_decode(const char *state_name, struct bytes element, struct sink *out)
{
    content_fn *read = reader_of(state_name);
    return read && decode(read, element, out);
}

static void coordinator(struct in *in)
{
    if (rd_i32(&in->r) != 1)
        rd_fail(&in->r, "not version 1 of SourceCoordinatorSerdeUtils");
    int32_t version = rd_i32(&in->r);
    struct bytes b = rd_bytes32(&in->r);
    if (rd_ok(&in->r) && in->out)
        content(in, IN_ENUMERATOR, version, b);
}

bool wellknown_coordinator(struct bytes state, struct sink *out) { return decode(coordinator, state, out); }
