#include "cli/memory_limit.h"

#include "base/duration.h"
#include "base/human.h"
#include "base/soon.h"
#include "runtime/control.h"
#include "serve/process.h"

enum { LOOK_MS = 50 };

static void *watch(void *arg)
{
    struct memory_limit *m = arg;
    pthread_mutex_lock(&m->lock);
    while (!m->over && !m->reached) {
        uint64_t now = (uint64_t)process_look().resident;
        if (now > m->bytes) {
            m->reached = now;
            job_cancel(m->job);
            break;
        }
        struct timespec until = soon(LOOK_MS);
        pthread_cond_timedwait(&m->change, &m->lock, &until);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

bool memory_limit_begin(struct memory_limit *m, struct job *j, const char *size, struct err *e)
{
    *m = (struct memory_limit){.job = j, .lock = PTHREAD_MUTEX_INITIALIZER};
    cond_open(&m->change);
    if (!size)
        return true;
    if (!memory_option(size, &m->bytes) || !m->bytes)
        return err_set(e, ERR_USAGE, "taskmanager.memory.process.size is a size as 512 mb, not '%s'", size);
    m->on = !pthread_create(&m->thread, NULL, watch, m);
    return m->on || err_set(e, ERR_IO, "there can be no further thread");
}

void memory_limit_end(struct memory_limit *m, struct err *e)
{
    if (!m->on)
        return;
    pthread_mutex_lock(&m->lock);
    m->over = true;
    pthread_cond_signal(&m->change);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
    if (m->reached) {
        *e = (struct err){0};
        err_set(e, ERR_IO, "%s of memory are in use, and taskmanager.memory.process.size is %s: the job was ended",
                human_bytes(m->reached).s, human_bytes(m->bytes).s);
    }
}
