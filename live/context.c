#include "live/context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, SECRET_MAX = 64 << 10 };

/* A setting of a context: a row each; weir-config(5) explains them. */
enum setting_kind { A_TEXT, A_PATH, A_YES, A_NO, A_SECONDS };

static const struct setting {
    const char *name;
    enum setting_kind kind;
    size_t at;
} settings[] = {
    {"url", A_TEXT, offsetof(struct context, target.url)},
    {"unix-socket", A_PATH, offsetof(struct context, target.unix_socket)},
    {"proxy", A_TEXT, offsetof(struct context, target.proxy)},
    {"ca-cert", A_PATH, offsetof(struct context, target.ca_cert)},
    {"client-cert", A_PATH, offsetof(struct context, target.client_cert)},
    {"client-key", A_PATH, offsetof(struct context, target.client_key)},
    {"user", A_TEXT, offsetof(struct context, target.user)},
    {"password-file", A_PATH, offsetof(struct context, password_file)},
    {"token-file", A_PATH, offsetof(struct context, token_file)},
    {"netrc", A_PATH, offsetof(struct context, target.netrc)},
    {"gateway", A_TEXT, offsetof(struct context, target.gateway)},
    {"gateway-sessions", A_TEXT, offsetof(struct context, target.gateway_sessions)},
    {"insecure", A_YES, offsetof(struct context, target.insecure)},
    {"read-only", A_YES, offsetof(struct context, target.read_only)},
    {"history", A_NO, offsetof(struct context, target.no_history)},
    {"timeout", A_SECONDS, offsetof(struct context, target.timeout_ms)},
};

static const char *env(const char *name)
{
    const char *v = getenv(name);
    return v && *v ? v : NULL;
}

/* The whole of a file, with a 0 behind. False: e is set, unless `may_lack` and it is not there: then *text is NULL. */
static bool read_file(const char *path, size_t max, bool may_lack, char **text, struct arena *a, struct err *e)
{
    *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && may_lack)
        return true;
    if (fd < 0)
        return err_set(e, ERR_MISSING, "%s: %s", path, strerror(errno));
    char *to = arena_alloc(a, max + 1);
    size_t n = 0;
    ssize_t k = 0;
    while (n < max && (k = read(fd, to + n, max - n)) > 0)
        n += (size_t)k;
    int why = errno;
    close(fd);
    if (k < 0)
        return err_set(e, ERR_IO, "%s: %s", path, strerror(why));
    if (n == max)
        return err_set(e, ERR_LIMIT, "%s: is larger than %zu KiB", path, max >> 10);
    *text = to;
    return true;
}

static char *trim(char *s)
{
    s += strspn(s, " \t\r");
    size_t n = strlen(s);
    while (n && strchr(" \t\r\n", s[n - 1]))
        s[--n] = 0;
    return s;
}

static const char *home(struct arena *a, const char *path)
{
    const char *h = env("HOME");
    return path[0] == '~' && path[1] == '/' && h ? arena_printf(a, "%s%s", h, path + 1) : path;
}

/* --- the file --- */

static bool set(struct context *c, const char *name, const char *value, struct arena *a, struct err *e)
{
    const struct setting *s = settings, *end = settings + sizeof settings / sizeof *settings;
    while (s < end && strcmp(s->name, name) != 0)
        s++;
    if (s == end)
        return err_set(e, ERR_CORRUPT, "there is no setting '%s'; see weir-config(5)", name);
    void *at = (char *)c + s->at;
    char *rest;
    switch (s->kind) {
    case A_TEXT:
        *(const char **)at = arena_str(a, value);
        return true;
    case A_PATH:
        *(const char **)at = home(a, arena_str(a, value));
        return true;
    case A_YES:
    case A_NO:
        *(bool *)at = !strcmp(value, s->kind == A_YES ? "yes" : "no");
        return !strcmp(value, "yes") || !strcmp(value, "no") || err_set(e, ERR_CORRUPT, "%s is yes or no, not '%s'", name, value);
    case A_SECONDS:
        *(int64_t *)at = (int64_t)(strtod(value, &rest) * 1000);
        return (!*rest && *(int64_t *)at > 0 && *(int64_t *)at <= 3600000) ||
            err_set(e, ERR_CORRUPT, "%s is a number of seconds, not '%s'", name, value);
    }
    return true;
}

