#include "migrate/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "inspect/json_sink.h"

struct quarantine {
    char *file;
    FILE *f;
    pthread_mutex_t lock;
};

static bool cannot(const struct quarantine *q, struct err *e)
{
    return err_set(e, ERR_IO, "cannot write %s: %s", q->file, strerror(errno));
}

bool quarantine_open(struct quarantine **out, const char *file, struct err *e)
{
    struct quarantine *q = mem_zalloc(sizeof *q);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    q->file = mem_strdup(file);
    *out = NULL;
    if (fd >= 0 && (q->f = fdopen(fd, "w"))) {
        pthread_mutex_init(&q->lock, NULL);
        *out = q;
        return true;
    }
    if (errno == EEXIST)
        err_set(e, ERR_REFUSED, "%s: is there already; weir overwrites nothing", file);
    else
        cannot(q, e);
    free(q->file);
    free(q);
    return false;
}

static void member(struct jsonw *w, const char *name, const struct value *v)
{
    struct buf text = {0};
    struct json_sink sink;
    if (!v)
        return;
    json_sink_init(&sink, &text);
    value_report(v, &sink.sink);
    jsonw_key(w, name);
    jsonw_raw(w, text.p, text.n);
    json_sink_free(&sink);
    buf_free(&text);
}

bool quarantine_put(struct quarantine *q, const char *op, const char *state, const struct value *key, const struct value *user_key,
                    const struct value *value, const char *why, struct err *e)
{
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    jsonw_object(&w);
    jsonw_member_str(&w, "operator", op);
    jsonw_member_str(&w, "state", state);
    member(&w, "key", key);
    member(&w, "userKey", user_key);
    member(&w, "value", value);
    jsonw_member_str(&w, "why", why);
    jsonw_end_object(&w);
    buf_putc(&b, '\n');
    pthread_mutex_lock(&q->lock);
    bool ok = fwrite(b.p, 1, b.n, q->f) == b.n || cannot(q, e);
    pthread_mutex_unlock(&q->lock);
    buf_free(&b);
    return ok;
}

bool quarantine_close(struct quarantine *q, bool keep, struct err *e)
{
    if (!q)
        return true;
    bool ok = (!fflush(q->f) && !fsync(fileno(q->f))) || cannot(q, e);
    fclose(q->f);
    if (!keep || !ok)
        unlink(q->file);
    pthread_mutex_destroy(&q->lock);
    free(q->file);
    free(q);
    return ok;
}
