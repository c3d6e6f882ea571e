/* What somebody meant who has mistyped a name. */
#ifndef WEIR_BASE_NEAREST_H
#define WEIR_BASE_NEAREST_H

#include <stddef.h>

/* The name that `word` was probably meant to be, or NULL. `next(ctx, i)` gives the candidates until NULL. */
const char *nearest_name(const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx);

#endif
