/* Where decoded values go: a decoder reports what it reads as events, and a sink makes JSON, figures or nothing of them.
 *
 * A NULL sink means "walk only": the decoder then just finds the value's end and its faults. Events are balanced always, also
 * when the reader fails in the middle: look at rd_ok() after the value and drop what came of it. */
#ifndef WEIR_SAVEPOINT_SINK_H
#define WEIR_SAVEPOINT_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

enum sink_box {
    BOX_ARRAY,  /* any number of values, order kept */
    BOX_SET,    /* any number of values, order without meaning: written sorted by their JSON text */
    BOX_OBJECT, /* key, value, key, value … in the order of the decoder */
    BOX_MAP,    /* a Java map inside a value: key value, value value …; JSON {"$map":[[k,v],…]}, sorted by the pair's text */
    BOX_PAIRS   /* the same events; JSON [[k,v],…], sorted: the content of a MAP or broadcast state */
};

struct ser;
struct sink;
struct sink_ops {
    void (*null)(struct sink *);
    void (*boolean)(struct sink *, bool);
    void (*integer)(struct sink *, int64_t);
    void (*real)(struct sink *, double, bool single);  /* single: it was a Java float */
    void (*text)(struct sink *, const char *, size_t); /* UTF-8; a lone surrogate as its three bytes (WTF-8) */
    void (*hex)(struct sink *, const char *prefix, const uint8_t *, size_t); /* a byte array as text: prefix, then hex digits */
    void (*begin)(struct sink *, enum sink_box);
    void (*end)(struct sink *, enum sink_box);
    void (*key)(struct sink *, const char *, size_t); /* next member's name, inside BOX_OBJECT */
    /* Bytes that could not be decoded: the serializer's or value's class, and why. */
    void (*opaque)(struct sink *, const char *class_name, const uint8_t *, size_t, const char *why);
    /* May be NULL. The value just reported shows less than its bytes say: these are all of them, by that serializer. */
    void (*origin)(struct sink *, const struct ser *, const uint8_t *, size_t);
    /* May be NULL. The Java class of the value just reported, where that and its serializer do not tell. */
    void (*of_class)(struct sink *, const char *class_name);
};

struct sink {
    const struct sink_ops *ops;
    struct buf scratch; /* a decoder's room for text that it must convert; content is dead after the event */
};

static inline void sink_null(struct sink *o)
{
    if (o)
        o->ops->null(o);
}
static inline void sink_bool(struct sink *o, bool v)
{
    if (o)
        o->ops->boolean(o, v);
}
static inline void sink_int(struct sink *o, int64_t v)
{
    if (o)
        o->ops->integer(o, v);
}
static inline void sink_real(struct sink *o, double v, bool single)
{
    if (o)
        o->ops->real(o, v, single);
}
static inline void sink_text(struct sink *o, const char *s, size_t n)
{
    if (o)
        o->ops->text(o, s, n);
}
static inline void sink_hex(struct sink *o, const char *prefix, const uint8_t *p, size_t n)
{
    if (o)
        o->ops->hex(o, prefix, p, n);
}
static inline void sink_begin(struct sink *o, enum sink_box b)
{
    if (o)
        o->ops->begin(o, b);
}
static inline void sink_end(struct sink *o, enum sink_box b)
{
    if (o)
        o->ops->end(o, b);
}
static inline void sink_key(struct sink *o, const char *s, size_t n)
{
    if (o)
        o->ops->key(o, s, n);
}
static inline void sink_opaque(struct sink *o, const char *cls, const uint8_t *p, size_t n, const char *why)
{
    if (o)
        o->ops->opaque(o, cls, p, n, why);
}
static inline void sink_origin(struct sink *o, const struct ser *s, const uint8_t *p, size_t n)
{
    if (o && o->ops->origin)
        o->ops->origin(o, s, p, n);
}

static inline void sink_of_class(struct sink *o, const char *class_name)
{
    if (o && o->ops->of_class)
        o->ops->of_class(o, class_name);
}

/* A member's name or a text that is a C string. */
void sink_keyz(struct sink *o, const char *s);
void sink_textz(struct sink *o, const char *s);
void sink_textf(struct sink *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
