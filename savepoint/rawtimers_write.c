#include "savepoint/rawtimers_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "savepoint/out_file.h"
#include "savepoint/ser_write.h"
#include "savepoint/write_sort.h"

enum { TIMERS_VERSION = 2, QUEUES = 2, HEAD = 5 /* u16 key group, u16 service, u8 queue */, TIME = 8, SERVICES = UINT16_MAX };

/* Its name and serializers, as they stand in each key group. */
struct service {
    struct buf head;
    char *name;
    uint32_t *counts; /* by key group and queue */
};

struct rawtimers_out {
    const struct out_place *place;
    int32_t kg_first;
    uint32_t kg_count;
    struct sorter *sorter;
    struct service *services;
    uint32_t n_services;
    struct out_file file;
    uint8_t *offsets;
    uint32_t next; /* of key group, service and queue: the first that has not begun */
};

struct rawtimers_out *rawtimers_out_open(const struct out_place *place, int32_t kg_first, uint32_t kg_count, size_t budget)
{
    struct rawtimers_out *o = mem_zalloc(sizeof *o);
    *o = (struct rawtimers_out){.place = place, .kg_first = kg_first, .kg_count = kg_count};
    o->sorter = sort_new(place->dir, budget);
    out_open(&o->file, place->dir, place->inline_max ? place->inline_max : OUT_INLINE);
    return o;
}

/* "_timer_state/event_<service>" or "_timer_state/processing_<service>" (rawtimers.h) */
static const char *service_name(const struct entry *en, uint32_t *queue)
{
    static const char *const queues[QUEUES] = {"_timer_state/event_", "_timer_state/processing_"};
    for (*queue = 0; *queue < QUEUES; ++*queue) {
        size_t n = strlen(queues[*queue]);
        if (!strncmp(en->info->name, queues[*queue], n))
            return en->info->name + n;
    }
    return NULL;
}

/* The service by its name. Flink has one of a name, with the serializers that all of its key groups agree on. */
static bool find_service(struct rawtimers_out *o, const char *name, const struct ser *timer, uint32_t *i, struct err *e)
{
    struct buf head = {0};
    bool ok = (wr_utfz(&head, name) || err_set(e, ERR_UNSUPPORTED, "a timer service of a name that is too long")) &&
        ser_put(timer->kids[0], &head, e) && ser_put(timer->kids[1], &head, e);
    for (*i = 0; ok && *i < o->n_services && strcmp(o->services[*i].name, name) != 0;)
        ++*i;
    if (ok && *i < o->n_services) {
        const struct buf *have = &o->services[*i].head;
        ok = (have->n == head.n && !memcmp(have->p, head.p, head.n)) ||
            err_set(e, ERR_UNSUPPORTED, "timer service \"%s\": the key groups do not agree on its serializers", name);
    } else if (ok && o->n_services == SERVICES) {
        ok = err_set(e, ERR_LIMIT, "more than 65535 timer services");
    } else if (ok) {
        o->services = mem_grow(o->services, o->n_services + (size_t)1, sizeof *o->services);
        o->services[o->n_services++] = (struct service){
            .head = head, .name = mem_strdup(name), .counts = mem_zalloc((size_t)o->kg_count * QUEUES * sizeof(uint32_t))};
        return true;
    }
    buf_free(&head);
    return ok;
}

bool rawtimers_out_entry(struct rawtimers_out *o, const struct entry *en, struct err *e)
{
    uint32_t queue, service, group = en->key_group - (uint32_t)o->kg_first;
    const char *name = service_name(en, &queue);
    if (en->why || !name || en->form != FORM_TIMER || en->value.n < TIME || en->info->value->n != 2)
        return err_set(e, ERR_UNSUPPORTED, "%s", en->why ? en->why : "timers of a form that is not known");
    if (group >= o->kg_count)
        return err_set(e, ERR_CORRUPT, "a timer of key group %u among those of %d to %d", en->key_group, o->kg_first,
                       o->kg_first + (int32_t)o->kg_count - 1);
    if (!find_service(o, name, en->info->value, &service, e))
        return false;
    const uint8_t head[HEAD] = {(uint8_t)(group >> 8), (uint8_t)group, (uint8_t)(service >> 8), (uint8_t)service, (uint8_t)queue};
    uint32_t *count = &o->services[service].counts[group * QUEUES + queue];
    if (*count == INT32_MAX)
        return err_set(e, ERR_LIMIT, "more than 2^31 timers in one key group");
    ++*count;
    return sort_add(o->sorter, (struct bytes){head, HEAD}, en->value, (struct bytes){0}, e);
}

