/* What Flink reads an old serializer by, and the new job's jar no longer has. */
#ifndef WEIR_INSPECT_JOB_GONE_H
#define WEIR_INSPECT_JOB_GONE_H

#include "inspect/job_types.h"

/* The first class that a serializer, or one nested in it, names and that cannot be loaded any more, or constant of an enum that is not
 * there: then Flink cannot read it. A sentence; NULL: all is there, or there is no jar. */
const char *job_gone(const struct job_given *g, struct arena *a, const struct ser *old);
/* The same of this node alone; there is a jar. */
const char *job_node_gone(const struct job_given *g, struct arena *a, const struct ser *old);
/* "class zoo.Cat is not in the jar", or NULL when a class loader finds it. */
const char *job_not_there(const struct job_given *g, struct arena *a, const char *cls);

/* The constants of an enum, with blanks between, as the attribute "constants" has them. */
const char *job_constants(const struct class_file *c, struct arena *a);
/* The first attribute of that name, or NULL. */
const char *job_attr(const struct ser *s, const char *name);

#endif
