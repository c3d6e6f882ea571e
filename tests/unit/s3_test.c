#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "savepoint/s3.h"
#include "savepoint/store.h"

/* ---- words ---- */

static void places(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e = {0};
    struct s3_place p;
    assert_true(s3_place_of(&p, "s3://bkt/a/b", &a, &e));
    assert_string_equal(p.bucket, "bkt");
    assert_string_equal(p.key, "a/b");
    assert_true(s3_place_of(&p, "s3a://my.bucket-1", &a, &e));
    assert_string_equal(p.bucket, "my.bucket-1");
    assert_string_equal(p.key, "");
    static const char *bad[] = {"s3://", "s3:///key", "s3://b@evil/key", "s3://b:80/key", "s3://b?x/key", "s3://b%2f/key"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = (struct err){0};
        assert_false(s3_place_of(&p, bad[i], &a, &e));
        assert_int_equal(e.kind, ERR_USAGE);
    }
    arena_free(&a);
}

static void urls(void **state)
{
    (void)state;
    struct arena a = {0};
    struct s3_settings own = {.region = "us-east-1", .endpoint = "http://127.0.0.1:9000"}, amazon = {.region = "eu-west-1"},
                       china = {.region = "cn-north-1"};
    assert_string_equal(s3_url(&own, "b", "a/b c+\xc3\xbc?=%&#~-_.", &a),
                        "http://127.0.0.1:9000/b/a/b%20c%2B%C3%BC%3F%3D%25%26%23~-_.");
    assert_string_equal(s3_url(&amazon, "b", "k", &a), "https://b.s3.eu-west-1.amazonaws.com/k");
    assert_string_equal(s3_url(&amazon, "b.c", "k", &a), "https://s3.eu-west-1.amazonaws.com/b.c/k");
    assert_string_equal(s3_url(&china, "b", "k", &a), "https://b.s3.cn-north-1.amazonaws.com.cn/k");
    assert_string_equal(s3_list_url(&own, "b", "a/b/", NULL, &a),
                        "http://127.0.0.1:9000/b/?delimiter=%2F&list-type=2&prefix=a%2Fb%2F");
    assert_string_equal(s3_list_url(&own, "b", "", "1/=+", &a),
                        "http://127.0.0.1:9000/b/?continuation-token=1%2F%3D%2B&delimiter=%2F&list-type=2&prefix=");
    arena_free(&a);
}

