/* A running Flink cluster, seen over its REST interface: the door of this room.
 *
 * One `struct live` is one cluster. Two ways to use it:
 *
 *   commands   live_open, live_fetch (waits for the answers), live_close
 *   screens    live_open, live_start (a collector thread), live_want (what is shown now); then, whenever live_fd is readable,
 *              live_take the newest snapshot, draw it, live_release it. Readers never wait for the network.
 *
 * A recording (live_replay) is looked at in the same two ways.
 *
 * Questions are rows of rest_api.def, answers are structs of model.h. Nothing here prints. */
#ifndef WEIR_LIVE_LIVE_H
#define WEIR_LIVE_LIVE_H

#include "base/err.h"
#include "base/mem.h"
#include "live/model.h"

struct history;

enum live_route {
#define ROUTE(id, method, path, since, type, seconds) id,
#include "live/rest_api.def"
    LIVE_ROUTES
};

/* Where a cluster is and how one gets in. Strings are the caller's and copied by live_open; NULL: not set. */
struct live_target {
    const char *url;                      /* http(s)://host:port/prefix */
    const char *unix_socket;              /* a path; then url only names the host */
    const char *proxy;                    /* http://host:port; NULL: http_proxy and its kind, as curl reads them; "": none */
    const char *ca_cert;                  /* PEM file; NULL: the system's */
    const char *client_cert, *client_key; /* PEM files */
    const char *user, *password;          /* basic */
    const char *bearer;                   /* a token */
    const char *netrc;                    /* a file to take user and password from */
    const char *gateway;                  /* http(s)://host:port of a SQL gateway, asked with the same credentials */
    const char *gateway_sessions;         /* handles of sessions in it, with blanks or commas between them */
    bool insecure;                        /* the server's certificate is not checked */
    bool read_only;                       /* nothing that changes the cluster is sent: ERR_REFUSED */
    bool no_history;                      /* live_keep_history does nothing */
    int64_t timeout_ms;                   /* of a whole exchange; 0: 10 s */
    uint64_t max_bytes;                   /* of an answer; 0: 64 MiB */
    uint64_t text_bytes; /* of a text only the end is kept, so many bytes, however large it is; 0: as other answers */
};

/* One question. Parameters that the route's path has no place for are ignored; strings are the caller's. */
struct live_ask {
    enum live_route route;
    const char *job, *vertex, *item, *part; /* rest_api.def says what they are */
    const char *query;                      /* what stands behind "?", already encoded; NULL: nothing */
};

/* The route's path with its placeholders, and the first release that has it, 115 for 1.15 (0: all). */
const char *live_route_path(enum live_route r, unsigned *since);

enum live_state {
    LIVE_PENDING, /* no answer yet */
    LIVE_HERE,    /* data is the answer */
    LIVE_LACKING, /* the cluster has no such route: an older release, or a feature that is off */
    LIVE_UNKNOWN, /* the cluster does not know the job, vertex, … that was asked for */
    LIVE_FAILED   /* err says why; data, if any, is of an earlier time */
};

struct live_answer {
    struct live_ask ask;
    enum live_state state;
    const void *data; /* the struct that the route's row names; NULL: none has come */
    int64_t came_ms;  /* when data came, since 1970; LIVE_ABSENT: never. Its age is what a screen shows */
    int64_t took_ms;  /* the exchange that brought it */
    uint64_t number;  /* grows with each arrival of data, over all answers: tells new from old */
    bool unsettled;   /* Flink has only begun to gather; a better answer comes soon */
    bool unheard;     /* FAILED: nothing of Flink's has come back: not reached, not in time, no leader. It may have heard */
    struct err err;   /* of the last attempt, for every state but PENDING and HERE */
};

/* Checks the target and sets curl up; sends nothing. NULL: e is set. */
struct live *live_open(const struct live_target *t, struct err *e);
void live_close(struct live *l); /* also stops the collector; NULL is allowed */
const char *live_url(const struct live *l);
/* The SQL gateway's address, and the sessions that are named; NULL: none. */
const char *live_gateway(const struct live *l);
const char *live_gateway_sessions(const struct live *l);

/* --- waiting --- */

/* Asks n questions side by side and waits for all answers; asks again, for at most two seconds, what comes back unsettled.
 * answers[i] belongs to asks[i] and lives until live_close. False when the cluster is away (ERR_SERVER) or the program runs
 * out of patience; an answer that says no is in its answer's own err. Not while a collector runs. */
bool live_fetch(struct live *l, const struct live_ask *asks, size_t n, const struct live_answer **answers, struct err *e);
/* One question whose data is needed: NULL and e when there is none. */
const void *live_get(struct live *l, const struct live_ask *ask, struct err *e);
/* The same for what changes something, with a JSON body or NULL. */
const void *live_send(struct live *l, const struct live_ask *ask, const char *body, struct err *e);
/* Releases all answers that live_fetch and its like have given, for a program that asks for long. */
void live_forget(struct live *l);

/* --- collecting --- */

struct live_want {
    struct live_ask ask;
    uint32_t every_ms; /* 0: as its row says. Never faster than Flink renews its answers */
};

enum live_link_state { LIVE_LINK_FIRST, LIVE_LINK_UP, LIVE_LINK_LOST };

