/* What the Kryo codec's files share: forms of classes, the facts of a snapshot, a value being read. */
#ifndef WEIR_SAVEPOINT_CODEC_KRYO_H
#define WEIR_SAVEPOINT_CODEC_KRYO_H

#include "savepoint/codec.h"
#include "savepoint/told.h"

/* How the body of an object lies, behind class and reference mark. Where Kryo 2 and 5 differ the reader of the form knows. */
enum kryo_form {
    K_UNKNOWN,
    K_INT,
    K_LONG,
    K_STRING,
    K_FLOAT,
    K_DOUBLE,
    K_BOOLEAN,
    K_BYTE,
    K_CHAR,
    K_SHORT,
    K_BYTES,
    K_ARRAY_OF_BOOLEAN,
    K_ARRAY_OF_CHAR,
    K_ARRAY_OF_SHORT,
    K_ARRAY_OF_INT,
    K_ARRAY_OF_LONG,
    K_ARRAY_OF_FLOAT,
    K_ARRAY_OF_DOUBLE,
    K_OBJECT_ARRAY,
    K_BIG_INTEGER,
    K_BIG_DECIMAL,
    K_CLASS,
    K_DATE,
    K_TIMESTAMP,
    K_CALENDAR,
    K_NAMED, /* one string, shown as toString */
    K_PATTERN,
    K_SOCKET_ADDRESS,
    K_UUID,
    K_LOCALE,
    K_JAVA_LOCALE,
    K_BIT_SET,
    K_JAVA, /* a Java object stream (Kryo's and Flink's JavaSerializer) */
    K_ENUM,
    K_ENUM_SET,
    K_LIST,
    K_SET,
    K_MAP,
    K_SORTED_LIST,
    K_SORTED_SET,
    K_SORTED_MAP, /* sorted: with a comparator */
    K_AS_LIST,    /* chill's ArraysAsListSerializer */
    K_EMPTY_LIST,
    K_EMPTY_MAP,
    K_SINGLETON_LIST,
    K_SINGLETON_MAP,
    K_HOLDER, /* one object, shown as that */
    K_OBJECTS_1,
    K_OBJECTS_2,
    K_OBJECTS_3, /* so many objects, shown as an array */
    K_ATOMIC_INT,
    K_ATOMIC_LONG,
    K_ATOMIC_BOOLEAN,
    K_BARE, /* no fields */
    K_TOLD, /* a class or a serializer that the user told (told.h) */
    K_OPTIONAL_INT,
    K_OPTIONAL_LONG,
    K_OPTIONAL_DOUBLE,
    K_INSTANT,
    K_DURATION,
    K_PERIOD,
    K_LOCAL_DATE,
    K_LOCAL_TIME,
    K_LOCAL_DATE_TIME,
    K_ZONE_OFFSET,
    K_ZONE_REGION,
    K_OFFSET_TIME,
    K_OFFSET_DATE_TIME,
    K_ZONED_DATE_TIME,
    K_YEAR,
    K_YEAR_MONTH,
    K_MONTH_DAY
};

enum kryo_flag { F = 1, B = 2, N = 4, A = 8 }; /* see kryo_classes.def */

struct kryo_row {
    const char *cls;
    uint8_t form[2]; /* Kryo 2, Kryo 5 */
    uint8_t flags;
    const char *words;
};

/* A class that stands in a value. */
struct kryo_class {
    const char *name; /* n bytes as they lie in the value: the last one may have its top bit set */
    uint32_t n;
    uint8_t form;
    const struct kryo_row *row;          /* NULL: arrays of objects, classes without a row */
    const char *why;                     /* K_UNKNOWN: what is missing */
    const struct kryo_told *told;        /* K_TOLD */
    const struct kryo_class *generic[2]; /* the value of a field with type arguments: an element, or key and value; else NULL */
};

/* A declaration of the user's, its classes resolved. */
struct kryo_told {
    const struct told_decl *decl;
    struct kryo_told_field {
        struct kryo_class cls; /* TOLD_OBJECT: the field's class, with its type arguments */
        bool final;            /* no class is written, as a value can have only that one */
    } * fields;                /* decl->n */
};

/* An entry of the snapshot's maps, as it was read. */
struct kryo_frame {
    const char *name;
    bool has_key, has_value;
    struct bytes key, value;
};

/* A snapshot's facts. */
struct kryo {
    uint32_t n_frames[3]; /* registrations, default serializers, default serializer classes */
    struct kryo_frame *frames[3];
    const struct told *from; /* what the user has told, all of it */
    bool v5;                 /* Kryo 5 */
    bool wild;               /* default serializers for interfaces or unknown classes: a class by name may have any form */
    const char *object1;     /* see kryo_object_of_flink1 (ser_facts.h) */
    uint32_t n_ids;
    struct kryo_class *ids; /* by class id; name NULL where no class has the id */
    uint32_t n_defaults;
    const char **defaults; /* classes with a default serializer of the user's, each with that one's class (NULL: an object) */
    uint32_t n_told;
    struct kryo_told *told;   /* declarations of classes, enums and Kryo serializers */
    struct kryo_found *found; /* what the told source has been asked for; NULL: there is none */
};

