/* One error value for the whole program: what kind (which decides the exit status) and one sentence for the user.
 *
 * A function that can fail takes `struct err *` last and returns bool (true: done). The first failure wins: setting an
 * error that is already set changes nothing, so a caller may go on and look once at the end. `e` is never NULL. */
#ifndef WEIR_BASE_ERR_H
#define WEIR_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

/* Exit statuses, the same in every command. */
enum weir_exit {
    WEIR_OK = 0,
    WEIR_FINDING = 1, /* differs, incompatible, incomplete */
    WEIR_TROUBLE = 2, /* input missing, corrupt or unreadable; I/O */
    WEIR_REFUSED = 3, /* policy, read-only, input changed while it was read */
    WEIR_SERVER = 4,  /* a server is away or says no */
    WEIR_USAGE = 64,  /* wrong command line */
    WEIR_INTERRUPTED = 130
};

enum err_kind {
#define ERR(kind, status, word) kind,
#include "base/errors.def"
#undef ERR
};

struct err {
    enum err_kind kind; /* ERR_NONE when zeroed */
    char text[1024];    /* one line, no newline; printable (control bytes are escaped when it is set) */
};

/* Sets e unless it is set; returns false, so that `return err_set(…)` reads well. */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Says where: puts "<fmt…>: " in front of the sentence of a set error. Returns false. */
bool err_in(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit status for e; WEIR_OK when it is not set. */
enum weir_exit err_exit(const struct err *e);

/* One word for scripts ("corrupt", "missing", …). */
const char *err_word(enum err_kind kind);

#endif
