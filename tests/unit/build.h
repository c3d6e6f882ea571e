/* Bytes as Flink writes them, and snapshots in memory, for tests. */
#ifndef WEIR_TESTS_UNIT_BUILD_H
#define WEIR_TESTS_UNIT_BUILD_H

#include "savepoint/savepoint.h"
#include "tests/support/bytes.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define S_STRING BASE "StringSerializer$StringSerializerSnapshot"
#define S_LONG BASE "LongSerializer$LongSerializerSnapshot"
#define S_INT BASE "IntSerializer$IntSerializerSnapshot"
#define S_NOTHING BASE "NullValueSerializer$NullValueSerializerSnapshot"
#define S_LIST BASE "ListSerializerSnapshot"
#define S_MAP BASE "MapSerializerSnapshot"
#define S_TIMER "org.apache.flink.streaming.api.operators.TimerSerializerSnapshot"
#define S_VOID "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot"

/* A versioned snapshot: simple, or a composite of one or two simple ones. */
static inline void snapshot_of(struct buf *b, const char *cls, const char *a, const char *c)
{
    utf(b, cls);
    u32(b, 3);
    if (!a)
        return;
    u32(b, 911108);
    u32(b, 1);
    u32(b, 1333245);
    u32(b, 1);
    u32(b, c ? 2 : 1);
    snapshot_of(b, a, NULL, NULL);
    if (c)
        snapshot_of(b, c, NULL, NULL);
}

static inline void role(struct buf *b, const char *name, const char *cls, const char *a, const char *c)
{
    utf(b, name);
    u32(b, 2);
    snapshot_of(b, cls, a, c);
}

/* A metaInfo of a keyed state with the void or another namespace; kind "" for timers. */
static inline void keyed_info(struct buf *b, const char *name, const char *kind, const char *ns, const char *cls, const char *a,
                              const char *c)
{
    bool timers = !*kind;
    utf(b, name);
    u32(b, timers ? 3 : 0);
    u32(b, timers ? 0 : 1);
    if (!timers)
        utf(b, "KEYED_STATE_TYPE"), utf(b, kind);
    u32(b, timers ? 1 : 2);
    if (!timers)
        role(b, "NAMESPACE_SERIALIZER", ns, NULL, NULL);
    role(b, "VALUE_SERIALIZER", cls, a, c);
}

/* A metaInfo of an operator list state, or (key given) a broadcast state. */
static inline void operator_info(struct buf *b, const char *name, const char *mode, const char *key, const char *value)
{
    utf(b, name);
    u32(b, key ? 2 : 1);
    u32(b, 1);
    utf(b, "OPERATOR_STATE_DISTRIBUTION_MODE"), utf(b, mode);
    u32(b, key ? 2 : 1);
    if (key)
        role(b, "KEY_SERIALIZER", key, NULL, NULL);
    role(b, "VALUE_SERIALIZER", value, NULL, NULL);
}

/* Bytes that lie inline in a snapshot which is nothing but these bytes. They are copied into an allocation of their own. */
struct memory {
    struct snapshot s;
    struct meta_operator op;
    uint8_t *p;
};

static inline struct memory *memory_of(const void *p, size_t n)
{
    struct memory *m = mem_zalloc(sizeof *m);
    m->p = mem_alloc(n ? n : 1);
    if (n)
        memcpy(m->p, p, n);
    m->s.meta.version = 4;
    m->s.location = (char *)"_metadata";
    m->s.bytes = (struct bytes){m->p, n};
    m->op = (struct meta_operator){.hex = "0123456789abcdef0123456789abcdef", .parallelism = 1, .max_parallelism = 128};
    return m;
}

static inline void memory_free(struct memory *m)
{
    free(m->p);
    free(m);
}

/* A handle to `n` of the bytes, from `off` on. */
static inline struct meta_stream inline_stream(const struct memory *m, size_t off, size_t n)
{
    return (struct meta_stream){.tag = HANDLE_BYTE_STREAM, .path = "inline", .size = n, .inl = {m->p + off, n}};
}

#endif
