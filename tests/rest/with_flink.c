/* with-flink [WAY] RECORDINGS COMMAND [ARG…], "-" for no recordings: runs the command with WEIR_URL set to a stand-in for Flink (tests/support/rest_stub.h)
 * and ends with its status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/rest_stub.h"

int main(int argc, char **argv)
{
    enum stub_way way = STUB_PLAYS;
    int at = argc > 1 && rest_stub_way(argv[1], &way) ? 2 : 1;
    struct rest_stub *s = argc > at + 1 ? rest_stub_start(strcmp(argv[at], "-") ? argv[at] : NULL, way) : NULL;
    if (!s)
        return 64;
    setenv("WEIR_URL", rest_stub_url(s), 1);
    setenv("no_proxy", "127.0.0.1", 1);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[at + 1], argv + at + 1);
        perror(argv[at + 1]);
        _exit(127);
    }
    int status = 127 << 8;
    if (pid > 0)
        waitpid(pid, &status, 0);
    rest_stub_stop(s);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
