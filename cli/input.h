/* A line of input: on a terminal with history and completion (libedit), else as it comes. */
#ifndef WEIR_CLI_INPUT_H
#define WEIR_CLI_INPUT_H

#include "base/err.h"
#include "base/mem.h"

struct input;

/* What a word may go on as: the i-th candidate, NULL behind the last. */
typedef const char *input_word(void *ctx, size_t i);

/* tty: it is asked on a terminal. history: a file, made when there is something to keep, or NULL. NULL: e. */
struct input *input_open(bool tty, const char *history, input_word *words, void *ctx, struct err *e);
void input_close(struct input *p);

enum input_end { INPUT_LINE, INPUT_DROPPED /* Ctrl-C: what was typed does not count */, INPUT_EOF };
/* Replaces the line, without its end. */
enum input_end input_read(struct input *p, const char *ask, struct buf *line, struct err *e);
/* Keeps what was entered, on one line. */
void input_remember(struct input *p, const char *text);

#endif
