/* The writer's parts: numbers and texts, Snappy chunks, sorting, entries in the forms of the two streams, the order of things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/snappy_frame.h"
#include "base/temp.h"
#include "base/wr.h"
#include "savepoint/javaio.h"
#include "savepoint/keyed_native.h"
#include "savepoint/write_sort.h"
#include "savepoint/writer.h"
#include "tests/unit/build.h"

static struct arena arena;
static char *dir;

static int set_up(void **state)
{
    struct err e = {0};
    (void)state;
    dir = temp_dir(&e);
    return dir ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    temp_remove(dir);
    arena_free(&arena);
    return 0;
}

/* --- base/wr.h --- */

static void texts(void **state)
{
    (void)state;
    static const char *const all[] = {
        "", "a", "caf\u00e9", "\u8a9e", "\U0001f600 and more", "\xed\xa0\x80 alone", "\x7f\xc2\x80\uffff"};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        b.n = 0;
        assert_true(wr_utfz(&b, all[i]) && wr_flink_string(&b, all[i], strlen(all[i])));
        struct rd r = rd_of(b.p, b.n, 0);
        assert_string_equal(java_utf(&r, &arena), all[i]);
        assert_string_equal(java_flink_str(&r, &arena), all[i]);
        assert_true(rd_ok(&r) && !rd_left(&r));
    }
    b.n = 0;
    assert_true(wr_utf(&b, "\0x", 2) && wr_flink_string(&b, "\0x", 2) && wr_flink_string(&b, NULL, 0));
    assert_int_equal(b.n, 9);
    assert_memory_equal(b.p, "\0\3\xc0\x80x\3\0x\0", 9);

    char *longest = mem_alloc(65536);
    memset(longest, 'x', 65536);
    assert_false(wr_utf(&b, longest, 65536) || wr_utf(&b, "\xff", 1) || wr_flink_string(&b, "a\xff", 2));
    assert_int_equal(b.n, 9);
    assert_true(wr_utf(&b, longest, 65535));
    free(longest);
    buf_free(&b);
}

static void chunks(void **state)
{
    (void)state;
    uint8_t *plain = mem_alloc(SNAPPY_PLAIN_MAX);
    for (int noise = 0; noise < 2; noise++)
        for (size_t n = 1; n <= SNAPPY_PLAIN_MAX; n = n < 100 ? n + 1
                 : n == SNAPPY_PLAIN_MAX                      ? n + 1
                 : n * 2 < 65536                              ? n * 2
                                                              : 65536) {
            for (size_t i = 0; i < n; i++)
                plain[i] = noise ? (uint8_t)(rand() >> 7) : (uint8_t)(i / 100);
            struct buf b = {0};
            struct err e = {0};
            struct source s;
            snappy_put_identifier(&b);
            snappy_put(&b, plain, n);
            snappy_put_stored(&b, plain, n);
            assert_true(n < 64 || noise || b.n < 2 * n);
            source_bytes(&s, b.p, b.n, "chunks", 0, &e);
            source_snappy(&s, true);
            assert_true(source_need(&s, 2 * n) && source_have(&s) == 2 * n);
            assert_memory_equal(s.p, plain, n);
            assert_memory_equal(s.p + n, plain, n);
            assert_false(source_need(&s, 2 * n + 1) || e.kind);
            source_close(&s);
            buf_free(&b);
        }
    free(plain);
}

/* --- sorting --- */

struct sorted {
    struct buf last;
    uint32_t last_value;
    size_t n;
};

static bool in_order(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct sorted *s = ctx;
    (void)e;
    assert_true(value.n >= 4);
    uint32_t number = be32(value.p);
    if (s->n) {
        int c = memcmp(s->last.p, key.p, s->last.n < key.n ? s->last.n : key.n);
        assert_true(c < 0 || (c == 0 && s->last.n <= key.n));
        if (c == 0 && s->last.n == key.n)
            assert_true(s->last_value < number); /* as they came */
    }
    s->last.n = 0;
    buf_put(&s->last, key.p, key.n);
    s->last_value = number;
    s->n++;
    return true;
}

