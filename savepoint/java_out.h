/* Writing Java objects as java.io.ObjectOutputStream does (protocol 2), for logical types and serializers of them. Every object that is handed to
 * Flink's InstantiationUtil is a stream of its own. */
#ifndef WEIR_SAVEPOINT_JAVA_OUT_H
#define WEIR_SAVEPOINT_JAVA_OUT_H

#include "savepoint/logical_type.h"

enum {
    TC_REFERENCE = 0x71,
    TC_CLASSDESC,
    TC_OBJECT,
    TC_STRING,
    TC_ARRAY,
    TC_BLOCKDATA = 0x77,
    TC_ENDBLOCKDATA,
    TC_NULL = 0x70,
    TC_ENUM = 0x7e,
    TC_CLASS = 0x76,
    SC_WRITE_METHOD = 1,
    SC_SERIALIZABLE = 2,
    SC_ENUM = 0x10,
    BASE_HANDLE = 0x7e0000
};

#define JAVA_STREAM UINT32_C(0xaced0005) /* what a stream begins with */

/* What the stream may refer to again: descriptors, signatures, constants. */
struct known {
    char kind;
    const char *name;
    uint32_t handle;
};

struct java_out {
    struct buf *to;
    uint32_t next, n, cap;
    struct known *known;
    struct err *e;
};

struct java_member {
    char type;
    const char *name, *signature; /* of an object */
};

struct java_desc {
    const char *name;
    uint64_t uid;
    uint8_t flags;
    uint32_t n;
    struct java_member fields[5];
    const struct java_desc *super;
};

/* A class; NULL: none. */
void java_put_desc(struct java_out *o, const struct java_desc *d);
/* An object, whose fields follow: those of the uppermost class first. */
void java_begin(struct java_out *o, const struct java_desc *d);
bool java_put_type(struct java_out *o, const struct ltype *t);
extern const struct java_desc java_type_serializer, java_singleton;

#endif
