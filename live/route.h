/* The rows of rest_api.def, and how a question becomes a path and an answer a struct. */
#ifndef WEIR_LIVE_ROUTE_H
#define WEIR_LIVE_ROUTE_H

#include "live/http.h"
#include "live/live.h"
#include "live/shape.h"

struct route {
    enum http_method method;
    const char *path; /* with its placeholders */
    unsigned since;   /* 115; 0: all */
    uint32_t seconds;
    const struct shape *shape;
};

extern const struct route routes[LIVE_ROUTES];

/* Whether the answer is bytes and no JSON. */
static inline bool route_is_text(enum live_route r) { return routes[r].shape == &shape_live_text; }

/* Whether another server answers: a SQL gateway. */
bool route_is_gateway(enum live_route r);

/* Only the parameters that the path has, so that equal questions look equal; strings shared with `ask`. */
struct live_ask route_ask(const struct live_ask *ask);
/* A copy in the arena. */
struct live_ask route_copy(struct arena *a, const struct live_ask *ask);

/* The body of a good answer as the route's struct, in the arena. NULL: it makes no sense (ERR_SERVER). */
const void *route_parse(enum live_route r, struct bytes body, struct arena *a, bool *unsettled, struct err *e);

/* What a refusal says, from Flink's {"errors": […]}: the first line without stack and class name; NULL: no such body. */
const char *route_complaint(struct bytes body, bool innermost, struct arena *a);
/* "org.apache.X: org.apache.Y: text" without the classes. */
struct bytes route_without_classes(struct bytes line);
/* Whether a 404 with that complaint means that there is no such route (and not: no such job). */
bool route_missing(const char *complaint);

#endif
