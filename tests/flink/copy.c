/* Copies a snapshot through the writer, for tests: copy [-f canonical|heap|database] [-c on|off] [-v VERSION] [-k CLASSES] SNAPSHOT TARGET
 * -e: the copy must be equal byte for byte, but for ids. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "cli/signals.h"
#include "savepoint/copy.h"
#include "savepoint/told.h"
#include "tests/support/same_snapshot.h"

int main(int argc, char **argv)
{
    struct copy_opts opts = {0};
    bool equal = false;
    const char *classes = NULL;
    for (int o; (o = getopt(argc, argv, "f:c:v:k:e")) != -1;) {
        if (o == 'f')
            opts.form = !strcmp(optarg, "heap") ? COPY_HEAP : !strcmp(optarg, "database") ? COPY_DATABASE : COPY_CANONICAL;
        else if (o == 'c')
            opts.compress = strcmp(optarg, "on") ? COPY_PLAIN : COPY_COMPRESS;
        else if (o == 'v')
            opts.version = atoi(optarg);
        else if (o == 'k')
            classes = optarg;
        else if (o == 'e')
            equal = true;
        else
            return WEIR_USAGE;
    }
    if (argc - optind != 2)
        return WEIR_USAGE;
    signals_start();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    struct err e = {0};
    struct snapshot *s = NULL, *copy = NULL;
    struct arena a = {0};
    struct told told = {0};
    struct store_file f = {0};
    const struct snapshot_opts reading = {.told = &told};
    if (classes && store_open(&f, classes, &e))
        told_read(&told, (struct bytes){f.map, f.size}, classes, &a, &e);
    store_close(&f);
    if (!e.kind && snapshot_open(&s, argv[optind], &reading, &e) && snapshot_copy(s, argv[optind + 1], &opts, &e) && equal &&
        snapshot_open(&copy, argv[optind + 1], NULL, &e))
        same_snapshot(s, copy, &e);
    signals_pass(); /* of what fails since it is being removed nobody wants to hear */
    snapshot_close(s);
    snapshot_close(copy);
    arena_free(&a);
    temp_remove_all();
    if (e.kind)
        fprintf(stderr, "copy: %s\n", e.text);
    return (int)err_exit(&e);
}
