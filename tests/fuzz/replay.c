/* Runs a fuzz target once over every file of the given directories, without libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b = {0};
    size_t n;
    if (!f) {
        perror(path);
        exit(1);
    }
    do {
        buf_reserve(&b, 1 << 16);
        n = fread(b.p + b.n, 1, 1 << 16, f);
        b.n += n;
    } while (n);
    fclose(f);
    uint8_t *exact = mem_alloc(b.n); /* so that a byte read behind the end is seen */
    if (b.n)
        memcpy(exact, b.p, b.n);
    LLVMFuzzerTestOneInput(exact, b.n);
    free(exact);
    buf_free(&b);
}

int main(int argc, char **argv)
{
    unsigned runs = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **names;
        int n = scandir(argv[i], &names, NULL, alphasort);
        if (n < 0) {
            perror(argv[i]);
            return 1;
        }
        for (int k = 0; k < n; k++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], names[k]->d_name);
            if (names[k]->d_name[0] != '.') {
                run_file(path);
                runs++;
            }
            free(names[k]);
        }
        free(names);
    }
    printf("%u inputs\n", runs);
    return runs == 0;
}
