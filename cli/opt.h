/* Options as tables: parsing, --help, the shell completions and the check of the man pages all read the same rows. */
#ifndef WEIR_CLI_OPT_H
#define WEIR_CLI_OPT_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

enum opt_type {
    OPT_FLAG,  /* bool: set to true */
    OPT_TEXT,  /* const char * */
    OPT_FILE,  /* const char *: a path */
    OPT_TEXTS, /* struct opt_texts: may be given more than once */
    OPT_COUNT, /* uint64_t: decimal digits */
    OPT_CHOICE /* int: place in `choices` */
};

struct opt_texts {
    const char **v; /* the strings are argv's */
    size_t n;
};

struct opt {
    const char *name; /* long form without its dashes; NULL ends a table */
    char letter;      /* short form, or 0 */
    enum opt_type type;
    size_t at;                  /* offset of the target in the arguments' struct */
    const char *metavar;        /* NULL for flags; choices show themselves */
    const char *const *choices; /* OPT_CHOICE, NULL-ended */
    const char *help;           /* one line, lower case, no full stop */
};

struct opt_args { /* what is not an option; argv's strings */
    const char **v;
    size_t n;
};

/* A table and the struct that it fills. */
struct opt_set {
    const struct opt *table;
    void *to;
};

/* Reads argv[0 … argc) by n tables. Options and operands may be mixed; "--" ends the options; "--name=value", "--name value",
 * "-n value", "-nvalue" and "-abc" are understood. operands->v has room for argc. `who` is the command for the message about a
 * wrong one (ERR_USAGE), which suggests the nearest name. */
bool opt_parse(const struct opt_set *sets, size_t n, int argc, char **argv, struct opt_args *operands, struct err *e);
/* Releases what OPT_TEXTS has gathered. */
void opt_free(const struct opt_set *sets, size_t n);

/* The rows as lines of --help. */
void opt_help(const struct opt *table, struct buf *b);

#endif
