/* What the user tells weir about classes of his own. Their layout is code, and stands in no snapshot: what Kryo's FieldSerializer
 * writes of a class, what a Value class or a Kryo serializer writes, what a serializer of his own writes.
 *
 * A file of declarations, each a head and indented lines of a name and a type; # begins a comment:
 *
 *   class zoo.Lion extends zoo.Cat      the fields of a class as Kryo's FieldSerializer writes them, inherited ones in theirs;
 *       mane int                        `final class …` where Java says so: Kryo writes no class name in front of such fields
 *       name java.lang.String
 *   enum zoo.Size                       an enum's constants in their order, one a line
 *       SMALL
 *   value zoo.Point                     what Value#write writes, in order; a CopyableValue also has a `length`, see below
 *       x long
 *   kryo zoo.PointSerializer            what a Kryo serializer writes, in order
 *       x int
 *   serializer zoo.KeySerializerSnapshot   a TypeSerializer, by its snapshot's class
 *       snapshot utf                       what its writeSnapshot writes, in order, one line each
 *       length 8                           its getLength(), when that is not -1
 *       value long                         what its serialize writes, likewise
 *
 * Types: boolean byte short char int long float double, as java.io.DataOutput (or Kryo's Output) writes them; utf (writeUTF);
 * string (Flink's StringValue, or Kryo's writeString); varint (Kryo's writeVarInt, zigzag not applied). In a class: Java's
 * primitives, full class names, and arrays of them ("long[]"). */
#ifndef WEIR_SAVEPOINT_TOLD_H
#define WEIR_SAVEPOINT_TOLD_H

#include <pthread.h>

#include "base/err.h"
#include "base/mem.h"
#include "savepoint/ser.h"

enum told_kind { TOLD_CLASS, TOLD_ENUM, TOLD_VALUE, TOLD_KRYO, TOLD_SERIALIZER };

enum told_type {
    TOLD_BOOLEAN,
    TOLD_BYTE,
    TOLD_SHORT,
    TOLD_CHAR,
    TOLD_INT,
    TOLD_LONG,
    TOLD_FLOAT,
    TOLD_DOUBLE,
    TOLD_UTF,
    TOLD_STRING,
    TOLD_VARINT,
    TOLD_OBJECT /* in a class: an object of the class `cls` */
};

struct told_field {
    const char *name;
    enum told_type type;
    const char *cls;  /* the type's word */
    bool in_snapshot; /* a serializer's line `snapshot` */
};

struct told_decl {
    enum told_kind kind;
    const char *name;
    const char *super; /* classes: the superclass told, or NULL */
    bool final;
    int length; /* values and serializers: getLength() */
    uint32_t n;
    struct told_field
        *fields; /* as written; of a class in Kryo's order: by name, inherited ones among them; of an enum its constants */
};

/* Declarations that no file has: what a jar tells of a class. */
struct told_source {
    /* The declaration of a class or enum of that name, the same each time; NULL: none. Called under the lock. */
    const struct told_decl *(*find)(void *ctx, const char *name);
    /* A serializer to read by what a POJO's value names as its subclass, the same each time; NULL: nothing is known. Called under the
     * lock. */
    const struct ser *(*subclass)(void *ctx, const char *cls, bool flink2);
    void *ctx;
    pthread_mutex_t lock; /* recursive; of the arena, too */
    struct arena arena;   /* for what is derived from the declarations: as long as the source */
};

struct told {
    uint32_t n;
    struct told_decl *decls;
    struct told_source *source; /* asked for what is not among decls; or NULL */
};

/* Reads declarations; `name` is for messages. All lives in the arena. */
bool told_read(struct told *t, struct bytes text, const char *name, struct arena *a, struct err *e);
/* Among the decls. NULL for t is a told of nothing. */
const struct told_decl *told_find(const struct told *t, enum told_kind kind, const char *name);

/* What the source knows of a POJO's subclass; NULL: nothing. From any thread. */
const struct ser *told_subclass(const struct told *t, const char *cls, bool flink2);

/* Reads what a TOLD_VALUE or TOLD_SERIALIZER declaration says: an object of its names, or the value itself when there is one. */
void told_value(const struct told_decl *d, struct rd *r, struct sink *out);
/* A serializer that was told, for a snapshot class without a row: reads the body, makes the node. False: nothing was told. */
bool told_serializer(struct ser_in *in, struct ser *s);

#endif
