#include "cli/serving.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/serve.h"

static const char *config(const struct job_opts *opts, const char *name)
{
    for (uint32_t i = 0; i < opts->n_config; i++)
        if (!strcmp(opts->config_names[i], name))
            return opts->config_values[i];
    return NULL;
}

static bool port_of(const char *text, uint16_t *port)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    *port = (uint16_t)n;
    return *text >= '0' && *text <= '9' && !*end && n <= 65535;
}

/* "8081", "0.0.0.0:8081", "[::1]:8081". */
static bool place_of(const char *rest, struct serve_opts *to, struct arena *a, struct err *e)
{
    const char *colon = strrchr(rest, ':');
    size_t n = colon ? (size_t)(colon - rest) : 0;
    if (colon) {
        bool six = n > 2 && rest[0] == '[' && rest[n - 1] == ']';
        to->address = arena_strn(a, rest + six, n - 2 * six);
    }
    return port_of(colon ? colon + 1 : rest, &to->port) ||
        err_set(e, ERR_USAGE, "--rest takes PORT or ADDRESS:PORT, not '%s'", rest);
}

bool serving_run(struct job *j, const struct serving *s, const struct job_opts *opts, struct err *e)
{
    const char *rest = s->rest ? s->rest : config(opts, "rest.port");
    struct serve_opts to = {.address = config(opts, "rest.bind-address")};
    struct arena a = {0};
    struct serve *server = NULL;
    if (!rest)
        return job_run(j, e);
    if (place_of(rest, &to, &a, e))
        server = serve_open(j, &to, e);
    if (server) {
        bool six = to.address && strchr(to.address, ':');
        fprintf(stderr, "weir: answers at http://%s%s%s:%u\n", six ? "[" : "", to.address ? to.address : "127.0.0.1",
                six ? "]" : "", serve_port(server));
        job_run(j, e);
    }
    serve_close(server);
    arena_free(&a);
    return e->kind == ERR_NONE;
}
