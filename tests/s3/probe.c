/* Looks at a location through the store, for run.sh:
 *
 *   probe list DIRECTORY         its names
 *   probe cat FILE [OFFSET]      its bytes from OFFSET on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "savepoint/source.h"

static void list(const char *dir, struct err *e)
{
    struct arena a = {0};
    const char **names;
    uint32_t n;
    if (store_list(dir, &a, &names, &n, e))
        for (uint32_t i = 0; i < n; i++)
            puts(names[i]);
    arena_free(&a);
}

static void cat(const char *location, uint64_t from, struct err *e)
{
    struct store_file f;
    if (!store_open(&f, location, e))
        return;
    struct source s;
    source_file(&s, &f, 0, f.size, e);
    if (!source_skip(&s, from))
        source_short(&s);
    for (; source_need(&s, 1); s.p = s.end)
        fwrite(s.p, 1, source_have(&s), stdout);
    source_close(&s);
    store_close(&f);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    if (argc == 3 && strcmp(argv[1], "list") == 0)
        list(argv[2], &e);
    else if ((argc == 3 || argc == 4) && strcmp(argv[1], "cat") == 0)
        cat(argv[2], argc == 4 ? strtoull(argv[3], NULL, 10) : 0, &e);
    else
        err_set(&e, ERR_USAGE, "probe list DIRECTORY | cat FILE [OFFSET]");
    if (e.kind != ERR_NONE)
        fprintf(stderr, "%s\n", e.text);
    return (int)err_exit(&e);
}