/* An object that has been met, in case that a reference to it follows. */
struct kryo_object {
    const uint8_t *body, *end; /* end: NULL while it is being read */
    uint32_t height;           /* objects nested in it, as shown */
    struct kryo_class cls;
};

enum { KRYO_FEW = 24 };

/* A value being read. */
struct kryo_in {
    const struct kryo *k;
    struct rd *r;
    struct sink *out;
    const uint8_t *start;
    bool compared;               /* the object just read has a comparator of its own */
    uint32_t nested, deepest;    /* objects around the one being read; the deepest of the reader's depths so far */
    uint64_t repeats;            /* bytes that may still be read again for references */
    uint32_t next_id, n_objects; /* the next object's number; how many are known (more while one is read again) */
    uint32_t cap_objects;
    struct kryo_object *objects, few_objects[KRYO_FEW];
    uint32_t n_names, cap_names;
    struct kryo_name {
        const uint8_t *at; /* where the name was written: read again there it is no new one */
        struct kryo_class cls;
    } * names, few_names[KRYO_FEW];
};

/* codec_kryo.c: the class of a name, whose last byte may have its top bit set */
struct kryo_class kryo_class_of(const struct kryo *k, const char *name, uint32_t n);

/* The row whose class is named so, or NULL. */
const struct kryo_row *kryo_find(const char *name, uint32_t n);
/* Is it `other`? The last byte of name may have its top bit set. */
bool kryo_same_name(const char *name, uint32_t n, const char *other);

/* codec_kryo_value.c */
/* The class's name as a C string, at most `size` - 1 bytes of it. */
const char *kryo_name(const struct kryo_class *c, char *to, size_t size);
/* DefaultClassResolver#readClass. False: null, or failed. */
bool kryo_read_class(struct kryo_in *k, struct kryo_class *c);
/* The number of a new object, whose body begins at r->p; its `end` is set when it has been read. */
uint32_t kryo_new_object(struct kryo_in *k, const struct kryo_class *c);
void kryo_any(struct kryo_in *k); /* Kryo#readClassAndObject */
/* Kryo#readObject of a known class: reference mark and body. or_null: Kryo#readObjectOrNull. */
void kryo_object(struct kryo_in *k, const struct kryo_class *c, bool or_null);
/* Takes the rest of the value as opaque bytes of the class. */
void kryo_opaque(struct kryo_in *k, const struct kryo_class *c, const char *why);

/* codec_kryo_plain.c: the body of forms that hold no objects */
void kryo_plain(struct kryo_in *k, const struct kryo_class *c);
void kryo_scalar(struct kryo_in *k, enum kryo_form form); /* K_INT to K_SHORT */
/* Reports {"$class", "$string"} and, when it is the whole value, "$hex"; the string is what stands in out->scratch. */
void kryo_shown(struct kryo_in *k, const char *cls);

/* codec_kryo_told.c */
void kryo_told_begin(struct kryo *k, const struct told *t, struct arena *a); /* makes k->told */
void kryo_told_resolve(struct kryo *k, struct arena *a);                     /* fills its fields, when all of k is known */
const struct kryo_told *kryo_told_find(const struct kryo *k, enum told_kind kind, const char *name, uint32_t n);
/* The same for a class or enum that only the told source may know. From any thread. */
const struct kryo_told *kryo_told_look(const struct kryo *k, const char *name, uint32_t n);
bool kryo_is_final(const struct kryo *k, const struct kryo_class *c); /* Kryo#isFinal, of a field's class */
void kryo_told(struct kryo_in *k, const struct kryo_class *c);

/* codec_kryo_prim.c: Kryo's Input */
uint32_t kryo_varint(struct rd *r);
uint64_t kryo_varlong(struct rd *r);
static inline int32_t kryo_zigzag(uint32_t v) { return (int32_t)(v >> 1 ^ (0 - (v & 1))); }
static inline int64_t kryo_zigzag64(uint64_t v) { return (int64_t)(v >> 1 ^ (0 - (v & 1))); }
/* Fixed numbers: big-endian in Kryo 2, little-endian in Kryo 5. */
uint16_t kryo_16(const struct kryo_in *k);
uint32_t kryo_32(const struct kryo_in *k);
uint64_t kryo_64(const struct kryo_in *k);
/* A string, appended to b (NULL: skipped). False: null, or failed. */
bool kryo_string(struct rd *r, struct buf *b);
/* A count of things of at least one byte each. */
uint32_t kryo_count(struct rd *r, uint32_t n);

/* codec_kryo_time.c */
void kryo_time(struct kryo_in *k, const struct kryo_class *c);

#endif
