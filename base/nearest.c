#include "base/nearest.h"

#include <string.h>

enum { FAR = 3, WORD_MAX = 32 };

/* Edits (insert, drop, change, swap of neighbours) between a and b; FAR when there are that many or more, or a word is too long. */
static unsigned distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    unsigned d[WORD_MAX + 1][WORD_MAX + 1];
    if (na > WORD_MAX || nb > WORD_MAX)
        return FAR;
    for (size_t i = 0; i <= na; i++)
        for (size_t k = 0; k <= nb; k++) {
            if (!i || !k) {
                d[i][k] = (unsigned)(i + k);
                continue;
            }
            unsigned best = d[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
            if (d[i - 1][k] + 1 < best)
                best = d[i - 1][k] + 1;
            if (d[i][k - 1] + 1 < best)
                best = d[i][k - 1] + 1;
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && d[i - 2][k - 2] + 1 < best)
                best = d[i - 2][k - 2] + 1;
            d[i][k] = best;
        }
    return d[na][nb];
}

const char *nearest_name(const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx)
{
    const char *best = NULL, *name;
    unsigned least = FAR;
    for (size_t i = 0; (name = next(ctx, i)); i++) {
        unsigned d = strlen(word) > 2 && !strncmp(word, name, strlen(word)) ? 1 : distance(word, name);
        if (d < least && d < strlen(word)) {
            least = d;
            best = name;
        }
    }
    return best;
}
