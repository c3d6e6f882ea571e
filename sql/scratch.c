#include "sql/scratch.h"

#include <stdlib.h>

enum { CHUNK = 64 << 10 };

struct scratch_chunk {
    struct scratch_chunk *next;
    size_t size;
    _Alignas(16) uint8_t data[];
};

void *scratch_more(struct scratch *s, size_t n)
{
    struct scratch_chunk *c = s->spare;
    if (c && c->size >= n) {
        s->spare = c->next;
    } else {
        size_t size = n > CHUNK ? n : CHUNK;
        c = mem_alloc(sizeof *c + size);
        c->size = size;
    }
    c->next = s->chunk;
    s->chunk = c;
    s->p = c->data + n;
    s->end = c->data + c->size;
    return c->data;
}

static void drop(struct scratch_chunk *c)
{
    while (c) {
        struct scratch_chunk *next = c->next;
        free(c);
        c = next;
    }
}

/* What was needed once may be needed again; a chunk that one huge value had is given back. */
void scratch_reset(struct scratch *s)
{
    while (s->chunk) {
        struct scratch_chunk *c = s->chunk;
        s->chunk = c->next;
        if (c->size > CHUNK) {
            free(c);
            continue;
        }
        c->next = s->spare;
        s->spare = c;
    }
    s->p = s->end = NULL;
}

void scratch_free(struct scratch *s)
{
    drop(s->chunk);
    drop(s->spare);
    *s = (struct scratch){0};
}
