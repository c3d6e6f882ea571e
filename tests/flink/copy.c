/* Copies a snapshot through the writer, for tests: copy [-f canonical|heap] [-c on|off] [-v VERSION] SNAPSHOT TARGET */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "savepoint/copy.h"

int main(int argc, char **argv)
{
    struct copy_opts opts = {0};
    for (int o; (o = getopt(argc, argv, "f:c:v:")) != -1;) {
        if (o == 'f')
            opts.form = strcmp(optarg, "heap") ? COPY_CANONICAL : COPY_HEAP;
        else if (o == 'c')
            opts.compress = strcmp(optarg, "on") ? COPY_PLAIN : COPY_COMPRESS;
        else if (o == 'v')
            opts.version = atoi(optarg);
        else
            return WEIR_USAGE;
    }
    if (argc - optind != 2)
        return WEIR_USAGE;
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    struct err e = {0};
    struct snapshot *s = NULL;
    if (snapshot_open(&s, argv[optind], NULL, &e))
        snapshot_copy(s, argv[optind + 1], &opts, &e);
    snapshot_close(s);
    temp_remove_all();
    if (e.kind)
        fprintf(stderr, "copy: %s\n", e.text);
    return (int)err_exit(&e);
}
