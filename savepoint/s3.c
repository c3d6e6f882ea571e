#include "savepoint/s3.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *env(const char *name)
{
    const char *v = getenv(name);
    return v && *v ? v : NULL;
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n && isspace((unsigned char)s[n - 1]))
        s[--n] = 0;
    return s;
}

/* The value of a key in a section of an INI file, or NULL. */
static const char *ini(const char *path, const char *section, const char *key, struct arena *a)
{
    FILE *f = fopen(path, "r");
    char line[8192];
    const char *found = NULL;
    bool inside = false;
    while (f && !found && fgets(line, sizeof line, f)) {
        char *s = trim(line), *end;
        if (*s == '[' && (end = strchr(s, ']'))) {
            *end = 0;
            inside = strcmp(trim(s + 1), section) == 0;
        } else if (inside && *s != '#' && *s != ';' && (end = strchr(s, '='))) {
            *end = 0;
            if (strcmp(trim(s), key) == 0)
                found = arena_str(a, trim(end + 1));
        }
    }
    if (f)
        fclose(f);
    return found && *found ? found : NULL;
}

static const char *aws_file(const char *variable, const char *name, struct arena *a)
{
    const char *path = env(variable), *home = env("HOME");
    return path ? path : arena_printf(a, "%s/.aws/%s", home ? home : "", name);
}

void s3_settings_read(struct s3_settings *c, struct arena *a)
{
    const char *profile = env("AWS_PROFILE");
    if (!profile)
        profile = "default";
    const char *config = aws_file("AWS_CONFIG_FILE", "config", a);
    const char *section = strcmp(profile, "default") == 0 ? profile : arena_printf(a, "profile %s", profile);
    *c = (struct s3_settings){
        .key_id = env("AWS_ACCESS_KEY_ID"), .secret = env("AWS_SECRET_ACCESS_KEY"), .token = env("AWS_SESSION_TOKEN")};
    if (!c->key_id || !c->secret) {
        const char *path = aws_file("AWS_SHARED_CREDENTIALS_FILE", "credentials", a);
        c->key_id = ini(path, profile, "aws_access_key_id", a);
        c->secret = ini(path, profile, "aws_secret_access_key", a);
        c->token = ini(path, profile, "aws_session_token", a);
        if (!c->key_id || !c->secret)
            c->key_id = c->secret = c->token = NULL;
    }
    if (!(c->region = env("AWS_REGION")) && !(c->region = env("AWS_DEFAULT_REGION")) &&
        !(c->region = ini(config, section, "region", a)))
        c->region = "us-east-1";
    if (!(c->endpoint = env("AWS_ENDPOINT_URL_S3")) && !(c->endpoint = env("AWS_ENDPOINT_URL")))
        c->endpoint = ini(config, section, "endpoint_url", a);
    if (c->endpoint) {
        char *s = arena_str(a, c->endpoint);
        for (size_t n = strlen(s); n && s[n - 1] == '/';)
            s[--n] = 0;
        c->endpoint = s;
    }
}

bool s3_place_of(struct s3_place *p, const char *location, struct arena *a, struct err *e)
{
    const char *bucket = strstr(location, "://") + 3;
    size_t n = strcspn(bucket, "/");
    bool good = n > 0 && n <= 255;
    for (size_t i = 0; i < n; i++)
        good = good && (isalnum((unsigned char)bucket[i]) || strchr("._-", bucket[i]));
    if (!good)
        return err_set(e, ERR_USAGE, "%s: has no valid bucket name; write s3://BUCKET/KEY", location);
    p->bucket = arena_strn(a, bucket, n);
    p->key = arena_str(a, bucket + n + (bucket[n] == '/'));
    return true;
}

/* AWS's percent-encoding: all but the unreserved bytes, and the slash where it parts a path. */
static void put_encoded(struct buf *b, const char *s, bool path)
{
    for (; *s; s++)
        if (isalnum((unsigned char)*s) || strchr("-._~", *s) || (path && *s == '/'))
            buf_putc(b, (uint8_t)*s);
        else
            buf_printf(b, "%%%02X", (unsigned)(unsigned char)*s);
}

static void put_url(struct buf *b, const struct s3_settings *c, const char *bucket, const char *key)
{
    const char *tld = strncmp(c->region, "cn-", 3) == 0 ? "com.cn" : "com";
    if (c->endpoint)
        buf_printf(b, "%s/%s/", c->endpoint, bucket);
    else if (strchr(bucket, '.'))
        buf_printf(b, "https://s3.%s.amazonaws.%s/%s/", c->region, tld, bucket);
    else
        buf_printf(b, "https://%s.s3.%s.amazonaws.%s/", bucket, c->region, tld);
    put_encoded(b, key, true);
}

