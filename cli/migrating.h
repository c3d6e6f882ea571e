/* What weir migrate and weir apply have in common. */
#ifndef WEIR_CLI_MIGRATING_H
#define WEIR_CLI_MIGRATING_H

#include "cli/open.h"
#include "migrate/plan.h"

/* Everything of a migration, released together. */
struct migrating {
    struct opened opened;
    struct trail trail;
    struct scripts scripts;
    struct draft draft;
    struct changes changes;
    struct fingerprint prints[PLAN_INPUTS];
    struct progress progress;
};

/* Opens the snapshot and reads what it has been through. */
bool migrating_open(struct migrating *m, const struct open_opts *open, const char *location, struct err *e);
/* With the scripts that have been read: the draft and its changes. count: entries, which takes as long as reading them. */
bool migrating_draft(struct migrating *m, const char *location, unsigned jobs, bool count, struct err *e);
/* The digests of all inputs. */
bool migrating_fingerprints(struct migrating *m, struct err *e);
/* What a command says of rows that do not convert. */
struct error_opts {
    int on_error; /* enum on_error */
    const char *quarantine;
};
/* Their rows, for a command whose options are struct `type` with a member `errors`. */
/* clang-format off */
#define ERROR_ROWS(type) \
    {"on-error", 0, OPT_CHOICE, offsetof(type, errors.on_error), NULL, on_error_words, "what becomes of rows that do not convert"}, \
    {"quarantine", 0, OPT_FILE, offsetof(type, errors.quarantine), "FILE", NULL, "keep them there, as JSON, and go on without them"}
/* clang-format on */
extern const char *const on_error_words[];

/* Does it; target NULL: a trial. */
bool migrating_run(struct migrating *m, const char *target, const struct error_opts *errors, unsigned jobs, struct err *e);
/* Where a script is wrong, on stderr. */
void migrating_point(const struct migrating *m);
/* The report on standard output; what: "written", … */
void migrating_report(const struct cli *cli, const struct migrating *m, bool json, bool prints, const char *output,
                      const char *what, struct err *e);
void migrating_close(struct migrating *m);

#endif
