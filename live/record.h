/* Recordings: all that a client was answered, in a file that can be played later (live/replay.h).
 *
 * The file is Zstandard frames; unpacked (`zstd -dc FILE`) it is text. The first frame is one line that says what the file is:
 *   {"weir":"recording","formatVersion":1,"madeBy":"weir 0.1.0","url":"http://localhost:8081"}
 * Each further one holds whole records: a line of JSON, then the answer's body as it came, `bytes` long, then a line end:
 *   {"atMs":…,"tookMs":…,"method":"GET","path":"/jobs/overview","status":200,"page":false,"away":false,"bytes":1234}
 * and, of an exchange that has failed, "error". atMs is when the answer had come, since 1970, and does not fall. Neither credentials nor
 * what was sent are in it. */
#ifndef WEIR_LIVE_RECORD_H
#define WEIR_LIVE_RECORD_H

#include "live/http.h"

/* --- writing --- */

struct recorder;

/* A new file for what `url` answers, at most `limit` bytes (0: no limit) and a last frame. NULL and e: ERR_REFUSED when it is there
 * already, ERR_IO. */
struct recorder *recorder_open(const char *path, const char *url, uint64_t limit, struct err *e);
/* An exchange that has come back. What is written gets into the file at the latest with the next one a second later. The first
 * failure ends the recording: ERR_IO, or ERR_LIMIT when it is full. */
bool recorder_put(struct recorder *r, const struct http_exchange *x, struct err *e);
/* Bytes in the file. */
uint64_t recorder_bytes(const struct recorder *r);
/* Ends the file. NULL is allowed. False: e is set; all is released anyhow. */
bool recorder_close(struct recorder *r, struct err *e);

/* --- reading --- */

struct recorded { /* an answer in the file */
    int64_t at_ms;
    uint64_t frame;     /* its frame's place in the file */
    uint32_t head;      /* its place in the unpacked frame */
    uint32_t path;      /* number of its question; UINT32_MAX: one that changes something */
    uint32_t same_link; /* the first record since which the connection has been up, or lost, without a break */
    bool good;          /* a status of 200 to 299 */
    bool lost;          /* with it the connection is lost */
};

struct recording {
    const char *url;
    struct recorded *list; /* by time; at least one */
    uint32_t n;
    bool cut; /* the file ends in the middle of a frame: it is still written, or its writer was killed */
    struct recording_inside *inside;
};

/* Reads through the whole file, keeping about 50 bytes for each answer. NULL and e: ERR_MISSING, ERR_IO, ERR_CORRUPT with the place,
 * ERR_LIMIT for what weir does not write. */
struct recording *recording_open(const char *path, struct err *e);
void recording_close(struct recording *r); /* NULL is allowed */
/* The last answer to GET path until at_ms; NULL: none. `good`: the last good one. */
const struct recorded *recording_find(const struct recording *r, const char *path, int64_t at_ms, bool good);
/* The last answer until at_ms; NULL: all are later. */
const struct recorded *recording_last(const struct recording *r, int64_t at_ms);
/* The exchange as it had come back then, but for path and body, which live until the next call: not to be started or freed. */
bool recording_get(struct recording *r, const struct recorded *which, struct http_exchange *x, struct err *e);

#endif