static bool read_line(struct contexts *c, char *line, struct arena *a, struct err *e)
{
    line = trim(line);
    if (!*line || *line == '#' || *line == ';')
        return true;
    if (*line == '[') {
        char *end = strchr(line, ']');
        if (!end || end[1] || end == line + 1)
            return err_set(e, ERR_CORRUPT, "'%s' is no [context]", line);
        *end = 0;
        for (size_t i = 0; i < c->n; i++)
            if (!strcmp(c->list[i].name, line + 1))
                return err_set(e, ERR_CORRUPT, "there is a second [%s]", line + 1);
        c->list = mem_grow(c->list, c->n + 1, sizeof *c->list);
        c->list[c->n++] = (struct context){.name = arena_str(a, line + 1)};
        return true;
    }
    char *equals = strchr(line, '=');
    if (!equals)
        return err_set(e, ERR_CORRUPT, "'%s' is no setting = value", line);
    *equals = 0;
    const char *name = trim(line), *value = trim(equals + 1);
    if (c->n)
        return set(&c->list[c->n - 1], name, value, a, e);
    if (!strcmp(name, "mouse")) {
        c->mouse = !strcmp(value, "yes");
        return c->mouse || !strcmp(value, "no") || err_set(e, ERR_CORRUPT, "mouse is yes or no, not '%s'", value);
    }
    if (strcmp(name, "current") != 0)
        return err_set(e, ERR_CORRUPT, "'%s' stands before the first [context]", name);
    c->current = arena_str(a, value);
    return true;
}

static const char *config_path(struct arena *a)
{
    const char *dir = env("XDG_CONFIG_HOME"), *h = env("HOME");
    if (dir)
        return arena_printf(a, "%s/weir/config", dir);
    return h ? arena_printf(a, "%s/.config/weir/config", h) : NULL;
}

bool contexts_read(struct contexts *c, struct arena *a, struct err *e)
{
    *c = (struct contexts){.path = config_path(a)};
    char *text = NULL;
    if (!c->path || !read_file(c->path, FILE_MAX, true, &text, a, e))
        return !e->kind;
    unsigned n = 1;
    for (char *line = text, *next; line && !e->kind; line = next, n++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (!read_line(c, line, a, e))
            err_in(e, "%s: line %u", c->path, n);
    }
    struct context *list = c->list; /* from the heap into the arena */
    c->list = arena_array(a, c->n, sizeof *list);
    if (c->n)
        memcpy(c->list, list, c->n * sizeof *list);
    free(list);
    return !e->kind;
}

static const struct context *named(const struct contexts *c, const char *name, struct err *e)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->list[i].name, name))
            return &c->list[i];
    err_set(e, ERR_MISSING, "there is no context '%s' in %s; see weir context list", name,
            live_text_or(c->path, "~/.config/weir/config"));
    return NULL;
}

/* The file's text with its line `current = …` replaced, or one put first. */
static void with_current(struct buf *to, const char *text, const char *name)
{
    bool done = false, top = true;
    struct buf rest = {0};
    while (*text) {
        size_t n = strcspn(text, "\n"), blank = strspn(text, " \t");
        top = top && text[blank] != '[';
        size_t after = blank + strlen("current");
        if (top && !done && !strncmp(text + blank, "current", 7) && text[after + strspn(text + after, " \t")] == '=') {
            buf_printf(&rest, "current = %s", name);
            done = true;
        } else {
            buf_put(&rest, text, n);
        }
        buf_putc(&rest, '\n');
        text += n + (text[n] == '\n');
    }
    if (!done)
        buf_printf(to, "current = %s\n", name);
    buf_put(to, rest.p, rest.n);
    buf_free(&rest);
}

bool contexts_use(const struct contexts *c, const char *name, struct err *e)
{
    struct arena a = {0};
    struct buf b = {0};
    char *text = NULL;
    if (named(c, name, e) && read_file(c->path, FILE_MAX, false, &text, &a, e)) {
        char *fresh = arena_printf(&a, "%s.XXXXXX", c->path);
        with_current(&b, text, name);
        int fd = mkostemp(fresh, O_CLOEXEC);
        struct stat st;
        bool good = fd >= 0 && stat(c->path, &st) == 0 && fchmod(fd, st.st_mode & 07777) == 0 &&
            write(fd, b.p, b.n) == (ssize_t)b.n && fsync(fd) == 0;
        good = (fd < 0 || close(fd) == 0) && good && rename(fresh, c->path) == 0;
        if (!good) {
            err_set(e, ERR_IO, "%s: cannot be written: %s", c->path, strerror(errno));
            if (fd >= 0)
                unlink(fresh);
        }
    }
    buf_free(&b);
    arena_free(&a);
    return !e->kind;
}

/* --- Flink's configuration --- */

/* A value without quotes and the remark behind it. */
static const char *value_of(const char *s, size_t n, struct arena *a)
{
    char *v = trim(arena_strn(a, s, n));
    if (*v == '"' || *v == '\'') {
        char *end = strchr(v + 1, *v);
        if (end) {
            *end = 0;
            return v + 1;
        }
    }
    char *remark = strstr(v, " #");
    if (remark)
        *remark = 0;
    return trim(v);
}

enum { LEVELS = 8 };

