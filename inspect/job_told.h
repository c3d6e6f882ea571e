/* What a jar tells of classes that Kryo writes field by field: declarations as a user's file has them (savepoint/told.h). */
#ifndef WEIR_INSPECT_JOB_TOLD_H
#define WEIR_INSPECT_JOB_TOLD_H

#include "jar/jar.h"
#include "savepoint/told.h"

/* A class is told where it is certain that Kryo's FieldSerializer writes it, and how: not collections, records, classes with
 * serializers of their own or with fields whose type is a type parameter. */
struct job_told {
    struct told_source source;
    struct jar *jar;
    struct job_told_subclass *subclasses; /* that have been asked for */
};

/* The jar outlives it. job_told_end releases. */
void job_told_begin(struct job_told *t, struct jar *jar);
void job_told_end(struct job_told *t);

#endif
