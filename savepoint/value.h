/* Values as trees: what is decoded, looked at, changed and encoded again. A dump needs none (sink.h); whoever changes state does.
 *
 * A tree has the shape of the events that a decoder reports, and so of the JSON that `weir dump` prints: which number is an int and
 * which a long, which text is a date and which a decimal, its serializer says. value_encode (value_encode.h) holds a tree against one.
 *
 * Everything lives in an arena. Trees are plain data: copy a `struct value` to share what is below it, set members at will. */
#ifndef WEIR_SAVEPOINT_VALUE_H
#define WEIR_SAVEPOINT_VALUE_H

#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "savepoint/sink.h"

struct ser;

/* Levels of a tree; values of one tree, its containers counted. */
enum { VALUE_MAX_DEPTH = 256, VALUE_MAX_PARTS = 64 << 20 };

enum value_kind {
    VAL_NULL,
    VAL_BOOL,   /* b */
    VAL_INT,    /* i */
    VAL_REAL,   /* d; single: it was a Java float */
    VAL_TEXT,   /* text, n bytes of UTF-8 (a lone surrogate as its three bytes), 0 behind them */
    VAL_BYTES,  /* bytes, n; prefix: what a dump prints in front of the digits ("hex:") */
    VAL_LIST,   /* items, n */
    VAL_SET,    /* items, n; the order has no meaning */
    VAL_OBJECT, /* items, n; names, n */
    VAL_MAP,    /* items, n: key, value, key, value … (n is even); pairs: the content of a MAP or broadcast state */
    VAL_OPAQUE  /* bytes, n, that could not be decoded; opaque: why */
};

struct value_name {
    const char *s;
    size_t n;
};

struct value_opaque {
    const char *class_name, *why;
};

/* The bytes that a value was read from, where it shows less than they say (Kryo's classes and references, Java objects). Encoding by the
 * same serializer gives them back as long as nobody has replaced the value. And the class of a value inside one of Kryo's. */
struct value_origin {
    const struct ser *ser; /* NULL: no bytes */
    struct bytes bytes;
    const char *class_name; /* or NULL; of an Optional and what it holds both, a newline between them */
};

struct value {
    uint8_t kind; /* enum value_kind */
    bool single, pairs;
    uint32_t n;
    union {
        bool b;
        int64_t i;
        double d;
        const char *text;
        const uint8_t *bytes;
        struct value *items;
    };
    union {
        const struct value_name *names;
        const char *prefix;
        const struct value_opaque *opaque;
    };
    const struct value_origin *origin; /* NULL: the value says it all */
};

/* --- making them --- */

static inline struct value value_null(void) { return (struct value){.kind = VAL_NULL}; }
static inline struct value value_bool(bool v) { return (struct value){.kind = VAL_BOOL, .b = v}; }
static inline struct value value_int(int64_t v) { return (struct value){.kind = VAL_INT, .i = v}; }
static inline struct value value_double(double v) { return (struct value){.kind = VAL_REAL, .d = v}; }
static inline struct value value_float(float v) { return (struct value){.kind = VAL_REAL, .d = (double)v, .single = true}; }
/* The text or bytes are copied; at most 4 GiB. */
struct value value_text(struct arena *a, const char *s, size_t n);
struct value value_bytes(struct arena *a, const uint8_t *p, size_t n);
/* A list, set or map of n items (a map's: keys and values in turn), all null to begin with. */
struct value value_list(struct arena *a, enum value_kind kind, uint32_t n);
/* An object of n members, all null; the names are not copied. */
struct value value_object(struct arena *a, const char *const *names, uint32_t n);

/* A member of an object by its name; of an object {"$row", "fields"}, in its fields. NULL when there is none. */
struct value *value_member(const struct value *v, const char *name);
/* The member or item by its place; NULL beyond the last. */
struct value *value_item(const struct value *v, uint32_t i);
/* The same value? Reals by their bits, sets and maps in any order, ints and reals never; origins are not looked at. */
bool value_same(const struct value *a, const struct value *b);
/* All of it anew in an arena. */
struct value value_copy_to(struct arena *a, const struct value *v);

/* --- from a decoder --- */

/* A sink that makes trees. One value at a time: hand `sink` to a decoder, then take what came. */
struct value_sink {
    struct sink sink;
    struct arena *a; /* the caller's; may be another one for each value */
    struct value_pending *pending;
    uint32_t n, cap;
    struct value_box *boxes;
    uint32_t depth, cap_boxes;
    const char *why; /* NULL, or what was too much */
};

void value_sink_init(struct value_sink *s, struct arena *a);
/* The value whose events have come, complete; the sink is ready for the next one. False: too deep or too large (ERR_LIMIT). Whether
 * the decoder was content is the caller's to ask first; value_sink_reset drops a half one. */
bool value_sink_take(struct value_sink *s, struct value *v, struct err *e);
void value_sink_reset(struct value_sink *s);
void value_sink_free(struct value_sink *s);

/* Reads one value of s that takes all of b. ERR_CORRUPT, ERR_LIMIT. */
bool value_decode(struct value_sink *to, const struct ser *s, struct bytes b, struct value *v, struct err *e);

/* --- back to events, and JSON --- */

/* Reports the tree as its decoder did: a json_sink prints it as `weir dump` does. */
void value_report(const struct value *v, struct sink *out);
/* Reads JSON as `weir dump` prints it, or plainer. {"$map": [[k, v], …]} is a map, {"$opaque", …, "$hex"} opaque bytes; bytes and dates stay
 * text, a set a list. Integers beyond 64 bits become reals. ERR_CORRUPT says where, in bytes; the text may be hostile. */
bool value_from_json(struct value *v, const void *text, size_t n, struct arena *a, struct err *e);
/* The other way, for trees of texts, numbers, lists and objects; reals as Java prints them, other kinds as null. */
void value_put_json(struct jsonw *w, const struct value *v);

#endif
