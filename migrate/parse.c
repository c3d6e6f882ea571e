/* Statements of the migration language: recursive descent, one function a form. */
#include "migrate/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { MAX_PARALLELISM = 1 << 15 };

static bool operator_name(struct parser *p, struct stmt *st) { return parse_name(p, "an operator's uid, name or id", &st->op); }

static bool state_name(struct parser *p, struct stmt *st)
{
    return operator_name(p, st) && parse_need(p, ".") && parse_name(p, "a state's name", &st->state);
}

static bool parallelism(struct parser *p, struct stmt *st)
{
    return parse_number(p, "a parallelism", 1, MAX_PARALLELISM, &st->number);
}

static bool max_parallelism(struct parser *p, struct stmt *st)
{
    return parse_need(p, "PARALLELISM") && parse_number(p, "a maximum parallelism", 1, MAX_PARALLELISM, &st->number);
}

static bool operator_id(struct parser *p, struct stmt *st)
{
    if (!parse_text(p, "an operator's id: 32 hexadecimal digits", &st->to))
        return false;
    return (strlen(st->to.text) == 32 && strspn(st->to.text, "0123456789abcdef") == 32) ||
        script_fault(p->s, st->to.where, p->e, "an operator's id has 32 hexadecimal digits, in small letters");
}

static bool alter_operator(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"RENAME", "SET", NULL}, *const what[] = {"PARALLELISM", "MAX", NULL};
    size_t which;
    if (!operator_name(p, st) || !parse_one_of(p, words, "RENAME TO or SET", &which))
        return false;
    if (!which) {
        st->kind = STMT_OPERATOR_RENAME;
        return parse_need(p, "TO") && parse_take(p, "ID", &st->by_id) &&
            (st->by_id ? operator_id(p, st) : parse_name(p, "the new uid", &st->to));
    }
    if (!parse_one_of(p, what, "PARALLELISM or MAX PARALLELISM", &which))
        return false;
    st->kind = which ? STMT_OPERATOR_MAX_PARALLELISM : STMT_OPERATOR_PARALLELISM;
    return which ? max_parallelism(p, st) : parallelism(p, st);
}

/* [FIRST | AFTER f] */
static bool position(struct parser *p, struct stmt *st)
{
    bool after;
    if (!parse_take(p, "FIRST", &st->first) || st->first || !parse_take(p, "AFTER", &after))
        return p->e->kind == ERR_NONE;
    return !after || parse_name(p, "a field's name", &st->after);
}

/* ADD FIELD f TYPE [DEFAULT e] [FIRST | AFTER g] */
static bool add_field(struct parser *p, struct stmt *st)
{
    bool value;
    st->kind = STMT_FIELD_ADD;
    return parse_need(p, "FIELD") && parse_path(p, &st->field) && parse_type(p, &st->type) && parse_take(p, "DEFAULT", &value) &&
        (!value || parse_expr(p, &st->value)) && position(p, st);
}

/* ALTER FIELD f | VALUE | USER_KEY TYPE t [USING e] */
static bool alter_field(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"FIELD", "VALUE", "USER_KEY", NULL}, *const roots[] = {NULL, "value", "user_key"};
    struct place_in where = p->t.where;
    size_t which;
    bool value;
    st->kind = STMT_FIELD_TYPE;
    if (!parse_one_of(p, words, "FIELD, VALUE or USER_KEY", &which))
        return false;
    if (which) {
        st->field = (struct path){.n = 1, .parts = arena_alloc(p->a, sizeof *st->field.parts), .where = where};
        st->field.parts[0] = (struct path_part){.field = roots[which], .where = where};
    } else if (!parse_path(p, &st->field)) {
        return false;
    }
    return parse_need(p, "TYPE") && parse_type(p, &st->type) && parse_take(p, "USING", &value) &&
        (!value || parse_expr(p, &st->value));
}

static bool rename_in_state(struct parser *p, struct stmt *st)
{
    bool field;
    if (!parse_take(p, "FIELD", &field))
        return false;
    st->kind = field ? STMT_FIELD_RENAME : STMT_STATE_RENAME;
    return (!field || parse_path(p, &st->field)) && parse_need(p, "TO") &&
        parse_name(p, field ? "the field's new name" : "the state's new name", &st->to);
}

