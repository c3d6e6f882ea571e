/* Lines of tab-separated columns with hex in them, for tests. Run from the repository's root, as make does. */
#ifndef WEIR_TESTS_UNIT_VECTORS_H
#define WEIR_TESTS_UNIT_VECTORS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { VECTOR_COLUMNS = 16 };

/* A copy of exactly as many bytes as the digits say, so that a read behind the end is seen. free() releases p. */
static inline struct bytes unhex(const char *s)
{
    size_t n = strlen(s) / 2;
    uint8_t *p = mem_alloc(n);
    for (size_t i = 0; i < n; i++) {
        char digits[3] = {s[2 * i], s[2 * i + 1], 0};
        p[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return (struct bytes){p, n};
}

/* Calls fn for each line whose first column is `word`, with the columns behind it. Returns how many. */
static inline unsigned each_vector(const char *path, const char *word, void (*fn)(char **columns, int n))
{
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    char *line = NULL;
    size_t cap = 0;
    unsigned found = 0;
    while (getline(&line, &cap, f) > 0) {
        char *columns[VECTOR_COLUMNS] = {NULL}, *rest = line;
        int n = 0;
        line[strcspn(line, "\n")] = 0;
        while (n < VECTOR_COLUMNS && rest)
            columns[n++] = strsep(&rest, "\t");
        if (!columns[0] || strcmp(columns[0], word))
            continue;
        found++;
        fn(columns + 1, n - 1);
    }
    free(line);
    fclose(f);
    return found;
}

#endif
