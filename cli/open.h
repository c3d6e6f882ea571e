/* What the commands on a snapshot have in common: the options that say how it is opened, and opening it by them. */
#ifndef WEIR_CLI_OPEN_H
#define WEIR_CLI_OPEN_H

#include "cli/command.h"
#include "inspect/job_told.h"
#include "inspect/names.h"
#include "jar/jar.h"
#include "savepoint/savepoint.h"
#include "savepoint/told.h"

struct open_opts {
    struct opt_texts uids, jars;
    const char *uid_map, *classes;
    bool outside;
};

/* Their rows, for a command whose options are struct `type` with a member `open`. */
/* clang-format off */
#define OPEN_ROWS(type) \
    {"uid", 'u', OPT_TEXTS, offsetof(type, open.uids), "UID", NULL, "call that operator by its uid; may be repeated"}, \
    {"uid-map", 0, OPT_FILE, offsetof(type, open.uid_map), "FILE", NULL, "the same for every line of a file"}, \
    {"classes", 0, OPT_FILE, offsetof(type, open.classes), "FILE", NULL, "how your own classes look: weir-classes(5)"}, \
    {"jar", 0, OPT_TEXTS, offsetof(type, open.jars), "JAR", NULL, "the job's jar, or a directory of classes; may be repeated"}, \
    {"outside", 0, OPT_FLAG, offsetof(type, open.outside), NULL, NULL, "also read files outside the snapshot"}
/* clang-format on */

/* An open snapshot and what its operators are called. */
struct opened {
    struct snapshot *snapshot;
    struct names names;
    struct told told;
    struct jar *jar; /* NULL: none was given */
    struct job_told job_told;
    struct arena arena; /* of told */
};

/* Opens what the user names; says on stderr when a --uid is nobody's. opened_close releases, also after a failure. */
bool opened_open(struct opened *o, const struct open_opts *opts, const char *location, struct err *e);
void opened_close(struct opened *o);

#endif