static bool move_field(struct parser *p, struct stmt *st)
{
    st->kind = STMT_FIELD_MOVE;
    return parse_need(p, "FIELD") && parse_path(p, &st->field) && position(p, st) &&
        (st->first || st->after.text || parse_expected(p, "FIRST or AFTER"));
}

static bool drop_in_state(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"FIELD", "TTL", NULL};
    size_t which;
    if (!parse_one_of(p, words, "FIELD or TTL", &which))
        return false;
    st->kind = which ? STMT_TTL_DROP : STMT_FIELD_DROP;
    return which || parse_path(p, &st->field);
}

static bool set_ttl(struct parser *p, struct stmt *st)
{
    bool at;
    st->kind = STMT_TTL_SET;
    return parse_need(p, "TTL") && parse_take(p, "AT", &at) && (!at || parse_expr(p, &st->value));
}

/* CONVERT TO LIST | VALUE */
static bool convert(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"LIST", "VALUE", NULL};
    size_t which;
    st->kind = STMT_CONVERT;
    if (!parse_need(p, "TO") || !parse_one_of(p, words, "LIST or VALUE", &which))
        return false;
    st->word = words[which];
    return true;
}

typedef bool form_fn(struct parser *p, struct stmt *st);

static bool alter_state(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"ADD", "ALTER", "CONVERT", "DROP", "MOVE", "RENAME", "SET", NULL};
    static form_fn *const forms[] = {add_field, alter_field, convert, drop_in_state, move_field, rename_in_state, set_ttl};
    size_t which;
    return state_name(p, st) && parse_one_of(p, words, "ADD, ALTER, CONVERT, DROP, MOVE, RENAME or SET", &which) &&
        forms[which](p, st);
}

/* [word t] */
static bool typed(struct parser *p, const char *word, struct type **to)
{
    bool there;
    return parse_take(p, word, &there) && (!there || parse_type(p, to));
}

/* FROM 'file' [FORMAT JSON | CSV] */
static bool from_file(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"JSON", "CSV", NULL};
    bool format;
    size_t which;
    if (!parse_need(p, "FROM") || !parse_text(p, "a file of JSON, a line for each key, or of CSV", &st->from) ||
        !parse_take(p, "FORMAT", &format))
        return false;
    if (!format)
        return true;
    if (!parse_one_of(p, words, "JSON or CSV", &which))
        return false;
    st->number = which ? FILE_CSV : FILE_JSON;
    return true;
}

/* CREATE STATE s VALUE t | LIST t | MAP k TO v | REDUCING t | AGGREGATING t [NAMESPACE t] [TTL] [KEY t] FROM 'file' [FORMAT f] */
static bool create(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"VALUE", "LIST", "MAP", "REDUCING", "AGGREGATING", NULL};
    size_t which;
    st->kind = STMT_STATE_CREATE;
    if (!parse_need(p, "STATE") || !state_name(p, st) ||
        !parse_one_of(p, words, "VALUE, LIST, MAP, REDUCING or AGGREGATING", &which))
        return false;
    st->word = words[which];
    if (*st->word == 'M' && (!parse_type(p, &st->key_type) || !parse_need(p, "TO")))
        return false;
    return parse_type(p, &st->type) && typed(p, "NAMESPACE", &st->ns) && parse_take(p, "TTL", &st->on) &&
        typed(p, "KEY", &st->op_key) && from_file(p, st);
}

/* RENAME CLASS 'a' TO 'b' [IN op[.state]] */
static bool rename_class(struct parser *p, struct stmt *st)
{
    bool in, dot;
    st->kind = STMT_CLASS_RENAME;
    if (!parse_need(p, "CLASS") || !parse_text(p, "a class, as 'com.acme.Order'", &st->from) || !parse_need(p, "TO") ||
        !parse_text(p, "the class's new name", &st->to) || !parse_take(p, "IN", &in))
        return false;
    if (!in)
        return true;
    return operator_name(p, st) && parse_take(p, ".", &dot) && (!dot || parse_name(p, "a state's name", &st->state));
}