struct live_link {
    enum live_link_state state; /* FIRST: nothing has come or failed yet */
    int64_t since_ms;           /* in this state */
    int64_t last_ms;            /* of the last good exchange, since 1970; LIVE_ABSENT: never */
    int64_t next_ms;            /* LOST: of the next attempt, since 1970 */
    uint32_t failures;          /* LOST: attempts in a row */
    uint64_t requests, bytes;   /* so far */
    struct err err;             /* LOST: why */
    uint64_t recorded;          /* bytes in the file of live_record; 0: nothing is recorded */
    struct err keep_err;        /* why the recording has ended, or the history is not kept */
};

/* What a reader sees: numbered, immutable, complete. Answers that are no longer wanted stay for some minutes, with their age. */
struct live_snapshot {
    uint64_t number;
    int64_t made_ms; /* since 1970 */
    struct live_link link;
    const struct live_answer *const *answers; /* in the order of live_ask_compare */
    uint32_t n_answers;
};

/* Starts the collector thread. It polls /config and what is wanted, keeps quiet when nothing is wanted, backs off when the
 * cluster is away (1 s, doubling up to 30 s) and goes on when it is back. */
bool live_start(struct live *l, struct err *e);
/* Ends it; snapshots that are held stay. */
void live_stop(struct live *l);
/* From now on this is wanted, and nothing else. What is new is asked for at once. The strings are copied. */
void live_want(struct live *l, const struct live_want *wants, size_t n);
/* Asks for everything wanted now, also while the cluster is thought to be away. */
void live_refresh(struct live *l);
/* Sends something that changes the cluster, once, without waiting: its answer appears in the snapshots under the returned
 * number, which takes the place of `query` in its ask ("#1"). */
struct live_ticket {
    char query[24];
};
struct live_ticket live_act(struct live *l, const struct live_ask *ask, const char *body);
/* Readable when there is a snapshot that live_take has not given yet. Not to be read from. */
int live_fd(const struct live *l);
/* The newest snapshot; NULL before the first one. live_release when done with it and all that it points to. */
const struct live_snapshot *live_take(struct live *l);
/* Another hold on it, to be released too: to compare with an older one. */
const struct live_snapshot *live_hold(const struct live_snapshot *s);
void live_release(const struct live_snapshot *s);

/* The answer to a question; NULL: not asked. */
const struct live_answer *live_find(const struct live_snapshot *s, const struct live_ask *ask);
/* Its data; NULL: none. */
static inline const void *live_data(const struct live_snapshot *s, const struct live_ask *ask)
{
    const struct live_answer *a = live_find(s, ask);
    return a ? a->data : NULL;
}
int live_ask_compare(const struct live_ask *a, const struct live_ask *b);

/* --- recordings --- */

/* From now on all answers are also written into a new file of at most `limit` bytes (0: no limit): live/record.h. ERR_REFUSED when
 * it is there already, ERR_IO. When it cannot go on later, the snapshots' link tells. */
bool live_record(struct live *l, const char *path, uint64_t limit, struct err *e);
/* Ends the recording, and collecting; e tells what could not be kept. */
bool live_record_end(struct live *l, struct err *e);
/* A recording in the place of a cluster: what it answered, and told, at the time of the recording's own clock, which stands at its
 * end at first. Whatever would change the cluster is ERR_REFUSED. NULL and e: ERR_MISSING, ERR_CORRUPT, … */
struct live *live_replay(const char *path, struct err *e);
struct live_playing {
    int64_t from_ms, to_ms, at_ms; /* since 1970 */
    unsigned speed;                /* seconds of the recording in a second; 0: it stands */
    bool lost;                     /* the cluster could not be reached then */
    bool cut;                      /* the recording was not ended: its recorder was killed, or still runs */
};
/* False: it is a cluster. */
bool live_playing(const struct live *l, struct live_playing *to);
/* From now on it goes on from at_ms (LIVE_ABSENT: from where it is; the recording's bounds hold). Of a recording only. */
void live_play(struct live *l, int64_t at_ms, unsigned speed);
/* The time in which its answers are looked at: the present, or that of the recording. */
int64_t live_now(const struct live *l);

/* From now on what becomes of checkpoints is kept on disk (live/history.h), until that fails: the snapshots' link tells. */
void live_keep_history(struct live *l);
/* For history_read; NULL: none is kept. */
const struct history *live_history(const struct live *l);

/* --- words --- */

/* "get=a,b&agg=min,max" for n metric names, encoded; agg NULL: without. */
const char *live_metrics_query(struct arena *a, const char *const *names, size_t n, const char *agg);
/* The value of a metric by its id; NULL: not there. */
const struct live_metric *live_metric(const struct live_metrics *m, const char *id);
/* Garbage collections since the JVM's start, and their ms; LIVE_ABSENT: not told. */
void live_collections(const struct live_jvm *jvm, int64_t *count, int64_t *ms);
/* The path of a question with its query, as it is requested. NULL and e (ERR_USAGE) when a parameter is missing. */
const char *live_path(struct arena *a, const struct live_ask *ask, struct err *e);
/* "1.20.5" as 120; 0 when it is no version. */
unsigned live_release_number(const char *version);

#endif