/* The value of a dotted key in flat or nested YAML of plain keys; NULL: not there. */
static const char *yaml_find(const char *text, size_t n, const char *wanted, struct arena *a)
{
    const char *found = NULL, *end = text + n;
    struct {
        size_t indent;
        char *path;
    } level[LEVELS];
    size_t depth = 0;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t len = (size_t)((stop ? stop : end) - text), indent = 0;
        while (indent < len && text[indent] == ' ')
            indent++;
        const char *colon = memchr(text + indent, ':', len - indent);
        if (indent < len && text[indent] != '#' && text[indent] != '-' && colon) {
            while (depth && level[depth - 1].indent >= indent)
                depth--;
            char *key = trim(arena_strn(a, text + indent, (size_t)(colon - text) - indent));
            char *path = depth ? arena_printf(a, "%s.%s", level[depth - 1].path, key) : key;
            const char *value = value_of(colon + 1, len - (size_t)(colon + 1 - text), a);
            if (*value && !strcmp(path, wanted))
                found = value;
            if (!*value && depth < LEVELS) {
                level[depth].indent = indent;
                level[depth++].path = path;
            }
        }
        text += len + 1;
    }
    return found;
}

const char *context_flink_url(const char *yaml, size_t n, struct arena *a)
{
    const char *address = yaml_find(yaml, n, "rest.address", a), *port = yaml_find(yaml, n, "rest.port", a);
    const char *ssl = yaml_find(yaml, n, "security.ssl.rest.enabled", a);
    if (!address)
        address = yaml_find(yaml, n, "jobmanager.rpc.address", a);
    if (!address && !port)
        return NULL;
    return arena_printf(a, "%s://%s:%s", ssl && !strcmp(ssl, "true") ? "https" : "http", live_text_or(address, "localhost"),
                        live_text_or(port, "8081"));
}

static bool from_flink(struct live_target *t, const char *dir, const char **from, struct arena *a, struct err *e)
{
    static const char *const names[] = {"config.yaml", "flink-conf.yaml"};
    for (size_t i = 0; i < 2; i++) {
        char *path = arena_printf(a, "%s/%s", dir, names[i]), *text;
        if (!read_file(path, FILE_MAX, true, &text, a, e))
            return false;
        if (!text)
            continue;
        t->url = context_flink_url(text, strlen(text), a);
        *from = path;
        return t->url || err_set(e, ERR_USAGE, "%s says neither rest.address nor rest.port; give --url", path);
    }
    return err_set(e, ERR_MISSING, "FLINK_CONF_DIR=%s has neither config.yaml nor flink-conf.yaml", dir);
}

/* --- which one --- */

/* A secret's file: its first line. */
static bool read_secret(const char *path, const char **to, struct arena *a, struct err *e)
{
    char *text;
    if (!path)
        return true;
    if (!read_file(path, SECRET_MAX, false, &text, a, e))
        return false;
    text[strcspn(text, "\n")] = 0;
    *to = trim(text);
    return **to || err_set(e, ERR_CORRUPT, "%s: is empty, where a secret is wanted", path);
}

static bool by_context(struct live_target *t, const struct contexts *all, const char *name, const char **from, struct arena *a,
                       struct err *e)
{
    const struct context *c = named(all, name, e);
    if (!c)
        return false;
    *t = c->target;
    *from = arena_printf(a, "context %s", name);
    if (!t->url && t->unix_socket)
        t->url = "http://localhost";
    if (!t->url)
        return err_set(e, ERR_CORRUPT, "%s: context '%s' has no url", all->path, name);
    return read_secret(c->password_file, &t->password, a, e) && read_secret(c->token_file, &t->bearer, a, e);
}

static bool find(struct live_target *t, const char *url, const char *context, const char **from, struct arena *a, struct err *e)
{
    if (url && context)
        return err_set(e, ERR_USAGE, "--url and --context exclude each other");
    *from = "--url";
    if (!url && !context) {
        url = env("WEIR_URL");
        context = url ? NULL : env("WEIR_CONTEXT");
        *from = "WEIR_URL";
    }
    if (url) {
        t->url = arena_str(a, url);
        return true;
    }
    struct contexts all;
    if (!contexts_read(&all, a, e))
        return false;
    if (!context)
        context = all.current;
    if (context)
        return by_context(t, &all, context, from, a, e);
    const char *dir = env("FLINK_CONF_DIR");
    if (dir)
        return from_flink(t, dir, from, a, e);
    return err_set(e, ERR_USAGE, "no cluster is named; give --url, set WEIR_URL, or see weir-context(1)");
}

bool context_find(struct live_target *t, const char *url, const char *context, const char **from, struct arena *a, struct err *e)
{
    *t = (struct live_target){0};
    if (!find(t, url, context, from, a, e))
        return false;
    if (!t->bearer && !t->user && !t->netrc && !t->client_cert) {
        t->bearer = env("WEIR_TOKEN");
        t->user = t->bearer ? NULL : env("WEIR_USER");
    }
    if (t->user && !t->password)
        t->password = env("WEIR_PASSWORD");
    return true;
}
