/* What the codec files share. Declares every function that serializers.def names. */
#ifndef WEIR_SAVEPOINT_CODEC_H
#define WEIR_SAVEPOINT_CODEC_H

#include "savepoint/ser.h"

#define SER(cls, name, body, outer, length, read) ser_body_fn outer; ser_read_fn read;
#include "savepoint/serializers.def"
#undef SER

#endif
