#include "tui/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/show.h"

const struct list_col pair_cols[PAIR_COLS] = {
    {.title = "OF", .json = "group", .rank = 1},
    {.title = "NAME", .json = "name", .flex = 20},
    {.title = "VALUE", .json = "value", .flex = 20},
};

bool pair_is_secret(const char *name)
{
    static const char *const parts[] = {"password",     "secret",      "token",       "apikey",     "api-key",
                                        "account.key",  "auth-params", "service-key", "basic-auth", "jaas.config",
                                        "http-headers", "access-key",  "credential",  "passphrase"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcasestr(name, parts[i]))
            return true;
    return false;
}

void pair_text(struct list *l, const char *group, const char *name, const char *value)
{
    char id[256];
    bool secret = pair_is_secret(name);
    snprintf(id, sizeof id, "%s/%s", group, name);
    list_row(l, id, ST_NORMAL);
    list_text(l, ST_DIM, group);
    list_text(l, ST_BOLD, name);
    list_text(l, secret ? ST_WARN : ST_NORMAL, secret && value ? "******" : value);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(live_text_or(((const struct live_pair *)a)->key, ""), live_text_or(((const struct live_pair *)b)->key, ""));
}

void pair_all(struct list *l, const char *group, const struct live_pair *pairs, uint32_t n)
{
    struct arena a = {0};
    struct live_pair *sorted = arena_array(&a, n + 1u, sizeof *sorted);
    if (n)
        memcpy(sorted, pairs, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_name);
    for (uint32_t i = 0; i < n; i++)
        if (sorted[i].key)
            pair_text(l, group, sorted[i].key, sorted[i].value);
    arena_free(&a);
}

void pair_bytes(struct list *l, const char *group, const char *name, int64_t n)
{
    if (live_has(n))
        pair_text(l, group, name, show_bytes(n).s);
}

void pair_ms(struct list *l, const char *group, const char *name, int64_t ms)
{
    if (live_has(ms))
        pair_text(l, group, name, show_ms(ms).s);
}

void pair_count(struct list *l, const char *group, const char *name, int64_t n)
{
    if (live_has(n))
        pair_text(l, group, name, show_count(n).s);
}

void pair_bool(struct list *l, const char *group, const char *name, enum live_bool b)
{
    if (b != LIVE_UNTOLD)
        pair_text(l, group, name, b == LIVE_YES ? "yes" : "no");
}
