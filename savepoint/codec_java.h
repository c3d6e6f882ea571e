/* Java objects (javaobj.h) reported as values: what JavaSerializer and Kryo's JavaSerializer wrote. */
#ifndef WEIR_SAVEPOINT_CODEC_JAVA_H
#define WEIR_SAVEPOINT_CODEC_JAVA_H

#include "savepoint/javaobj.h"
#include "savepoint/sink.h"

/* Reads one object stream and reports the object: boxed values, strings, enums, dates, collections and tuples in their plain form,
 * throwables as class and toString, others as {"$class", fields}. */
void java_stream(struct rd *r, struct sink *out);

#endif