static bool alter(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"OPERATOR", "STATE", NULL};
    size_t which;
    return parse_one_of(p, words, "OPERATOR or STATE", &which) && (which ? alter_state(p, st) : alter_operator(p, st));
}

static bool drop(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"OPERATOR", "STATE", NULL};
    size_t which;
    if (!parse_one_of(p, words, "OPERATOR or STATE", &which))
        return false;
    st->kind = which ? STMT_STATE_DROP : STMT_OPERATOR_DROP;
    return which ? state_name(p, st) : operator_name(p, st);
}

/* Takes one of the words and keeps it. */
static bool keep_word(struct parser *p, struct stmt *st, const char *const *words, const char *what)
{
    size_t which;
    if (!parse_one_of(p, words, what, &which))
        return false;
    st->word = words[which];
    return true;
}

/* SET OFFSETS OF op [TOPIC t [PARTITION n] | FILE f] TO [RECORD] n */
static bool set_offsets(struct parser *p, struct stmt *st)
{
    bool topic, file = false, partition = false;
    st->kind = STMT_OFFSETS;
    st->partition = -1;
    if (!parse_need(p, "OF") || !operator_name(p, st) || !parse_take(p, "TOPIC", &topic) ||
        (!topic && !parse_take(p, "FILE", &file)))
        return false;
    st->word = topic ? "TOPIC" : file ? "FILE" : NULL;
    if ((topic && (!parse_name(p, "a topic", &st->from) || !parse_take(p, "PARTITION", &partition))) ||
        (file && !parse_text(p, "a file's path", &st->from)))
        return false;
    if (partition && !parse_number(p, "a partition", 0, INT32_MAX, &st->partition))
        return false;
    return parse_need(p, "TO") && (topic || parse_take(p, "RECORD", &st->on)) &&
        parse_number(p, "an offset", 0, INT64_MAX, &st->number);
}

static bool set(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"PARALLELISM", "MAX", "FORMAT", "COMPRESSION", "FLINK", "OFFSETS", NULL};
    static const char *const formats[] = {"CANONICAL", "HASHMAP", "ROCKSDB", NULL}, *const switches[] = {"ON", "OFF", NULL};
    static const enum stmt_kind kinds[] = {STMT_PARALLELISM, STMT_MAX_PARALLELISM, STMT_FORMAT,
                                           STMT_COMPRESSION, STMT_FLINK,           STMT_OFFSETS};
    size_t which;
    if (!parse_one_of(p, words, "PARALLELISM, MAX PARALLELISM, FORMAT, COMPRESSION, FLINK or OFFSETS", &which))
        return false;
    st->kind = kinds[which];
    switch (st->kind) {
    case STMT_PARALLELISM:
        return parallelism(p, st);
    case STMT_MAX_PARALLELISM:
        return max_parallelism(p, st);
    case STMT_FORMAT:
        return keep_word(p, st, formats, "CANONICAL, HASHMAP or ROCKSDB");
    case STMT_OFFSETS:
        return set_offsets(p, st);
    case STMT_COMPRESSION:
        return keep_word(p, st, switches, "ON or OFF");
    default:
        return parse_text(p, "a version of Flink, as '1.20'", &st->to);
    }
}

static bool where(struct parser *p, struct stmt *st) { return parse_need(p, "WHERE") && parse_expr(p, &st->condition); }

static bool delete (struct parser *p, struct stmt *st)
{
    st->kind = STMT_ROWS_DELETE;
    return parse_need(p, "FROM") && state_name(p, st) && where(p, st);
}

static bool keep(struct parser *p, struct stmt *st)
{
    st->kind = STMT_ROWS_KEEP;
    return parse_need(p, "IN") && state_name(p, st) && where(p, st);
}

static struct assignment *add_assignment(struct parser *p, struct stmt *st)
{
    if (!(st->n_sets & (st->n_sets - 1))) {
        struct assignment *more = arena_array(p->a, st->n_sets ? (size_t)st->n_sets * 2 : 1, sizeof *more);
        if (st->n_sets)
            memcpy(more, st->sets, st->n_sets * sizeof *more);
        st->sets = more;
    }
    return &st->sets[st->n_sets++];
}

