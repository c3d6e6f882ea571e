/* A command: one file cmd_*.c that ends with its descriptor, and one row in commands.def. */
#ifndef WEIR_CLI_COMMAND_H
#define WEIR_CLI_COMMAND_H

#include "base/err.h"
#include "base/term.h"
#include "cli/opt.h"

/* What every command gets. */
struct cli {
    const char *verb;
    bool quiet;           /* no progress, no remarks */
    bool colour;          /* of standard output */
    unsigned width;       /* of standard output; 0: not a terminal */
    struct opt_args args; /* operands; the number has been checked */
    const void *opts;     /* the command's own options: its struct, filled */
};

struct command {
    const char *operands;   /* "SNAPSHOT", "" … for the usage line; completed as paths when it has any */
    const char *about;      /* what --help says between the usage line and the options: whole lines */
    const struct opt *opts; /* NULL-ended */
    size_t size;            /* of the struct that opts fill */
    const void *defaults;   /* that struct before parsing, or NULL for zeros */
    unsigned min, max;      /* operands */
    /* The words that the operand may be (NULL-ended) when it is not a path; for the completions. no_words: nobody can guess. */
    const char *const *words;
    /* Does it. Output goes through cli/out.h. The exit status is the higher-ranking of the returned one and e's. */
    enum weir_exit (*run)(const struct cli *cli, struct err *e);
};

extern const char *const no_words[];

/* The rows of commands.def. */
struct command_row {
    const char *verb, *summary;
    const struct command *command;
};
extern const struct command_row commands[]; /* NULL-verb-ended */
extern const struct opt common_opts[];      /* what every command takes besides */

const struct command_row *command_find(const char *verb);
/* "no command 'x'; did you mean 'y'?" */
bool command_unknown(const char *verb, struct err *e);
/* `weir --help`, `weir VERB --help`. */
void help_top(struct buf *b);
void help_command(const struct command_row *row, struct buf *b);

#define COMMAND(verb, ident, summary) extern const struct command cmd_##ident;
#include "cli/commands.def"
#undef COMMAND

#endif
