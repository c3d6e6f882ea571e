/* What a request asks for: its path and query as a row of live/rest_api.def with its parameters. Paths come from outside and are hostile. */
#ifndef WEIR_SERVE_REQUEST_H
#define WEIR_SERVE_REQUEST_H

#include "live/route.h"

enum {
    REQUEST_SEGMENTS = 16,   /* of a path; no route has more */
    REQUEST_PATH_MAX = 8192, /* bytes of a path with its query */
    REQUEST_BODY_MAX = 64 << 10
};

struct request {
    enum live_route route;                  /* LIVE_ROUTES: none of these */
    bool other_method;                      /* the path is there, but not with this method */
    bool metrics;                           /* "/metrics": Prometheus */
    const char *path;                       /* as it was asked for, for messages */
    const char *job, *vertex, *item, *part; /* decoded; NULL: the route has none */
    const char *query;                      /* behind "?"; NULL: nothing */
};

/* url: the path with its query, as it stands in the request. Strings live in the arena. */
void request_read(struct request *r, const char *method, const char *url, struct arena *a);
/* The value of a parameter of the query, decoded; NULL: not there. */
const char *request_query(const struct request *r, const char *name, struct arena *a);
/* The texts of a list with commas; n of them. */
const char **request_list(const char *list, uint32_t *n, struct arena *a);

/* A member of a body that is a JSON object. False and *why: the body is none. */
struct request_body {
    const char *directory, *format, *type, *trigger, *path; /* NULL: not there */
    bool drain, cancel;
};
bool request_body_read(struct request_body *b, struct bytes text, struct arena *a, const char **why);

#endif
