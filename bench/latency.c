/* How long a row takes: latency [-p] RATE SECONDS COMMAND... writes events to the command's standard input, RATE a second, and measures how old those
 * are that come out of it, in milliseconds: the least age that 50, 99 and 99.9 of 100 rows do not exceed, and the highest one.
 *
 *   {"id": 17, "made": 1234567890, "ts": "2024-01-01 00:00:00.000"}
 *
 * made: nanoseconds of the monotonic clock at which it was handed over; ts: the clock's time; id: one of 100000. The first number behind the [
 * of a line that comes out, +I[1234567890, …], is an event's `made`. Lines of what is taken back (-U) do not count, and neither does the first
 * second. latency -f TIMES COMMAND... measures the time from a process' start to its first byte instead. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 100000, TICK_NS = 100000, EVENT = 96, MOST = 4096 };

static int64_t rate, seconds, written, late;
static int to_child, from_child;

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static pid_t start(char **command, int *in, int *out)
{
    int down[2], up[2];
    if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) {
        perror("latency");
        exit(2);
    }
    pid_t pid = fork();
    if (!pid) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    *in = down[1];
    *out = up[0];
    return pid;
}

/* What is due by the clock, at most MOST, in one piece. */
static size_t some(char *to, int64_t from)
{
    static int64_t second = -1;
    static char text[32];
    struct timespec clock;
    int64_t made = now(), due = (made - from) * rate / 1000000000 - written;
    size_t n = 0;
    if (due > 0 && due * 1000000000 / rate > late)
        late = due * 1000000000 / rate;
    clock_gettime(CLOCK_REALTIME, &clock);
    if (clock.tv_sec != second) {
        struct tm parts;
        second = clock.tv_sec;
        gmtime_r(&clock.tv_sec, &parts);
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    }
    for (int64_t i = 0; i < due && i < MOST; i++, written++)
        n += (size_t)snprintf(to + n, EVENT + 32, "{\"id\": %u, \"made\": %lld, \"ts\": \"%s.%03ld\"}\n",
                              (unsigned)((uint64_t)written * UINT64_C(0x9e3779b97f4a7c15) >> 40) % KEYS, (long long)made, text,
                              clock.tv_nsec / 1000000);
    return n;
}

static void *write_events(void *arg)
{
    char *text = malloc((size_t)MOST * EVENT + 32);
    int64_t from = now();
    (void)arg;
    prctl(PR_SET_TIMERSLACK, 1);
    while (text && now() - from < seconds * 1000000000) {
        size_t n = some(text, from);
        for (size_t at = 0; at < n;) {
            ssize_t done = write(to_child, text + at, n - at);
            if (done < 0)
                goto over;
            at += (size_t)done;
        }
        if (!n)
            nanosleep(&(struct timespec){.tv_nsec = TICK_NS}, NULL);
    }
over:
    close(to_child);
    free(text);
    return NULL;
}

static int less(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void report(int64_t *ages, size_t n)
{
    qsort(ages, n, sizeof *ages, less);
    printf("%zu\t", n);
    for (int i = 0; n && i < 4; i++)
        printf("%.3f%s", (double)ages[(size_t)((double)(n - 1) * (const double[]){0.5, 0.99, 0.999, 1}[i])] / 1e6,
               i < 3 ? "\t" : "");
}

static void read_rows(void)
{
    static char text[1 << 20];
    size_t n = 0, ages_n = 0, ages_cap = (size_t)(rate * seconds) + 1;
    int64_t *ages = malloc(ages_cap * sizeof *ages), since = now() + 1000000000;
    for (ssize_t got; ages && (got = read(from_child, text + n, sizeof text - n - 1)) > 0;) {
        int64_t at = now();
        char *p = text, *end;
        text[n += (size_t)got] = 0;
        for (; (end = strchr(p, '\n')); p = end + 1) {
            char *number = strchr(p, '[');
            long long made = number && p[0] == '+' ? strtoll(number + 1, NULL, 10) : 0;
            if (made < since)
                continue;
            if (ages_n < ages_cap)
                ages[ages_n++] = at - made;
        }
        n -= (size_t)(p - text);
        memmove(text, p, n);
    }
    report(ages, ages_n);
    printf("\t%.3f\t%lld\n", (double)late / 1e6, (long long)written);
    free(ages);
}

static int first_results(int times, char **command)
{
    int64_t *ages = malloc((size_t)times * sizeof *ages);
    for (int i = 0; ages && i < times; i++) {
        char c;
        int64_t from = now();
        pid_t pid = start(command, &to_child, &from_child);
        if (read(from_child, &c, 1) != 1)
            return 1;
        ages[i] = now() - from;
        close(to_child);
        close(from_child);
        waitpid(pid, NULL, 0);
    }
    report(ages, (size_t)times);
    printf("\n");
    free(ages);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 3 && !strcmp(argv[1], "-f"))
        return first_results(atoi(argv[2]), argv + 3);
    if (argc < 4 || (rate = atoll(argv[1])) < 1 || (seconds = atoll(argv[2])) < 1) {
        fprintf(stderr, "usage: latency RATE SECONDS COMMAND... | latency -f TIMES COMMAND...\n");
        return 2;
    }
    pthread_t writer;
    int status = 1;
    pid_t pid = start(argv + 3, &to_child, &from_child);
    signal(SIGPIPE, SIG_IGN); /* a command that has failed says so itself */
    if (pthread_create(&writer, NULL, write_events, NULL))
        return 2;
    read_rows();
    pthread_join(writer, NULL);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