static void sorts(size_t budget, uint32_t n, unsigned keys, size_t large)
{
    struct sorter *s = sort_new(dir, budget);
    struct sorted seen = {0};
    struct err e = {0};
    struct buf value = {0};
    for (uint32_t i = 0; i < n; i++) {
        char key[20];
        int len = snprintf(key, sizeof key, "%u", keys ? (unsigned)rand() % keys : i + 10000000);
        value.n = 0;
        wr_u32(&value, i);
        for (size_t k = rand() % 100 ? (size_t)rand() % 40 : large; k; k--)
            wr_u8(&value, 'v');
        assert_true(sort_add(s, (struct bytes){(const uint8_t *)"head", 4}, (struct bytes){(uint8_t *)key, (size_t)len},
                             (struct bytes){value.p, value.n}, &e));
    }
    assert_true(sort_run(s, in_order, &seen, &e));
    assert_int_equal(seen.n, n);
    sort_free(s);
    buf_free(&value);
    buf_free(&seen.last);
}

static void sorting(void **state)
{
    (void)state;
    sorts(1 << 20, 0, 0, 0);
    sorts(1 << 20, 1, 0, 0);
    sorts(1 << 20, 3000, 500, 100);
    sorts(10000, 30000, 700, 50000); /* many runs, records larger than the budget and the windows */
    sorts(10000, 30000, 0, 100);     /* in order already: one run */
    sorts(1, 300, 20, 0);
}

/* --- keyed parts --- */

static struct keyed_header *header_of(const char *key, const char *kind, const char *ns, const char *cls, const char *a,
                                      const char *b)
{
    struct buf bytes = {0};
    u32(&bytes, 6);
    u8(&bytes, 0);
    u32(&bytes, 2);
    snapshot_of(&bytes, key, NULL, NULL);
    u16(&bytes, 2);
    keyed_info(&bytes, "first", kind, ns, cls, a, b);
    keyed_info(&bytes, "other", "VALUE", S_VOID, S_LONG, NULL, NULL);
    const char *kept = arena_strn(&arena, (const char *)bytes.p, bytes.n);
    struct rd r = rd_of(kept, bytes.n, 0);
    struct keyed_header *h = arena_alloc(&arena, sizeof *h);
    assert_true(keyed_header_read(h, &r, true, 0, NULL, &arena));
    buf_free(&bytes);
    return h;
}

static const struct meta_operator op = {.hex = "00", .parallelism = 1, .max_parallelism = 1000};

struct got {
    struct buf text; /* the entries, "group/state key|ns|user key=value;" in hex */
};

static void put_hex(struct buf *b, struct bytes v)
{
    for (size_t i = 0; i < v.n; i++)
        buf_printf(b, "%02x", v.p[i]);
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct got *g = ctx;
    assert_true(entry_split(en, e));
    buf_printf(&g->text, "%u/%s ", en->key_group, en->info->name);
    put_hex(&g->text, en->key);
    buf_puts(&g->text, "|");
    put_hex(&g->text, en->ns);
    buf_puts(&g->text, "|");
    put_hex(&g->text, en->user_key);
    buf_puts(&g->text, "=");
    put_hex(&g->text, en->value);
    buf_puts(&g->text, ";");
    return true;
}

/* Ends the part and reads it back. */
static void ends(struct keyed_out *k, const char *want)
{
    struct meta_keyed h;
    struct err e = {0};
    struct keyed_part *p;
    struct snapshot s = {.location = (char *)"_metadata", .dir = dir, .root = dir};
    struct got got = {0};
    assert_true(keyed_out_end(k, &h, &arena, &e));
    s.bytes = h.stream.inl;
    assert_true(keyed_open(&p, &s, &op, &h, &e));
    assert_true(keyed_walk(p, on_entry, &got, &e));
    assert_string_equal(buf_cstr(&got.text), want);
    keyed_close(p);
    buf_free(&got.text);
}

static struct keyed_out *part(const struct keyed_header *h, struct keyed_out_opts opts)
{
    struct keyed_out *k;
    struct err e = {0};
    const struct out_place place = {.dir = dir};
    opts.max_parallelism = op.max_parallelism;
    opts.kg_first = 300;
    opts.kg_count = 5;
    assert_true(keyed_out_open(&k, &place, h, &opts, &e));
    return k;
}

struct given {
    uint32_t group, state;
    enum entry_form form;
    const char *key, *ns, *user_key, *value; /* hex */
};

static struct bytes unhexed(const char *hex)
{
    struct buf b = {0};
    hexed(&b, hex ? hex : "");
    struct bytes v = {(const uint8_t *)arena_strn(&arena, b.n ? (const char *)b.p : "", b.n), b.n};
    buf_free(&b);
    return v;
}

