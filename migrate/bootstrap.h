/* The entries of a state from a file.
 *
 *   JSON  a line for each key, as `weir dump --format ndjson` prints them: {"key": …, "ns": …, "value": …}, {"key": …, "list": […]} or
 *         {"key": …, "map": [[k, v], …]}. Other members are not looked at
 *   CSV   a line for each row: a value, an element of a list, an entry of a map; those of a list stand together. The first line names the
 *         columns: key, namespace, user_key, value, last_access; `value.name`, or `name` alone, is a field of a structure. A field that
 *         is empty and has no quotation marks is null; lists, maps and structures are JSON
 *
 * With TTL a value is {"$ttl": last access, "value": …}. */
#ifndef WEIR_MIGRATE_BOOTSTRAP_H
#define WEIR_MIGRATE_BOOTSTRAP_H

#include <stdio.h>

#include "migrate/draft.h"

/* Gives an entry for each key, or for each entry of a map; its info is st->info, its key group is still to be told. ERR_CONVERT and the
 * line. */
bool bootstrap_walk(const struct draft_state *st, const struct keyed_header *header, entry_fn *fn, void *ctx, struct err *e);
bool bootstrap_read(FILE *f, const struct draft_state *st, const struct keyed_header *header, entry_fn *fn, void *ctx,
                    struct err *e);

#endif
