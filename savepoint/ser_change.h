/* What ser_make.c and ser_change.c share. */
#ifndef WEIR_SAVEPOINT_SER_CHANGE_H
#define WEIR_SAVEPOINT_SER_CHANGE_H

#include "savepoint/ser.h"

/* Another name for a class in a Kryo or Avro serializer, in place; as it was when its bytes cannot be made anew. */
void ser_rename_bytes(struct arena *a, struct ser *s, const char *from, const char *to);

#endif
