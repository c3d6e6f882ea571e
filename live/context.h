/* Which cluster is meant, and how one gets in: the user's file of contexts (weir-config(5)), the environment, Flink's own
 * configuration. */
#ifndef WEIR_LIVE_CONTEXT_H
#define WEIR_LIVE_CONTEXT_H

#include "live/live.h"

struct context {
    const char *name;
    struct live_target target; /* without the secrets that stand in files: context_find reads those */
    const char *password_file, *token_file;
};

struct contexts {
    const char *path; /* of the file, whether it is there or not; NULL: no home */
    const char *current;
    bool mouse; /* the console takes it */
    struct context *list;
    size_t n;
};

/* $XDG_CONFIG_HOME/weir/config or ~/.config/weir/config; none when it is not there. All in the arena. */
bool contexts_read(struct contexts *c, struct arena *a, struct err *e);
/* Makes `name` the current one, in the file; everything else in it stays as it is. */
bool contexts_use(const struct contexts *c, const char *name, struct err *e);

/* The cluster that is meant: by `url`, by `context`, by WEIR_URL, by WEIR_CONTEXT, by the file's current context, by
 * FLINK_CONF_DIR, in this order; url and context may be NULL. A file is read only when it is needed. Secrets from the context's
 * files, else from WEIR_TOKEN or WEIR_USER and WEIR_PASSWORD. *from says where it comes from, in words. */
bool context_find(struct live_target *t, const char *url, const char *context, const char **from, struct arena *a, struct err *e);

/* rest.address and so on of a config.yaml or flink-conf.yaml: "http://localhost:8081"; NULL: it says nothing of it. */
const char *context_flink_url(const char *yaml, size_t n, struct arena *a);

#endif
