/* Tells somebody's web server something: a JSON document by POST. */
#ifndef WEIR_LIVE_NOTIFY_H
#define WEIR_LIVE_NOTIFY_H

#include "base/err.h"
#include "base/mem.h"

/* Waits for the answer, at most 10 s. False: e says why not, without the address's query, which may be a secret. */
bool notify_post(const char *url, const char *json, struct err *e);

#endif
