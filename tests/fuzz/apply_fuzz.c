/* A script that is applied to a snapshot, both hostile: text up to the first NUL, then a _metadata with its state inline. What a draft
 * and a trial of it say must be right or an error; nothing is written. */
#include <string.h>

#include "migrate/changes.h"
#include "migrate/run.h"
#include "tests/fuzz/fuzz.h"

/* Other files and snapshots are no part of the input; databases are files. */
static bool is_alone(const struct script *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->stmts[i].kind == STMT_MERGE || s->stmts[i].kind == STMT_STATE_CREATE ||
            (s->stmts[i].kind == STMT_FORMAT && !strcmp(s->stmts[i].word, "ROCKSDB")))
            return false;
    return true;
}

static void migrate(struct snapshot *s, struct script *script, struct err *e)
{
    static const struct tree_opts look = {.depth = TREE_QUICK, .jobs = 1};
    const struct names names = {0};
    struct changes changes = {0};
    struct draft d;
    const struct run_opts opts = {.jobs = 1, .on_error = (enum on_error)(script->text.n % 3), .now = 1700000000000};
    if (draft_open(&d, s, &names, "fuzz", &look, e) && draft_apply(&d, script, e) && draft_end(&d, e) &&
        changes_of(&changes, &d, e) && !run_draft(&d, &opts, e) && !e->kind)
        __builtin_trap();
    changes_free(&changes);
    draft_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    if (!end)
        return 0;
    const size_t n = (size_t)(end - data);
    struct snapshot s = {.location = "fuzz/_metadata", .dir = "fuzz", .root = "fuzz", .bytes = {end + 1, size - n - 1}};
    struct script script;
    struct err e = {0};
    if (script_parse(&script, (struct bytes){data, n}, "script", &e) && is_alone(&script) &&
        meta_read(&s.meta, s.bytes, s.location, &s.arena, &e))
        migrate(&s, &script, &e);
    script_free(&script);
    arena_free(&s.arena);
    return 0;
}
