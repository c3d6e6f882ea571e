/* Bytecode (JVMS 6), as far as a constant can be found in it. */
#ifndef WEIR_JAR_CLASS_CODE_H
#define WEIR_JAR_CLASS_CODE_H

#include "jar/class_pool.h"

/* Of a Code attribute: the strings that the code loads before it first stores into the static field, one behind the other, which is how Avro's compiler
 * writes Schema.Parser().parse("…") and, for long schemas, parse("…", "…"). NULL: it stores nothing there, or no string comes before. */
const char *class_code_strings_into(struct bytes code, const struct class_pool *pool, const char *field, struct arena *a);

#endif
