#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "base/err.h"
#include "base/temp.h"
#include "base/term.h"

static sigset_t watched;
static void (*_Atomic at_end)(void);
static bool (*_Atomic instead)(int sig);
static atomic_bool ending;

void signals_at_end(void (*fn)(void)) { atomic_store(&at_end, fn); }
void signals_instead(bool (*fn)(int sig)) { atomic_store(&instead, fn); }

void signals_pass(void)
{
    while (atomic_load(&ending))
        pause();
}

static void say_end(int sig)
{
    static const char term[] = "weir: ended by SIGTERM; what was begun has been removed\n",
                      hup[] = "weir: ended by SIGHUP; what was begun has been removed\n";
    if (sig != SIGINT && write(STDERR_FILENO, sig == SIGTERM ? term : hup, (sig == SIGTERM ? sizeof term : sizeof hup) - 1) < 0)
        return; /* there is nobody to tell */
}

/* A thread of its own waits for the signals, since removing directories is nothing that a signal handler may do. */
static void *wait_for_one(void *unused)
{
    int sig;
    (void)unused;
    bool (*other)(int);
    do {
        if (sigwait(&watched, &sig))
            return NULL;
        other = atomic_load(&instead);
    } while (other && other(sig));
    atomic_store(&ending, true);
    void (*fn)(void) = atomic_load(&at_end);
    if (fn)
        fn();
    bool removed = temp_remove_all();
    if (term_is(STDERR_FILENO) && write(STDERR_FILENO, "\r\033[K", 4) < 0)
        sig = SIGINT;
    if (removed)
        say_end(sig);
    if (sig == SIGINT)
        _exit(WEIR_INTERRUPTED);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, sig);
    signal(sig, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(sig);
    return NULL;
}

void signals_start(void)
{
    static const int which[] = {SIGINT, SIGTERM, SIGHUP};
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
        struct sigaction now;
        if (!sigaction(which[i], NULL, &now) && now.sa_handler != SIG_IGN) /* nohup, a shell's background job */
            sigaddset(&watched, which[i]);
    }
    pthread_sigmask(SIG_BLOCK, &watched, NULL);
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_one, NULL))
        pthread_sigmask(SIG_UNBLOCK, &watched, NULL);
    else
        pthread_detach(thread);
}
