/* again SNAPSHOT…: everything in the snapshots made again, and whether it came out the same. */
#include <stdio.h>

#include "tests/support/again.h"

int main(int argc, char **argv)
{
    static const char *const words[] = {"serializers", "states", "values", "fresh values", "for the other", "through JSON"};
    struct again a = {.log = stdout};
    int trouble = 0;
    for (int i = 1; i < argc; i++) {
        struct err e = {0};
        if (!again_snapshot(&a, argv[i], &e)) {
            printf("%s: %s\n", argv[i], e.text);
            trouble++;
        }
    }
    for (int k = 0; k < AGAIN_KINDS; k++)
        printf("%-13s same %llu, opaque %llu, differ %llu\n", words[k], (unsigned long long)a.same[k],
               (unsigned long long)a.opaque[k], (unsigned long long)a.differ[k]);
    again_free(&a);
    return trouble ? 2 : 0;
}
