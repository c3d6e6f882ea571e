/* Answers of a REST server: the first byte picks the route, the rest is the body. What comes out is written as JSON both ways, and
 * what is written reads again. */
#include <string.h>

#include "live/route.h"
#include "tests/fuzz/fuzz.h"

static void check_json(const struct buf *b)
{
    struct jsonr r = {0};
    jsonr_start(&r, b->p, b->n);
    jsonr_skip(&r);
    if (!jsonr_end(&r))
        __builtin_trap();
    jsonr_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    enum live_route route = (enum live_route)(data[0] % LIVE_ROUTES);
    struct bytes body = {data + 1, size - 1};
    struct arena a = {0};
    struct buf out = {0};
    struct err e = {0};
    bool unsettled = false;
    const void *answer = route_parse(route, body, &a, &unsettled, &e);
    for (int theirs = 0; answer && theirs < 2; theirs++) {
        struct jsonw w = {.out = &out};
        out.n = 0;
        shape_write(routes[route].shape, answer, &w, theirs);
        check_json(&out);
    }
    const char *says = route_complaint(body, size % 2, &a);
    route_missing(says);
    buf_free(&out);
    arena_free(&a);
    return 0;
}