static bool put(struct rawtimers_out *o, struct buf *b, struct err *e)
{
    bool ok = out_put(&o->file, b->p, b->n, e);
    buf_free(b);
    return ok;
}

static bool has_timers(const struct rawtimers_out *o, uint32_t group)
{
    for (uint32_t i = 0; i < o->n_services; i++)
        if (o->services[i].counts[group * QUEUES] || o->services[i].counts[group * QUEUES + 1])
            return true;
    return false;
}

/* Heads of queues that stand before this one and have no timers, and its own. */
static bool begin(struct rawtimers_out *o, uint32_t at, struct err *e)
{
    uint32_t per_group = o->n_services * QUEUES;
    for (; o->next < at; o->next++) {
        uint32_t group = o->next / per_group, service = o->next % per_group / QUEUES, queue = o->next % QUEUES;
        struct buf b = {0};
        if (!has_timers(o, group))
            continue;
        if (!service && !queue) {
            uint64_t offset = __builtin_bswap64(out_pos(&o->file));
            memcpy(o->offsets + (size_t)8 * group, &offset, sizeof offset);
            wr_bytes(&b, (struct bytes){(const uint8_t *)"\xf1\xcd\x85\x9f", 4}); /* PostVersionedIOReadableWritable */
            wr_i32(&b, TIMERS_VERSION);
            wr_u32(&b, o->n_services);
        }
        if (!queue)
            wr_bytes(&b, (struct bytes){o->services[service].head.p, o->services[service].head.n});
        wr_u32(&b, o->services[service].counts[group * QUEUES + queue]);
        if (!put(o, &b, e))
            return false;
    }
    return true;
}

/* The managed queues' form: time with its sign turned, key, namespace; here the time stands behind them. */
static bool put_timer(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct rawtimers_out *o = ctx;
    struct buf b = {0};
    (void)value;
    uint32_t at = (be16(key.p) * o->n_services + be16(key.p + 2)) * QUEUES + key.p[4];
    if (!begin(o, at + 1, e))
        return false;
    wr_bytes(&b, (struct bytes){key.p + HEAD + TIME, key.n - HEAD - TIME});
    wr_u64(&b, be64(key.p + HEAD) ^ UINT64_C(1) << 63);
    return put(o, &b, e);
}

bool rawtimers_out_end(struct rawtimers_out *o, struct meta_keyed *h, struct arena *a, struct err *e)
{
    *h = (struct meta_keyed){.tag = HANDLE_NULL};
    o->offsets = arena_alloc(a, (size_t)8 * o->kg_count);
    memset(o->offsets, 0xff, (size_t)8 * o->kg_count); /* KeyGroupRangeOffsets.NO_OFFSET */
    bool ok = !o->n_services || (sort_run(o->sorter, put_timer, o, e) && begin(o, o->kg_count * o->n_services * QUEUES, e));
    if (ok && o->n_services) {
        *h = (struct meta_keyed){.tag = HANDLE_KEY_GROUPS_V2,
                                 .kg_first = o->kg_first,
                                 .kg_count = o->kg_count,
                                 .offsets = o->offsets,
                                 .id = arena_str(a, uuid_random().s)};
        ok = out_end(&o->file, &h->stream, a, e);
    }
    rawtimers_out_drop(o);
    return ok;
}

void rawtimers_out_drop(struct rawtimers_out *o)
{
    if (!o)
        return;
    for (uint32_t i = 0; i < o->n_services; i++) {
        buf_free(&o->services[i].head);
        free(o->services[i].name);
        free(o->services[i].counts);
    }
    free(o->services);
    sort_free(o->sorter);
    out_drop(&o->file);
    free(o);
}
