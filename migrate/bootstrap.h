/* The entries of a state from a file: a line of JSON for each key, as `weir dump --format ndjson` prints them: {"key": …, "value": …},
 * {"key": …, "list": […]} or {"key": …, "map": [[k, v], …]}. Other members are not looked at. */
#ifndef WEIR_MIGRATE_BOOTSTRAP_H
#define WEIR_MIGRATE_BOOTSTRAP_H

#include "migrate/draft.h"

/* Gives an entry for each line, whose key group is still to be told; info, of the header, is the state. */
bool bootstrap_walk(const struct draft_state *st, const struct keyed_header *header, const struct state_info *info, entry_fn *fn,
                    void *ctx, struct err *e);

#endif
