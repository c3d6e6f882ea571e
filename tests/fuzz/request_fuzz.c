/* Requests to weir's own REST server: the first line is a method and a path, the rest a body. */
#include <string.h>

#include "serve/request.h"
#include "tests/fuzz/fuzz.h"

static void bounded(const char *s, size_t size)
{
    if (s && strlen(s) > size)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t n = end ? (size_t)(end - data) : size, gap = 0;
    char *line = arena_strn(&a, (const char *)data, n);
    while (line[gap] && line[gap] != ' ')
        gap++;
    char *url = line + gap + (line[gap] == ' ');
    line[gap] = 0;
    struct request r;
    struct request_body body;
    struct bytes text = end ? (struct bytes){end + 1, size - n - 1} : (struct bytes){0};
    const char *why = NULL;
    request_read(&r, line, url, &a);
    if (r.route != LIVE_ROUTES && r.route > LIVE_ROUTES)
        __builtin_trap();
    const char *const all[] = {r.job, r.vertex, r.item, r.part, request_query(&r, "get", &a), request_query(&r, "agg", &a)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bounded(all[i], size);
    uint32_t names = 0;
    if (r.query)
        request_list(r.query, &names, &a);
    if (names > size)
        __builtin_trap();
    if (!request_body_read(&body, text, &a, &why) && !why)
        __builtin_trap();
    bounded(body.directory, 3 * size + 1); /* an escape may become a longer character */
    arena_free(&a);
    return 0;
}
