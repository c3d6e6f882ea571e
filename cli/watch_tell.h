/* Who is told when a rule begins or ceases to hold: standard output, a command, a web server. */
#ifndef WEIR_CLI_WATCH_TELL_H
#define WEIR_CLI_WATCH_TELL_H

#include "base/err.h"
#include "live/rule.h"

struct teller {
    bool json;                  /* lines of JSON */
    const char *exec;           /* a command, split at blanks; NULL: none */
    const char *webhook;        /* an address; NULL: none */
    const char *cluster;        /* its address */
    const char *job, *job_name; /* id, name; the server's, hostile */
};

struct told {
    const char *event; /* "fires", "ends" (a rule), "holds" (what was waited for), "over" (the job) */
    const char *rule;  /* its text, or what has happened */
    int64_t at_ms;     /* since 1970, by the cluster's clock */
    struct rule_state state;
};

/* ERR_IO when standard output cannot be written; what the command or the web server has against it is told on stderr. */
bool tell(const struct teller *t, const struct told *what, struct err *e);

#endif
