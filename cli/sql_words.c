#include "cli/sql_words.h"

#include <string.h>
#include <strings.h>

#include "sql/lex.h"

static const char *const words[] = {
    "SELECT",    "FROM",      "WHERE",   "GROUP",    "ORDER",      "HAVING",    "LIMIT",     "DISTINCT",      "UNION",
    "VALUES",    "WITH",      "JOIN",    "LEFT",     "RIGHT",      "FULL",      "INNER",     "CROSS",         "BETWEEN",
    "INTERVAL",  "CASE",      "WHEN",    "THEN",     "ELSE",       "CAST",      "EXISTS",    "PARTITION",     "OVER",
    "PRECEDING", "UNBOUNDED", "CURRENT", "INSERT",   "INTO",       "CREATE",    "TEMPORARY", "TABLE",         "VIEW",
    "DROP",      "WATERMARK", "PRIMARY", "ENFORCED", "DESCRIPTOR", "TUMBLE",    "CUMULATE",  "SESSION",       "UNNEST",
    "DESCRIBE",  "EXPLAIN",   "SHOW",    "TABLES",   "VIEWS",      "FUNCTIONS", "CATALOGS",  "DATABASES",     "EXECUTE",
    "STATEMENT", "RESET",     "BIGINT",  "BOOLEAN",  "DECIMAL",    "DOUBLE",    "TIMESTAMP", "TIMESTAMP_LTZ", "STRING",
    "VARCHAR",   "INTEGER",
#define SIG(name, plan, syntax, args, result) name,
#include "sql/signatures.def"
#undef SIG
#define AGG(name, plan, syntax, args, result) name,
#define WIN(name, plan, syntax, args, result) name,
#include "sql/aggregates.def"
#undef AGG
#undef WIN
};

static bool bare(const char *name)
{
    if (!*name || (*name >= '0' && *name <= '9'))
        return false;
    for (; *name; name++)
        if (*name != '_' && !(*name >= '0' && *name <= '9') && !((*name | 32) >= 'a' && (*name | 32) <= 'z'))
            return false;
    return true;
}

/* A name may stand there several times: only its first place counts. */
static bool named_before(const struct catalog *c, uint32_t table, uint32_t column)
{
    const char *name = c->tables[table].t.columns[column].name;
    for (uint32_t i = 0; i <= table; i++) {
        uint32_t n = i < table ? c->tables[i].t.n : column;
        for (uint32_t k = 0; k < n; k++)
            if (!strcmp(c->tables[i].t.columns[k].name, name))
                return true;
    }
    return false;
}

const char *sql_word(const struct catalog *c, size_t i)
{
    for (uint32_t t = 0; t < c->n; t++)
        if (bare(c->tables[t].t.name) && !i--)
            return c->tables[t].t.name;
    for (uint32_t t = 0; t < c->n; t++)
        for (uint32_t k = 0; k < c->tables[t].t.n; k++)
            if (bare(c->tables[t].t.columns[k].name) && !named_before(c, t, k) && !i--)
                return c->tables[t].t.columns[k].name;
    enum { WORDS = sizeof words / sizeof *words };
    static const char *once[WORDS]; /* some functions are keywords, too */
    static size_t n;
    for (size_t k = 0, all = n ? 0 : WORDS; k < all; k++) {
        size_t same = 0;
        while (same < n && strcmp(once[same], words[k]) != 0)
            same++;
        if (same == n && bare(words[k]))
            once[n++] = words[k];
    }
    return i < n ? once[i] : NULL;
}

static bool is_word(const struct token *t, const char *word) { return t->kind == TOKEN_WORD && !strcasecmp(t->text, word); }

bool sql_is_whole(struct bytes text)
{
    struct arena a = {0};
    const struct token *t = lex_all(&a, text), *last = NULL, *before = NULL;
    bool set = false, begun = true;
    for (; t->kind != TOKEN_END && t->kind != TOKEN_FAULT; t++) {
        const struct token *x = is_word(t, "EXECUTE") ? t + 1 : t;
        if (begun && (is_word(x, "STATEMENT") || (is_word(t, "BEGIN") && is_word(t + 1, "STATEMENT"))))
            set = true;
        begun = t->kind == TOKEN_SIGN && !strcmp(t->text, ";");
        before = last;
        last = t;
    }
    bool semicolon = last && last->kind == TOKEN_SIGN && !strcmp(last->text, ";");
    bool whole = semicolon && t->kind == TOKEN_END && (!set || (before && is_word(before, "END")));
    arena_free(&a);
    return whole;
}
