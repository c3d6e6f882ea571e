/* Objects as java.io.ObjectOutputStream writes them (Java Object Serialization Specification 6, protocol version 2), where Flink
 * keeps them in snapshots: CheckpointProperties, LogicalTypes, DataTypes, comparators, Kryo's serializer instances.
 *
 * No Java class is needed to read them: the stream names every class and its fields. Taking a field by its name keeps a reader
 * right across Flink releases. What a class writes by a writeObject of its own is kept as it comes: the objects in `items`, the
 * plain bytes in `block`. (A class whose writeObject leaves out its default fields cannot be told from one that writes them;
 * Java itself assumes the latter for a class that it does not have.)
 *
 * Everything lives in the arena, nothing points into the input. References may make cycles: walk with a limit. */
#ifndef WEIR_SAVEPOINT_JAVAOBJ_H
#define WEIR_SAVEPOINT_JAVAOBJ_H

#include "base/mem.h"
#include "base/rd.h"

enum jkind {
    J_OBJECT, /* levels */
    J_ENUM,   /* text: the constant's name */
    J_STRING, /* text */
    J_ARRAY,  /* items, or raw for arrays of primitives */
    J_CLASS,  /* a java.lang.Class: cls is the class it stands for */
    J_DESC    /* an ObjectStreamClass written as an object: cls */
};

struct jfield {
    const char *name;
    char type; /* B C D F I J S Z, or L and [ for objects and arrays */
};

struct jclass {
    const char *name; /* "org.apache.flink.table.types.logical.IntType", "[I", "[Ljava.lang.Object;", "java.lang.reflect.Proxy" */
    int64_t uid;      /* serialVersionUID */
    uint8_t flags;    /* ObjectStreamConstants.SC_* */
    bool done;        /* the descriptor has been read whole */
    uint32_t chain;   /* classes in the chain, itself included */
    uint32_t n;
    const struct jfield *fields; /* its own, not its superclasses' */
    const struct jclass *super;  /* the serializable superclass, or NULL */
    uint32_t n_interfaces;       /* dynamic proxies: the interfaces */
    const char **interfaces;
};

struct jobj;
struct jval {
    char type; /* as jfield.type */
    union {
        int64_t i;      /* B C I J S Z */
        double d;       /* D F */
        struct jobj *o; /* L [ ; NULL is Java's null */
    };
};

/* What one class of an object's chain wrote. Classes that wrote nothing have no level. */
struct jlevel {
    const struct jclass *cls;
    const struct jval *vals; /* cls->n; NULL for Externalizable classes */
    uint32_t n_items;        /* behind the fields: objects, in order */
    struct jobj **items;
    struct bytes block; /* behind the fields: primitive data, in order */
};

struct jobj {
    enum jkind kind;
    const struct jclass *cls;
    const char *text; /* UTF-8 with a 0 behind it; may hold zeros */
    size_t n_text;
    uint32_t n_levels;
    struct jlevel *levels; /* superclass first */
    uint32_t n;            /* arrays: length */
    struct jobj **items;   /* arrays of objects */
    struct bytes raw;      /* arrays of primitives: big-endian */
    const void *memo;      /* for whoever makes something of the tree: what came of this object */
};

/* Reads one stream: header and exactly one object; r stands behind it then. *o is NULL for Java's null. False: r has failed. */
bool javaobj_read(struct rd *r, struct arena *a, struct jobj **o);

/* All of these take NULL for o, and answer as if the field were not there. */
/* The value of a field, the class's own before an inherited one of the same name; NULL when there is none. */
const struct jval *jobj_val(const struct jobj *o, const char *field);
struct jobj *jobj_field(const struct jobj *o, const char *field);
/* A number, char or boolean field; `none` when there is none. */
int64_t jobj_int(const struct jobj *o, const char *field, int64_t none);
/* The text of a string, or the name of an enum constant; NULL for others. */
const char *jobj_text(const struct jobj *o);
const char *jobj_field_text(const struct jobj *o, const char *field);
/* The class's name; "" for NULL. */
const char *jobj_class(const struct jobj *o);
/* Is it an instance of the class or of a subclass of it? */
bool jobj_is(const struct jobj *o, const char *class_name);
/* Elements of an array of objects, of a java.util collection (ArrayList, LinkedList, HashSet, Arrays.asList, List.of, Vector,
 * Collections' wrappers …), or keys and values in turn of a map. NULL and *n = 0 when it is none of them. */
struct jobj *const *jobj_elements(const struct jobj *o, uint32_t *n);

#endif
