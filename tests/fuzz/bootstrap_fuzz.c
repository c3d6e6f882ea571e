/* Files that states are made from (CREATE STATE): whatever stands in them, what is given is made of whole values. The first byte says which
 * state, and whether it is CSV. */
#include <string.h>

#include "migrate/bootstrap.h"
#include "savepoint/ser_write.h"
#include "savepoint/state_decode.h"
#include "savepoint/value_encode.h"
#include "tests/fuzz/fuzz.h"

static struct state_info make(struct arena *a, unsigned which)
{
    struct err e = {0};
    struct ser *pair[] = {ser_plain(a, "Integer"), ser_plain(a, "String")};
    const struct ser_field fields[] = {{.name = "amount", .ser = ser_plain(a, "BigDecimal")},
                                       {.name = "seen", .ser = ser_plain(a, "Boolean")}};
    struct ser *value = which & 1 ? ser_tuple(a, pair, 2) : ser_pojo(a, "a.B", fields, 2);
    if (which & 2)
        value = ser_ttl(a, value);
    struct state_info info = {.name = "s", .ns = which & 4 ? ser_plain(a, "TimeWindow") : NULL};
    info.kind = which & 8 ? KIND_LIST : which & 16 ? KIND_MAP : KIND_VALUE;
    info.value = info.kind == KIND_LIST ? ser_list(a, value)
        : info.kind == KIND_MAP         ? ser_map(a, ser_plain(a, "Long"), value)
                                        : value;
    if (!state_info_make(a, &info, &e))
        __builtin_trap();
    return info;
}

static void whole(const struct ser *s, struct bytes b)
{
    struct rd r = rd_of(b.p, b.n, 0);
    ser_read(s, &r, NULL);
    if (!rd_live(&r) || rd_left(&r))
        __builtin_trap();
}

static bool given(void *ctx, struct entry *en, struct err *e)
{
    struct value_sink *sink = ctx;
    struct value v;
    whole(en->header->key, en->key);
    if (en->info->has_ns)
        whole(en->info->ns, en->ns);
    if (en->form == FORM_MAP_ENTRY)
        whole(en->info->user_key, en->user_key);
    if (!value_decode_as(sink, en, &v, e))
        __builtin_trap();
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct arena a = {0}, values = {0};
    struct err e = {0};
    struct value_sink sink;
    struct draft_count count = {0};
    const struct state_info info = make(&a, data[0]);
    const struct keyed_header header = {.key = ser_plain(&a, "String")};
    const struct draft_state st = {.name = "s",
                                   .info = &info,
                                   .file = "file",
                                   .csv = data[0] & 32,
                                   .count = &count,
                                   .type = {.kind = info.kind, .ns = info.has_ns ? info.ns : NULL}};
    FILE *f = fmemopen((void *)(data + 1), size - 1, "r");
    value_sink_init(&sink, &values);
    if (f && bootstrap_read(f, &st, &header, given, &sink, &e) != (e.kind == ERR_NONE))
        __builtin_trap();
    if (f)
        fclose(f);
    value_sink_free(&sink);
    arena_free(&values);
    arena_free(&a);
    return 0;
}