static bool put(struct keyed_out *k, const struct keyed_header *h, struct given g, struct err *e)
{
    struct entry en = {.header = h,
                       .info = &h->states[g.state],
                       .key_group = g.group,
                       .form = g.form,
                       .key = unhexed(g.key),
                       .ns = unhexed(g.ns),
                       .user_key = unhexed(g.user_key),
                       .value = unhexed(g.value),
                       .file = "test"};
    return keyed_out_entry(k, &en, e);
}

static void puts_all(struct keyed_out *k, const struct keyed_header *h, const struct given *g, size_t n)
{
    struct err e = {0};
    for (size_t i = 0; i < n; i++)
        if (!put(k, h, g[i], &e))
            fail_msg("%s", e.text);
}

#define N(a) (sizeof(a) / sizeof *(a))

/* Both serializers variable: each has its length behind it in the composite key. A key of 300 bytes takes two. */
static void ambiguous_keys(void **state)
{
    (void)state;
    const struct keyed_header *h = header_of(S_STRING, "LIST", S_STRING, S_LIST, S_STRING, NULL);
    char key[2 * 302 + 1];
    memcpy(key, "ad02", 4);
    memset(key + 4, '6', 600);
    key[604] = 0;
    const struct given in[] = {{301, 0, FORM_LIST_COUNT, "0261", "0262", NULL, "00000002 0263 0264"},
                               {301, 0, FORM_LIST_COUNT, "0265", "01", NULL, "00000000"},
                               {301, 1, FORM_VALUE, "0261", "00", NULL, "0000000000000007"},
                               {304, 0, FORM_LIST_DELIM, key, "0262", NULL, "0263"}};
    char canonical[2000], heap[2000];
    snprintf(canonical, sizeof canonical,
             "301/first 0261|0262|=02632c0264;301/other 0261|00|=0000000000000007;304/first %s|0262|=0263;", key);
    snprintf(heap, sizeof heap,
             "301/first 0261|0262|=0000000202630264;301/first 0265|01|=00000000;301/other 0261|00|=0000000000000007;"
             "304/first %s|0262|=000000010263;",
             key);
    for (int compress = 0; compress < 2; compress++) {
        struct keyed_out *k = part(h, (struct keyed_out_opts){.compress = compress});
        puts_all(k, h, in, N(in));
        ends(k, canonical);
        k = part(h, (struct keyed_out_opts){.compress = compress, .form = OUT_HEAP});
        puts_all(k, h, in, N(in));
        ends(k, heap);
    }
}

/* Map entries that come apart, groups that come backwards: sorted, and a null value without the null form of the heap backend. */
static void sorted_maps(void **state)
{
    (void)state;
    const struct keyed_header *h = header_of(S_STRING, "MAP", S_VOID, S_MAP, S_STRING, S_STRING);
    const struct given in[] = {{303, 0, FORM_MAP_ENTRY, "0261", "00", "0278", "000279"},
                               {300, 1, FORM_VALUE, "0261", "00", NULL, "0000000000000001"},
                               {300, 0, FORM_MAP_ENTRY, "0262", "00", "0278", "000279"},
                               {300, 0, FORM_MAP_COUNT, "0261", "00", NULL, "00000002 0279 01 0278 00 027a"},
                               {303, 0, FORM_MAP_ENTRY, "0261", "00", "0277", "01 ffff"}};
    struct keyed_out *k = part(h, (struct keyed_out_opts){.sort = true});
    puts_all(k, h, in, N(in));
    ends(k,
         "300/first 0261|00|0278=00027a;300/first 0261|00|0279=01;300/first 0262|00|0278=000279;"
         "300/other 0261|00|=0000000000000001;303/first 0261|00|0277=01ffff;303/first 0261|00|0278=000279;");
    k = part(h, (struct keyed_out_opts){.sort = true, .form = OUT_HEAP});
    puts_all(k, h, in, N(in));
    ends(k,
         "300/first 0261|00|=0000000202780"
         "0027a027901;300/first 0262|00|=00000001027800"
         "0279;"
         "300/other 0261|00|=0000000000000001;303/first 0261|00|=00000002027701027800"
         "0279;");
}

static void does_not_take(struct keyed_out *k, const struct keyed_header *h, struct given g, const char *text)
{
    struct err e = {0};
    assert_false(put(k, h, g, &e));
    if (!strstr(e.text, text))
        fail_msg("\"%s\" is not in: %s", text, e.text);
}