static bool update(struct parser *p, struct stmt *st)
{
    bool more;
    st->kind = STMT_ROWS_UPDATE;
    if (!state_name(p, st) || !parse_need(p, "SET"))
        return false;
    do {
        struct assignment a = {0};
        if (!parse_path(p, &a.to) || !parse_need(p, "=") || !parse_expr(p, &a.value) || !parse_take(p, ",", &more))
            return false;
        *add_assignment(p, st) = a;
    } while (more);
    return !parse_is(p, "WHERE") || where(p, st);
}

/* MERGE [OPERATOR 'a'] FROM 'snapshot' [AS 'b'] */
static bool merge(struct parser *p, struct stmt *st)
{
    bool one, as;
    st->kind = STMT_MERGE;
    if (!parse_take(p, "OPERATOR", &one) || (one && !operator_name(p, st)) || !parse_need(p, "FROM") ||
        !parse_text(p, "the location of a snapshot", &st->from) || !parse_take(p, "AS", &as))
        return false;
    if (as && !one)
        return script_fault(p->s, p->t.where, p->e, "AS names one operator: MERGE OPERATOR 'uid' FROM … AS 'new uid'");
    return !as || parse_name(p, "the uid that it gets", &st->to);
}

static bool relocate(struct parser *p, struct stmt *st)
{
    st->kind = STMT_RELOCATE;
    return parse_need(p, "FROM") && parse_text(p, "what paths begin with now", &st->from) && parse_need(p, "TO") &&
        parse_text(p, "what they are to begin with", &st->to);
}

static bool statement(struct parser *p, struct stmt *st)
{
    static const char *const words[] = {"ALTER",    "CREATE", "DELETE", "DROP",   "KEEP", "MERGE",
                                        "RELOCATE", "RENAME", "SET",    "UPDATE", NULL};
    static form_fn *const forms[] = {alter, create, delete, drop, keep, merge, relocate, rename_class, set, update};
    uint32_t at = p->t.where.at;
    size_t which;
    p->nodes = 0;
    if (!parse_one_of(p, words, "a statement", &which) || !forms[which](p, st))
        return false;
    st->where = parse_since(p, at);
    return parse_need(p, ";");
}

/* "weir migration 1", without a semicolon. */
static bool head(struct parser *p)
{
    int64_t version;
    if (!parse_is(p, "weir"))
        return parse_expected(p, "\"weir migration 1\" in the first line");
    return parse_advance(p) && parse_need(p, "migration") &&
        parse_number(p, "the version of the language", 1, INT32_MAX, &version) &&
        (version == 1 ||
         script_fault(p->s, (struct place_in){p->end - 1, 1}, p->e, "this weir knows version 1 of the language, not %lld",
                      (long long)version));
}

static bool is_text(struct script *s, struct err *e)
{
    for (size_t i = 0; i < s->text.n;) {
        uint32_t code;
        unsigned n = utf8_next(s->text.p + i, s->text.n - i, &code);
        if (!n || !code || utf8_surrogate(code))
            return script_fault(s, (struct place_in){(uint32_t)i, 1}, e, "a byte that is no text (UTF-8)");
        i += n;
    }
    return true;
}

bool script_parse(struct script *s, struct bytes text, const char *name, struct err *e)
{
    *s = (struct script){.name = name, .text = text};
    struct parser p = {.s = s, .a = &s->arena, .e = e};
    if (text.n > SCRIPT_MAX)
        return err_set(e, ERR_LIMIT, "%s: larger than 4 MiB, which no script is", name);
    if (!is_text(s, e))
        return false;
    if (!lex(s, 0, &p.t, e))
        return false;
    if (p.t.kind == TOKEN_END)
        return true; /* nothing is to be done */
    if (!head(&p))
        return false;
    size_t cap = 0;
    while (p.t.kind != TOKEN_END) {
        if (s->n == cap) {
            struct stmt *more = arena_array(&s->arena, cap = cap ? cap * 2 : 16, sizeof *more);
            if (s->n)
                memcpy(more, s->stmts, s->n * sizeof *more);
            s->stmts = more;
        }
        if (!statement(&p, &s->stmts[s->n++]))
            return false;
    }
    return true;
}