char *s3_url(const struct s3_settings *c, const char *bucket, const char *key, struct arena *a)
{
    struct buf b = {0};
    put_url(&b, c, bucket, key);
    char *url = arena_str(a, buf_cstr(&b));
    buf_free(&b);
    return url;
}

char *s3_list_url(const struct s3_settings *c, const char *bucket, const char *prefix, const char *token, struct arena *a)
{
    struct buf b = {0};
    put_url(&b, c, bucket, "");
    buf_putc(&b, '?'); /* parameters sorted by name, as the signature wants them */
    if (token) {
        buf_puts(&b, "continuation-token=");
        put_encoded(&b, token, false);
        buf_putc(&b, '&');
    }
    buf_puts(&b, "delimiter=%2F&list-type=2&prefix=");
    put_encoded(&b, prefix, false);
    char *url = arena_str(a, buf_cstr(&b));
    buf_free(&b);
    return url;
}

bool s3_xml_next(struct bytes *xml, const char *tag, struct bytes *inner)
{
    char open[64], close[64];
    size_t open_n = (size_t)snprintf(open, sizeof open, "<%s>", tag), close_n = (size_t)snprintf(close, sizeof close, "</%s>", tag);
    const uint8_t *from = xml->n ? memmem(xml->p, xml->n, open, open_n) : NULL;
    if (!from)
        return false;
    const uint8_t *end = xml->p + xml->n;
    from += open_n;
    const uint8_t *to = memmem(from, (size_t)(end - from), close, close_n);
    if (!to)
        return false;
    *inner = (struct bytes){from, (size_t)(to - from)};
    *xml = (struct bytes){to + close_n, (size_t)(end - to) - close_n};
    return true;
}

/* The character of the entity between "&" and ";", 0 when it is none of those that servers write (all others stand as UTF-8). */
static uint8_t entity(const char *s)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(s, known[i].name) == 0)
            return (uint8_t)known[i].c;
    bool hex = s[0] == '#' && s[1] == 'x';
    char *end;
    if (s[0] != '#' || !isxdigit((unsigned char)s[hex ? 2 : 1]))
        return 0;
    unsigned long c = strtoul(s + (hex ? 2 : 1), &end, hex ? 16 : 10);
    return *end || c > 0x7f ? 0 : (uint8_t)c;
}

char *s3_xml_text(struct bytes inner, struct arena *a)
{
    struct buf b = {0};
    for (size_t i = 0; i < inner.n; i++) {
        char name[12];
        size_t reach = inner.n - i < sizeof name ? inner.n - i : sizeof name;
        const uint8_t *semicolon = inner.p[i] == '&' ? memchr(inner.p + i, ';', reach) : NULL;
        size_t n = semicolon ? (size_t)(semicolon - inner.p) - i - 1 : 0;
        uint8_t c = 0;
        if (n) {
            memcpy(name, inner.p + i + 1, n);
            name[n] = 0;
            c = entity(name);
        }
        if (c) {
            buf_putc(&b, c);
            i += n + 1;
        } else if (inner.p[i]) {
            buf_putc(&b, inner.p[i]);
        }
    }
    char *text = arena_str(a, buf_cstr(&b));
    buf_free(&b);
    return text;
}

static void add_name(struct s3_names *names, const char *key, const char *prefix)
{
    size_t n = strlen(prefix);
    if (strncmp(key, prefix, n) != 0 || !key[n]) /* the marker object of the directory itself */
        return;
    if (names->n == names->cap) {
        names->cap = names->cap ? 2 * names->cap : 64;
        names->p = mem_grow(names->p, names->cap, sizeof *names->p);
    }
    names->p[names->n++] = key + n;
}

bool s3_list_page(struct s3_names *names, struct bytes xml, const char *prefix, const char **token, struct arena *a, struct err *e)
{
    struct bytes at = xml, item, text;
    *token = NULL;
    if (!xml.n || !memmem(xml.p, xml.n, "<ListBucketResult", 17))
        return err_set(e, ERR_SERVER, "the server's answer is no listing");
    while (s3_xml_next(&at, "Contents", &item))
        if (s3_xml_next(&item, "Key", &text))
            add_name(names, s3_xml_text(text, a), prefix);
    at = xml;
    while (s3_xml_next(&at, "CommonPrefixes", &item))
        if (s3_xml_next(&item, "Prefix", &text))
            add_name(names, s3_xml_text(text, a), prefix);
    at = xml;
    if (s3_xml_next(&at, "IsTruncated", &text) && text.n == 4 && memcmp(text.p, "true", 4) == 0) {
        at = xml;
        if (!s3_xml_next(&at, "NextContinuationToken", &text) || !text.n)
            return err_set(e, ERR_SERVER, "the server's listing is cut and does not say how to go on");
        *token = s3_xml_text(text, a);
    }
    return true;
}
