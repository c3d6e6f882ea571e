/* What commands that compare take as a side: a snapshot, or a document of weir schema ("-": on standard input). */
#ifndef WEIR_CLI_SIDE_H
#define WEIR_CLI_SIDE_H

#include "cli/open.h"
#include "inspect/layout.h"

struct side {
    const char *location; /* as the user gave it */
    bool document;
    struct opened opened; /* a snapshot … */
    struct tree tree;     /* … built as the caller wants it */
    struct layout layout; /* of either */
    struct arena arena;   /* of the document's text */
};

/* side_close releases, also after a failure. */
bool side_open(struct side *s, const struct open_opts *open, const char *location, const struct tree_opts *opts, struct err *e);
void side_close(struct side *s);

/* A text file that is read whole, at most `max` bytes; it lives in the arena. "-": standard input. */
bool side_text(const char *location, size_t max, struct bytes *text, struct arena *a, struct err *e);

#endif
