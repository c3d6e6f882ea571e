/* A stand-in for Flink's REST server on a loopback port: plays recorded answers, or misbehaves.
 *
 * Recordings are a text file, one answer a line: METHOD, path with query, status, content type and body, with tabs between them. A
 * body of text/plain is a JSON string. When a path is there more than once its answers are given in turn, the last one for ever.
 * What is not recorded gives the 404 of Flink for a route that it does not have, or for a job when nothing of that job is recorded. */
#ifndef WEIR_TESTS_REST_STUB_H
#define WEIR_TESTS_REST_STUB_H

#include <stdbool.h>
#include <stdint.h>

/* STUB(id, word, what it does to every request) */
#define STUB_WAYS                                                                      \
    STUB(STUB_PLAYS, "plays", "gives the recorded answers")                            \
    STUB(STUB_SILENT, "silent", "takes the connection and says nothing")               \
    STUB(STUB_CLOSES, "closes", "closes the connection at once")                       \
    STUB(STUB_GARBAGE, "garbage", "answers with bytes that are no HTTP")               \
    STUB(STUB_DRIPS, "drips", "sends a byte now and then")                             \
    STUB(STUB_HUGE, "huge", "announces 1 GB and begins to send it")                    \
    STUB(STUB_ENDLESS, "endless", "sends chunks that never end")                       \
    STUB(STUB_BOMB, "bomb", "sends little that gzip makes a lot of")                   \
    STUB(STUB_CUT, "cut", "announces more than it sends")                              \
    STUB(STUB_NO_JSON, "no-json", "sends half of a JSON document")                     \
    STUB(STUB_PAGE, "page", "sends a web page")                                        \
    STUB(STUB_TYPES, "types", "sends JSON with every type wrong")                      \
    STUB(STUB_DEEP, "deep", "sends JSON that is nested a million deep")                \
    STUB(STUB_GREEDY, "greedy", "sends JSON that wants to become much more memory")    \
    STUB(STUB_MANY, "many", "has 10,000 jobs, with control characters in their names") \
    STUB(STUB_LOOPS, "loops", "redirects to itself")                                   \
    STUB(STUB_LOCKED, "locked", "wants credentials")                                   \
    STUB(STUB_LEADERLESS, "leaderless", "has no leader: 503")                          \
    STUB(STUB_FAILS, "fails", "an internal error: 500")

enum stub_way {
#define STUB(id, word, what) id,
    STUB_WAYS
#undef STUB
};

struct rest_stub;

/* Starts it; recordings NULL: none. NULL, with a line on stderr, when it cannot. */
struct rest_stub *rest_stub_start(const char *recordings, enum stub_way way);
void rest_stub_stop(struct rest_stub *s);
/* "http://127.0.0.1:PORT" */
const char *rest_stub_url(const struct rest_stub *s);
/* From now on. A connection that is busy goes on as it was. */
void rest_stub_behave(struct rest_stub *s, enum stub_way way);
/* Requests so far, and connections. */
unsigned rest_stub_requests(const struct rest_stub *s);
unsigned rest_stub_connections(const struct rest_stub *s);
/* What was asked by other methods than GET, a line each: "POST /path {body}". The stub's, until the next request. */
const char *rest_stub_changes(struct rest_stub *s);
/* The way of a word; false: none. */
bool rest_stub_way(const char *word, enum stub_way *way);

#endif
