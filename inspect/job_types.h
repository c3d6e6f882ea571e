/* The serializers that a new job would register: what Flink's TypeExtractor makes of the classes in its jar (Flink 1.15 to 2.3).
 *
 * A jar tells classes, not states. So each state of the old snapshot is taken for one that goes on with the class it had, and is
 * given the serializer that this class, as it is now, leads to. What only code decides stays as it was: types that the job declares
 * itself, @TypeInfo factories, registrations with Kryo. A state in which there is no class of the jar is marked: of it nothing is said. */
#ifndef WEIR_INSPECT_JOB_TYPES_H
#define WEIR_INSPECT_JOB_TYPES_H

#include "inspect/layout.h"
#include "jar/jar.h"
#include "savepoint/avro_schema.h"

struct job_code;

struct job_given {
    struct jar *jar; /* NULL: no classes are known */
    uint32_t n_avro; /* schemas that the new job has, by the names of their records */
    const struct job_schema {
        const char *name, *json;
    } * avro;
    int flink;                   /* version as FLINK(major, minor) */
    const struct job_code *code; /* what the code declares (job_code.h); NULL: nothing is known of it */
};

/* The successor of a serializer: `old` itself where nothing is known to change. Nodes carry attributes for compat_types: "gone", why
 * Flink cannot even read the old serializer; "because", why a class is no POJO. */
const struct ser *job_successor(const struct job_given *given, const struct ser *old, struct arena *a);

/* Does a class of the jar, or a schema, say what a serializer is, or a part of it? */
bool job_tells(const struct job_given *given, const struct ser *old);

/* The serializer of a class that the jar has, by itself; NULL: it has none of that name. */
const struct ser *job_class_ser(const struct job_given *given, const char *cls, struct arena *a);

/* The serializer of a type in the code, as TypeExtractor#createTypeInfo has it; `old` is what there was. NULL: Flink gives up on it. */
const struct ser *job_type_ser(const struct job_given *given, const struct java_type *t, const struct ser *old, struct arena *a);
/* Kryo's of a class. */
const struct ser *job_generic_ser(const struct job_given *given, const char *cls, const struct ser *old, struct arena *a);

/* The old job with its serializers' successors. `old` outlives l. */
void layout_of_job(struct layout *l, const struct layout *old, const struct job_given *given, const char *name);

#endif
