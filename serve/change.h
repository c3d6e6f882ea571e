/* Answers of the REST server to what changes the job, and to how it goes on. */
#ifndef WEIR_SERVE_CHANGE_H
#define WEIR_SERVE_CHANGE_H

#include "serve/answer.h"

/* Whether a request is one of these. */
bool change_is(const struct request *r);
/* Whether it changes something, and so wants credentials. */
bool change_wants_token(const struct request *r);
/* *ends: the job will end by it; *tells: the answer tells how an order has ended. */
void change(struct job *j, const struct asked *q, struct bytes body, struct reply *r, bool *ends, bool *tells);

#endif
