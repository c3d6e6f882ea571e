/* A class file (JVMS 4), as far as Flink's view of types goes by it: names, fields, methods, enum constants, an Avro schema.
 *
 * What comes from a jar is hostile: every length is compared with what is there, nothing recurses by it. */
#ifndef WEIR_JAR_CLASS_FILE_H
#define WEIR_JAR_CLASS_FILE_H

#include "base/err.h"
#include "jar/class_pool.h"
#include "jar/java_type.h"

enum java_access {
    ACC_PUBLIC = 0x1,
    ACC_PRIVATE = 0x2,
    ACC_STATIC = 0x8,
    ACC_FINAL = 0x10,
    ACC_TRANSIENT = 0x80, /* of a field */
    ACC_INTERFACE = 0x200,
    ACC_ABSTRACT = 0x400,
    ACC_ENUM = 0x4000
};

struct java_field {
    const char *name;
    uint16_t access;
    const struct java_type *raw;  /* from the descriptor */
    const struct java_type *type; /* from the signature; raw where there is none */
    bool type_info;               /* carries Flink's @TypeInfo: code of the job's decides its serializer */
};

struct java_method {
    const char *name;
    uint16_t access;
    struct java_method_type raw, type;
};

struct class_file {
    const char *name, *super; /* "a.b.C$D"; super: NULL for java.lang.Object */
    uint16_t access;          /* of a nested class: as its source says (InnerClasses) */
    uint32_t n_interfaces, n_fields, n_methods;
    const char **interfaces;
    const struct java_field *fields;   /* as they stand, static ones and enum constants among them */
    const struct java_method *methods; /* constructors are called "<init>" */
    struct java_class_type type;       /* type parameters, the superclass with its arguments */
    bool type_info;
    bool kryo_annotated;     /* it or a field of it carries one of Kryo's annotations, which choose serializers */
    const char *avro_schema; /* what its static initialiser puts into SCHEMA$, or NULL */
};

enum { CLASS_FILE_MAX = 8 << 20, CLASS_NAME_MAX = 1024 };

/* The code of a class, of which the spans point into the file. */
struct class_code {
    struct class_pool pool;
    uint32_t n;             /* as many as methods, in their order */
    struct bytes *bodies;   /* Code attributes (JVMS 4.7.3); empty: abstract, native */
    struct bytes bootstrap; /* the BootstrapMethods attribute; empty: there is none */
};

/* Reads a class file; all of *c lives in the arena. `code` may be NULL. ERR_CORRUPT, ERR_LIMIT without the file's name. */
bool class_file_read(struct class_file *c, struct bytes file, struct class_code *code, struct arena *a, struct err *e);

bool class_is_enum(const struct class_file *c);   /* not: the class of a constant with a body */
bool class_is_record(const struct class_file *c); /* as TypeExtractor#isRecord */

#endif
