#include "live/notify.h"

#include <string.h>

#include "live/http.h"

enum { ANSWER_MAX = 1 << 20 };

bool notify_post(const char *url, const char *json, struct err *e)
{
    struct arena a = {0};
    const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
    size_t n = (size_t)(host - url) + strcspn(host, "/?#");
    struct live_target t = {.url = arena_strn(&a, url, n), .max_bytes = ANSWER_MAX};
    struct http_exchange x = {
        .method = POST, .path = url[n] == '/' ? url + n : arena_printf(&a, "/%s", url + n), .body = json, .text = true};
    struct http *h = http_open(&t, e);
    if (h) {
        http_start(h, &x);
        while (!http_wait(h, 1000))
            ;
        if (x.err.kind)
            err_set(e, ERR_SERVER, "%s", x.err.text);
        else if (x.status < 200 || x.status > 299)
            err_set(e, ERR_SERVER, "%s: status %ld", t.url, x.status);
        buf_free(&x.answer);
        http_close(h);
    }
    arena_free(&a);
    return !e->kind;
}
