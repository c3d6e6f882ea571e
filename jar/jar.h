/* The classes of a job: jars, jars within them (lib/ x.jar, as Flink's PackagedProgram takes them) and directories of classes.
 *
 * Classes are read when they are asked for, and kept. From any thread. */
#ifndef WEIR_JAR_JAR_H
#define WEIR_JAR_JAR_H

#include "jar/class_file.h"

struct jar;

/* Opens n jars or directories, of which earlier ones go before later ones, as on a class path. Of a multi-release jar the classes for
 * up to Java 17 count. NULL: ERR_MISSING, ERR_CORRUPT, ERR_LIMIT with the file's name. */
struct jar *jar_open(const char *const *paths, size_t n, struct err *e);
void jar_close(struct jar *j); /* NULL is allowed */

/* A class by its name ("a.b.C$D"), as long as the jar is open. NULL: it is not there, or cannot be read, and then *why says so
 * (else NULL). */
const struct class_file *jar_class(struct jar *j, const char *name, const char **why);
/* Is there a class of that name? It need not be readable. */
bool jar_has(const struct jar *j, const char *name);
/* How many classes there are, and the name of the i-th, in the arena. */
size_t jar_classes(const struct jar *j);
const char *jar_class_name(const struct jar *j, size_t i, struct arena *a);
/* Its bytes, appended. */
bool jar_class_bytes(struct jar *j, size_t i, struct buf *to, struct err *e);

/* Classes that the JDK or Flink brings along, and that no jar of a job need hold. */
bool jar_is_provided(const char *name);

#endif