static void clear_settings(void)
{
    static const char *names[] = {"AWS_ACCESS_KEY_ID",
                                  "AWS_SECRET_ACCESS_KEY",
                                  "AWS_SESSION_TOKEN",
                                  "AWS_REGION",
                                  "AWS_DEFAULT_REGION",
                                  "AWS_PROFILE",
                                  "AWS_ENDPOINT_URL_S3",
                                  "AWS_ENDPOINT_URL",
                                  "AWS_SHARED_CREDENTIALS_FILE",
                                  "AWS_CONFIG_FILE",
                                  "AWS_CA_BUNDLE",
                                  "http_proxy",
                                  "all_proxy",
                                  "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    setenv("HOME", "/nonexistent", 1);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void reads_settings(void **state)
{
    (void)state;
    struct arena a = {0};
    struct s3_settings c;
    clear_settings();
    s3_settings_read(&c, &a);
    assert_null(c.key_id);
    assert_null(c.secret);
    assert_null(c.endpoint);
    assert_string_equal(c.region, "us-east-1");

    char dir[] = "/tmp/weir-s3-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    setenv("HOME", dir, 1);
    snprintf(path, sizeof path, "%s/.aws", dir);
    assert_int_equal(system(arena_printf(&a, "mkdir %s", path)), 0);
    write_file(
        arena_printf(&a, "%s/credentials", path),
        "[default]\naws_access_key_id = one\naws_secret_access_key=two=\n# c\n[ other ]\naws_access_key_id=three\naws_secret_access_key=four\naws_session_token=five\n");
    write_file(arena_printf(&a, "%s/config", path),
               "[default]\nregion = eu-north-1\n[profile other]\nregion=eu-south-1\nendpoint_url=http://h:1//\n[profile half]\n");
    s3_settings_read(&c, &a);
    assert_string_equal(c.key_id, "one");
    assert_string_equal(c.secret, "two=");
    assert_null(c.token);
    assert_string_equal(c.region, "eu-north-1");
    assert_null(c.endpoint);
    setenv("AWS_PROFILE", "other", 1);
    s3_settings_read(&c, &a);
    assert_string_equal(c.key_id, "three");
    assert_string_equal(c.token, "five");
    assert_string_equal(c.region, "eu-south-1");
    assert_string_equal(c.endpoint, "http://h:1");
    setenv("AWS_ACCESS_KEY_ID", "six", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "seven", 1);
    setenv("AWS_DEFAULT_REGION", "r2", 1);
    setenv("AWS_ENDPOINT_URL", "http://e2", 1);
    s3_settings_read(&c, &a);
    assert_string_equal(c.key_id, "six");
    assert_null(c.token);
    assert_string_equal(c.region, "r2");
    assert_string_equal(c.endpoint, "http://e2");
    setenv("AWS_REGION", "r1", 1);
    setenv("AWS_ENDPOINT_URL_S3", "http://e1", 1);
    s3_settings_read(&c, &a);
    assert_string_equal(c.region, "r1");
    assert_string_equal(c.endpoint, "http://e1");
    setenv("AWS_PROFILE", "none", 1);
    unsetenv("AWS_SECRET_ACCESS_KEY");
    s3_settings_read(&c, &a);
    assert_null(c.key_id);
    assert_int_equal(system(arena_printf(&a, "rm -r %s", dir)), 0);
    arena_free(&a);
}

static struct bytes text(const char *s) { return (struct bytes){(const uint8_t *)s, strlen(s)}; }

static void xml(void **state)
{
    (void)state;
    struct arena a = {0};
    static const struct {
        const char *in, *out;
    } t[] = {
        {"plain", "plain"},
        {"a&amp;b&lt;&gt;&quot;&apos;", "a&b<>\"'"},
        {"&#x41;&#66;", "AB"},
        {"&", "&"},
        {"&;", "&;"},
        {"&#x110000;", "&#x110000;"},
        {"&unknown;", "&unknown;"},
        {"&#x;&#;&#-1;", "&#x;&#;&#-1;"},
        {"&amp", "&amp"},
        {"&aaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaa;"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        assert_string_equal(s3_xml_text(text(t[i].in), &a), t[i].out);
    struct bytes x = text("<A>1</A> <A>2</A><A>3"), in;
    assert_true(s3_xml_next(&x, "A", &in));
    assert_memory_equal(in.p, "1", 1);
    assert_true(s3_xml_next(&x, "A", &in));
    assert_int_equal(in.n, 1);
    assert_false(s3_xml_next(&x, "A", &in));
    x = (struct bytes){NULL, 0};
    assert_false(s3_xml_next(&x, "A", &in));
    arena_free(&a);
}

static void listing_pages(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e = {0};
    struct s3_names n = {0};
    const char *token;
    assert_true(s3_list_page(
        &n,
        text(
            "<?xml?><ListBucketResult xmlns=\"x\"><Prefix>p/</Prefix><IsTruncated>true</IsTruncated><Contents><Key>p/</Key></Contents>"
            "<Contents><Key>p/a&amp;b</Key><Size>1</Size></Contents><Contents><Key>q/foreign</Key></Contents>"
            "<CommonPrefixes><Prefix>p/d/</Prefix></CommonPrefixes><NextContinuationToken>t&quot;1</NextContinuationToken></ListBucketResult>"),
        "p/", &token, &a, &e));
    assert_int_equal(n.n, 2);
    assert_string_equal(n.p[0], "a&b");
    assert_string_equal(n.p[1], "d/");
    assert_string_equal(token, "t\"1");
    assert_true(s3_list_page(&n, text("<ListBucketResult></ListBucketResult>"), "p/", &token, &a, &e));
    assert_null(token);
    assert_false(
        s3_list_page(&n, text("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"), "p/", &token, &a, &e));
    assert_int_equal(e.kind, ERR_SERVER);
    e = (struct err){0};
    assert_false(s3_list_page(&n, text("<html>hello</html>"), "p/", &token, &a, &e));
    assert_int_equal(e.kind, ERR_SERVER);
    free(n.p);
    arena_free(&a);
}

/* ---- a server that answers by a script: what a real one does on bad days ---- */

struct server {
    int fd;
    int step;              /* how many requests came */
    char last[4096];       /* the last request's head */
    const char *script[8]; /* one answer a request: whole HTTP text; NULL: closes without an answer */
};
static struct server server;

static void *serve(void *unused)
{
    (void)unused;
    for (int c; (c = accept(server.fd, NULL, NULL)) >= 0; close(c)) {
        size_t n = 0;
        server.last[0] = 0;
        while (n < sizeof server.last - 1 && !strstr(server.last, "\r\n\r\n")) {
            ssize_t k = recv(c, server.last + n, sizeof server.last - 1 - n, 0);
            if (k <= 0)
                break;
            server.last[n += (size_t)k] = 0;
        }
        if (!n)
            continue;
        const char *answer = server.script[server.step < 7 ? server.step : 7];
        server.step++;
        if (answer && send(c, answer, strlen(answer), MSG_NOSIGNAL) < 0)
            perror("send");
    }
    return NULL;
}

static pthread_t thread;

static int start(void **state)
{
    (void)state;
    clear_settings();
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    server.fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server.fd, (struct sockaddr *)&at, len) || listen(server.fd, 5) ||
        getsockname(server.fd, (struct sockaddr *)&at, &len))
        return -1;
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%d", ntohs(at.sin_port));
    setenv("AWS_ENDPOINT_URL", endpoint, 1);
    setenv("AWS_ACCESS_KEY_ID", "key", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_SESSION_TOKEN", "token", 1);
    return pthread_create(&thread, NULL, serve, NULL);
}

static int stop(void **state)
{
    (void)state;
    shutdown(server.fd, SHUT_RDWR);
    close(server.fd);
    return pthread_join(thread, NULL);
}

#define SCRIPT(...)                                     \
    do {                                                \
        server.step = 0;                                \
        const char *answers[8] = {__VA_ARGS__};         \
        memcpy(server.script, answers, sizeof answers); \
    } while (0)
#define HEAD(status, length, more) "HTTP/1.1 " status "\r\nContent-Length: " length "\r\nConnection: close\r\n" more "\r\n"
#define AWAY HEAD("503 Slow Down", "0", "")
#define HELLO HEAD("206 Partial Content", "5", "Content-Range: bytes 0-4/5\r\nETag: \"one\"\r\n") "hello"

static void repeats_what_passes(void **state)
{
    (void)state;
    struct err e = {0};
    struct store_file f;
    char to[5];
    SCRIPT(AWAY, NULL, HELLO);
    assert_true(store_open(&f, "s3://bkt/a b", &e));
    assert_int_equal(server.step, 3);
    assert_int_equal(f.size, 5);
    assert_true(store_read(&f, 1, to, 4, &e));
    assert_memory_equal(to, "ello", 4);
    assert_int_equal(server.step, 3); /* it came with the opening */
    assert_non_null(strstr(server.last, "GET /bkt/a%20b HTTP/1.1"));
    assert_non_null(strstr(server.last, "Authorization: AWS4-HMAC-SHA256 Credential=key/"));
    assert_non_null(strstr(server.last, "x-amz-security-token: token"));
    store_close(&f);
    SCRIPT(HEAD("206 Partial Content", "5", "Content-Range: bytes 0-4/5\r\n") "he", HELLO); /* cut off */
    assert_true(store_open(&f, "s3://bkt/x", &e));
    assert_int_equal(server.step, 2);
    store_close(&f);
}

static void expect_open_no(enum err_kind kind, const char *part)
{
    struct err e = {0};
    struct store_file f;
    assert_false(store_open(&f, "s3://bkt/x", &e));
    if (e.kind != kind || !strstr(e.text, part) || strncmp(e.text, "s3://bkt/x: ", 12) != 0)
        fail_msg("%s: %s", err_word(e.kind), e.text);
}

static void says_no(void **state)
{
    (void)state;
    SCRIPT(HEAD("404 Not Found", "0", ""));
    expect_open_no(ERR_MISSING, "no such object");
    assert_int_equal(server.step, 1);
    SCRIPT(HEAD("404 Not Found", "48", "") "<Error><Code>NoSuchBucket</Code><Message></Error>");
    expect_open_no(ERR_MISSING, "no such bucket");
    SCRIPT(HEAD("403 Forbidden", "66", "") "<Error><Code>AccessDenied</Code><Message>say&#10;no</Message></Error>");
    expect_open_no(ERR_SERVER, "(AccessDenied: say?no)");
    SCRIPT(HEAD("301 Moved", "0", "x-amz-bucket-region: eu-north-1\r\n"));
    expect_open_no(ERR_SERVER, "set AWS_REGION=eu-north-1");
    SCRIPT(AWAY, AWAY, AWAY, AWAY, HELLO);
    expect_open_no(ERR_SERVER, "status 503");
    assert_int_equal(server.step, 4);
    SCRIPT(HEAD("302 Found", "0", "Location: file:///etc/passwd\r\n"));
    expect_open_no(ERR_SERVER, "status 302"); /* not followed */
    SCRIPT(HEAD("206 Partial Content", "5", "") "hello");
    expect_open_no(ERR_SERVER, "does not tell the object's size");
    SCRIPT(HEAD("206 Partial Content", "5", "Content-Range: bytes 0-4/99999999999999999999\r\n") "hello");
    expect_open_no(ERR_SERVER, "does not tell the object's size");
    SCRIPT(HEAD("206 Partial Content", "5", "Content-Range: bytes 0-4/50\r\n") "hello");
    expect_open_no(ERR_SERVER, "does not tell the object's size");
}

static void a_server_without_ranges(void **state)
{
    (void)state;
    static char large[70200]; /* outlives the test: the server may still be sending it when weir has hung up */
    size_t head = strlen(strcpy(large, HEAD("200 OK", "70000", "")));
    memset(large + head, 'x', 70000);
    SCRIPT(large);
    expect_open_no(ERR_SERVER, "sends more than was asked for");
    struct err e = {0};
    struct store_file f;
    SCRIPT(HEAD("200 OK", "5", "") "hello"); /* all of a small one is fine */
    assert_true(store_open(&f, "s3://bkt/x", &e));
    assert_int_equal(f.size, 5);
    store_close(&f);
    SCRIPT(HEAD("416 Range Not Satisfiable", "0", "Content-Range: bytes */0\r\n")); /* an empty object */
    assert_true(store_open(&f, "s3://bkt/x", &e));
    assert_int_equal(f.size, 0);
    store_close(&f);
}

static void notices_a_change(void **state)
{
    (void)state;
    struct err e = {0};
    struct store_file f;
    struct buf b = {0};
    uint8_t to[10];
    buf_puts(&b, HEAD("206 Partial Content", "65536", "ETag: \"one\"\r\nContent-Range: bytes 0-65535/100000\r\n"));
    buf_reserve(&b, 65537);
    memset(b.p + b.n, 'x', 65536);
    b.n += 65536;
    SCRIPT(buf_cstr(&b), HEAD("412 Precondition Failed", "0", ""));
    assert_true(store_open(&f, "s3://bkt/x", &e));
    assert_false(store_read(&f, 70000, to, 10, &e));
    assert_int_equal(e.kind, ERR_CHANGED);
    assert_non_null(strstr(server.last, "If-Match: \"one\""));
    assert_non_null(strstr(server.last, "Range: bytes=70000-99999"));
    e = (struct err){0};
    SCRIPT(HEAD("206 Partial Content", "5", "Content-Range: bytes 70000-70004/100000\r\n") "hello");
    assert_false(store_read(&f, 70000, to, 10, &e));
    assert_int_equal(e.kind, ERR_CHANGED);
    store_close(&f);
    buf_free(&b);
}

static void lists(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e = {0};
    const char **names;
    uint32_t n;
    SCRIPT(
        HEAD(
            "200 OK", "153",
            "") "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t/1</NextContinuationToken><Contents><Key>d/b</Key></Contents></ListBucketResult>",
        HEAD("200 OK", "75", "") "<ListBucketResult><Contents><Key>d/a</Key></Contents></ListBucketResult>   ");
    assert_true(store_list("s3://bkt/d", &a, &names, &n, &e));
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    assert_non_null(strstr(server.last, "GET /bkt/?continuation-token=t%2F1&delimiter=%2F&list-type=2&prefix=d%2F HTTP"));
    SCRIPT(HEAD("200 OK", "37", "") "<ListBucketResult></ListBucketResult>");
    assert_false(store_list("s3://bkt/d", &a, &names, &n, &e));
    assert_int_equal(e.kind, ERR_MISSING);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest words[] = {
        cmocka_unit_test(places), cmocka_unit_test(urls),          cmocka_unit_test(reads_settings),
        cmocka_unit_test(xml),    cmocka_unit_test(listing_pages),
    };
    const struct CMUnitTest talk[] = {
        cmocka_unit_test(repeats_what_passes), cmocka_unit_test(says_no), cmocka_unit_test(a_server_without_ranges),
        cmocka_unit_test(notices_a_change),    cmocka_unit_test(lists),
    };
    int failed = cmocka_run_group_tests(words, NULL, NULL);
    return failed + cmocka_run_group_tests(talk, start, stop);
}
