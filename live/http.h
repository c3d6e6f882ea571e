/* HTTP exchanges with one server, several at a time over kept connections: the only user of libcurl in this room.
 *
 * Every exchange ends: by an answer, or by an error within the target's timeout; answers have a ceiling. Not thread-safe, but for
 * http_wake. */
#ifndef WEIR_LIVE_HTTP_H
#define WEIR_LIVE_HTTP_H

#include "base/err.h"
#include "base/mem.h"
#include "live/live.h"

enum http_method { GET, POST, PUT, PATCH, DELETE };
extern const char *const http_method_words[];

struct http_exchange {
    /* set by the caller before http_start; the strings and the struct stay until it comes back */
    enum http_method method;
    const char *path;
    const char *body; /* JSON, or NULL */
    bool text;        /* any kind of content is asked for, not only JSON */

    /* when it has come back */
    long status;        /* of HTTP; 0 when err is set */
    struct buf answer;  /* the caller's to free; what it holds before http_start is dropped */
    uint64_t skipped;   /* bytes before `answer` that were not kept */
    bool page;          /* the answer calls itself HTML */
    bool away;          /* err: the server was not reached, or not in time */
    int64_t started_ms; /* monotonic */
    int64_t took_ms;
    struct err err;

    void *handle;     /* curl's, while it runs */
    char reason[256]; /* curl's own words */
    struct http *http;
    struct http_exchange *next;
};

/* Checks the target. NULL: e is set (ERR_USAGE for what the user has named, ERR_MISSING for files that are not there). */
struct http *http_open(const struct live_target *t, struct err *e);
/* Forgets all exchanges that are not back yet; their structs are not touched any more. */
void http_drop(struct http *h);
/* The same, and closes the connections. */
void http_close(struct http *h);
/* scheme://host:port/prefix without a slash at the end. */
const char *http_url(const struct http *h);
/* What the target says, with addresses as above. */
const struct live_target *http_target(const struct http *h);

/* A path that begins so is another server's: the target's gateway. */
#define HTTP_GATEWAY "gateway:"
/* The address that a path belongs to, and what is behind it. */
const char *http_base(const struct http *h, const char *path);
const char *http_tail(const char *path);

/* Sends, or queues when enough are under way. */
void http_start(struct http *h, struct http_exchange *x);
/* The next exchange that is back, waiting at most timeout_ms; NULL: none, or woken. */
struct http_exchange *http_wait(struct http *h, int64_t timeout_ms);
/* From any thread: makes a waiting http_wait return. */
void http_wake(struct http *h);

int64_t clock_monotonic_ms(void);
int64_t clock_wall_ms(void);

#endif