static void order_and_faults(void **state)
{
    (void)state;
    const struct keyed_header *h = header_of(S_STRING, "LIST", S_VOID, S_LIST, S_STRING, NULL);
    const struct given value = {302, 1, FORM_VALUE, "0261", "00", NULL, "0000000000000007"};
    const struct given first = {302, 0, FORM_LIST_COUNT, "0261", "00", NULL, "000000010261"};
    for (int heap = 0; heap < 2; heap++) {
        struct err e = {0};
        struct keyed_out *k = part(h, (struct keyed_out_opts){.form = heap ? OUT_HEAP : OUT_CANONICAL});
        assert_true(put(k, h, value, &e) && put(k, h, first, &e));
        struct given g = first;
        g.group = 301;
        does_not_take(k, h, g, "state \"first\": key group 301 comes twice, or behind a later one");
        g.group = 305;
        does_not_take(k, h, g, "among those of 300 to 304");
        if (heap)
            does_not_take(k, h, value, "state \"other\": it comes twice in key group 302");
        g = first;
        g.form = heap ? FORM_LIST_DELIM : FORM_LIST_COUNT;
        g.value = heap ? "0261 0261" : "000000010261 00";
        does_not_take(k, h, g, heap ? "no delimiter" : "bytes left over behind a list");
        keyed_out_drop(k);
    }
    const struct keyed_header *unknown = header_of(S_STRING, "LIST", S_VOID, S_LIST, "com.example.What", NULL);
    struct keyed_out *k = part(unknown, (struct keyed_out_opts){0});
    does_not_take(k, unknown, first, "where a list's element ends cannot be told (com.example.What)");
    const struct state_info foreign = {.name = "foreign"};
    struct entry en = {.header = unknown, .info = &foreign, .key_group = 302};
    struct err e = {0};
    assert_false(keyed_out_entry(k, &en, &e));
    keyed_out_drop(k);
}

/* A database: what weir writes, weir and librocksdb read. Entries in any order, one state without any, tables that stand in the handle
 * and in files. */
static void database(void **state)
{
    (void)state;
    for (unsigned many = 0; many < 2; many++) {
        const struct keyed_header *h = header_of(S_STRING, "VALUE", S_VOID, S_LONG, NULL, NULL);
        struct keyed_out *k = part(h, (struct keyed_out_opts){.form = OUT_DATABASE, .budget = 100000});
        struct meta_keyed handle;
        struct buf want = {0};
        struct err e = {0};
        unsigned n = many ? 40000 : 3;
        for (unsigned i = 0; i < n; i++) {
            char key[16], value[20];
            unsigned shuffled = (i * 7919 + 1) % n;
            snprintf(key, sizeof key, "04%02x%02x%02x", shuffled >> 14 | 0x40, (shuffled >> 7 & 127), shuffled & 127);
            snprintf(value, sizeof value, "%016x", shuffled);
            const struct given g = {300 + shuffled % 5, 0, FORM_VALUE, key, "00", NULL, value};
            assert_true(put(k, h, g, &e));
        }
        for (unsigned group = 0; group < 5; group++)
            for (unsigned i = group; i < n; i += 5)
                buf_printf(&want, "%u/first 04%02x%02x%02x|00|=%016x;", 300 + group, i >> 14 | 0x40, i >> 7 & 127, i & 127, i);
        assert_true(keyed_out_end(k, &handle, &arena, &e));
        assert_int_equal(handle.tag, HANDLE_INCREMENTAL_V2);
        assert_int_equal(handle.n_shared, 1);
        assert_int_equal(handle.shared[0].stream.tag, many ? HANDLE_RELATIVE_FILE : HANDLE_BYTE_STREAM);

        struct native_file files[3];
        for (uint32_t i = 0; i < 3; i++) {
            const struct meta_file *f = i ? &handle.priv[i - 1] : &handle.shared[0];
            files[i] = (struct native_file){.name = f->name, .inl = f->stream.inl, .location = "inline", .size = f->stream.size};
            if (!f->stream.inl.p)
                files[i].location = arena_printf(&arena, "%s/%s", dir, f->stream.path);
        }
        for (enum native_reader reader = NATIVE_OWN; reader <= NATIVE_ROCKSDB; reader++) {
            struct got got = {0};
            const struct native_db db = {.name = "database",
                                         .n = 3,
                                         .files = files,
                                         .header = h,
                                         .kg_first = 300,
                                         .kg_count = 5,
                                         .prefix = 2,
                                         .verify = true,
                                         .reader = reader};
            if (!native_walk(&db, on_entry, &got, &e))
                fail_msg("%s", e.text);
            assert_string_equal(buf_cstr(&got.text), buf_cstr(&want));
            buf_free(&got.text);
        }
        buf_free(&want);
    }
}

