/* A serializer by which values of a job's class are read, for subclasses of POJOs that a snapshot names and does not describe. */
#ifndef WEIR_INSPECT_JOB_SUBCLASS_H
#define WEIR_INSPECT_JOB_SUBCLASS_H

#include "inspect/job_types.h"

/* What PojoSerializer makes for a subclass when it meets one. NULL: the class is not in the jar, or what it holds is not known. Lives in
 * the arena. */
struct ser *job_subclass(const struct job_given *given, const char *cls, struct arena *a);

#endif
