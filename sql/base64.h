/* Base64 (RFC 4648), as java.util.Base64 writes and reads it. */
#ifndef WEIR_SQL_BASE64_H
#define WEIR_SQL_BASE64_H

#include <stdbool.h>

#include "base/mem.h"

/* Appends. False: not Base64 (blanks are none); what was appended is to be dropped. */
void base64_put(struct buf *to, struct bytes b);
bool base64_read(struct buf *to, struct bytes text);

#endif