/* More than a buffer's worth in one group, in one entry, and in a list. */
static void large(void **state)
{
    (void)state;
    const struct keyed_header *h = header_of(S_STRING, "VALUE", S_VOID, S_LONG, NULL, NULL);
    for (int how = 0; how < 8; how++) {
        struct keyed_out *k =
            part(h,
                 (struct keyed_out_opts){
                     .form = how & 1 ? OUT_HEAP : OUT_CANONICAL, .compress = how & 2, .sort = how & 4, .budget = 100000});
        struct buf want = {0};
        struct err e = {0};
        for (unsigned i = 0; i < 40000; i++) {
            char key[16], value[20];
            snprintf(key, sizeof key, "06%02x%02x%02x%02x%02x", 'a' + i / 10000, '0' + i / 1000 % 10, '0' + i / 100 % 10,
                     '0' + i / 10 % 10, '0' + i % 10);
            snprintf(value, sizeof value, "%016x", i);
            const struct given g = {300 + i / 20000, 0, FORM_VALUE, key, "00", NULL, value};
            assert_true(put(k, h, g, &e));
            buf_printf(&want, "%u/first %s|00|=%s;", g.group, key, value);
        }
        ends(k, buf_cstr(&want));
        buf_free(&want);
    }
}

/* --- the savepoint --- */

static unsigned entries_of(const char *path)
{
    unsigned n = 0;
    DIR *d = opendir(path);
    while (d && readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void a_savepoint(void **state)
{
    (void)state;
    struct writer *w;
    struct err e = {0};
    char target[200];
    unsigned before = entries_of(dir);
    snprintf(target, sizeof target, "%s/made///", dir);
    struct meta_master master = {.name = "hook", .version = 3, .bytes = {(const uint8_t *)"abc", 3}};
    const struct meta m = {.version = 6,
                           .checkpoint_id = 77,
                           .n_masters = 1,
                           .masters = &master,
                           .type_name = "Savepoint",
                           .format = "NATIVE",
                           .post_action = "NONE"};
    const struct meta_operator one = {.name = "One", .uid = "one", .id = {1}, .parallelism = 2, .max_parallelism = 128};
    const struct meta_operator done = {.id = {2}, .parallelism = 1, .max_parallelism = 128, .finished = true};
    assert_true(writer_open(&w, target, &m, &e));
    assert_int_equal(entries_of(dir), before + 1);
    const struct meta_subtask subtasks[] = {{.index = 0}, {.index = 1, .finished = true}};
    assert_true(writer_operator(w, &one, &e) && writer_subtask(w, &subtasks[0], &e) && writer_subtask(w, &subtasks[1], &e));
    assert_true(writer_operator(w, &done, &e));
    assert_true(writer_finish(w, &e));
    assert_int_equal(entries_of(dir), before + 1);

    struct snapshot *s;
    assert_true(snapshot_open(&s, target, NULL, &e));
    assert_int_equal(s->meta.version, 6);
    assert_int_equal(s->meta.checkpoint_id, 77);
    assert_int_equal(s->meta.n_masters, 1);
    assert_string_equal(s->meta.masters[0].name, "hook");
    assert_string_equal(s->meta.format, "NATIVE");
    assert_int_equal(s->meta.n, 2);
    assert_string_equal(s->meta.operators[0].uid, "one");
    assert_int_equal(s->meta.operators[0].n, 2);
    assert_true(s->meta.operators[0].subtasks[1].finished && s->meta.operators[1].finished);
    assert_null(s->meta.operators[1].name);
    snapshot_close(s);

    assert_false(writer_open(&w, target, &m, &e));
    assert_int_equal(e.kind, ERR_REFUSED);
    e = (struct err){0};
    snprintf(target, sizeof target, "%s/late", dir);
    assert_true(writer_open(&w, target, &m, &e));
    char *there = temp_dir_beside(target, &e);
    assert_true(temp_rename(&there, target, &e)); /* somebody else was faster */
    assert_false(writer_finish(w, &e));
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(entries_of(target), 0);
    temp_remove(there);
    writer_abort(NULL);
    assert_int_equal(entries_of(dir), before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),          cmocka_unit_test(chunks),      cmocka_unit_test(sorting),
        cmocka_unit_test(ambiguous_keys), cmocka_unit_test(sorted_maps), cmocka_unit_test(order_and_faults),
        cmocka_unit_test(database),       cmocka_unit_test(large),       cmocka_unit_test(a_savepoint)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
