/* What the words of types mean, as serializers and as types of Flink SQL. */
#include <string.h>

#include "base/nearest.h"
#include "migrate/retype.h"
#include "savepoint/ser_write.h"

/* The serializer's name for weir (ser_plain); the SQL type, by root. */
static const struct {
    const char *word, *plain;
    enum lroot root;
} words[] = {{"BOOLEAN", "Boolean", L_BOOLEAN},
             {"TINYINT", "Byte", L_TINYINT},
             {"SMALLINT", "Short", L_SMALLINT},
             {"INT", "Integer", L_INTEGER},
             {"INTEGER", "Integer", L_INTEGER},
             {"BIGINT", "Long", L_BIGINT},
             {"FLOAT", "Float", L_FLOAT},
             {"DOUBLE", "Double", L_DOUBLE},
             {"CHAR", "Character", L_CHAR},
             {"STRING", "String", L_VARCHAR},
             {"VARCHAR", "String", L_VARCHAR},
             {"DECIMAL", "BigDecimal", L_DECIMAL},
             {"BIGINTEGER", "BigInteger", L_UNKNOWN},
             {"DATE", "LocalDate", L_DATE},
             {"TIME", "LocalTime", L_TIME},
             {"TIMESTAMP", "LocalDateTime", L_TIMESTAMP},
             {"TIMESTAMP_LTZ", "Instant", L_TIMESTAMP_LTZ},
             {"INSTANT", "Instant", L_UNKNOWN},
             {"BYTES", "byte[]", L_VARBINARY},
             {"WINDOW", "TimeWindow", L_UNKNOWN},
             {"GLOBAL_WINDOW", "GlobalWindow", L_UNKNOWN},
             {"LIST", NULL, L_UNKNOWN},
             {"SET", NULL, L_UNKNOWN},
             {"MAP", NULL, L_MAP},
             {"ARRAY", NULL, L_ARRAY},
             {"ROW", NULL, L_ROW},
             {"TUPLE", NULL, L_UNKNOWN},
             {"NULLABLE", NULL, L_UNKNOWN},
             {"KRYO", NULL, L_UNKNOWN},
             {"POJO", NULL, L_UNKNOWN},
             {"ENUM", NULL, L_UNKNOWN}};
enum { WORDS = sizeof words / sizeof *words };

static const char *word_at(const void *ctx, size_t i)
{
    (void)ctx;
    return i < WORDS ? words[i].word : NULL;
}

static size_t find(struct script *s, const struct type *t, struct err *e)
{
    size_t i = 0;
    while (i < WORDS && strcmp(words[i].word, t->word.text) != 0)
        i++;
    if (i == WORDS) {
        const char *meant = nearest_name(t->word.text, word_at, NULL);
        script_fault(s, t->word.where, e, "there is no type %s%s%s%s", t->word.text, meant ? "; did you mean " : "",
                     meant ? meant : "", meant ? "?" : "");
    }
    return i;
}

static bool need_kids(struct script *s, const struct type *t, uint32_t n, struct err *e)
{
    return t->n == n || script_fault(s, t->where, e, "%s has %u type%s between < and >", t->word.text, n, n == 1 ? "" : "s");
}

static struct ser **kids(struct script *s, struct arena *a, const struct type *t, struct err *e)
{
    struct ser **to = arena_array(a, t->n + (size_t)1, sizeof(struct ser *));
    for (uint32_t i = 0; i < t->n; i++)
        if (!(to[i] = ser_of_type(s, a, t->kids[i], e)))
            return NULL;
    return to;
}

static struct ser *pojo(struct script *s, struct arena *a, const struct type *t, struct err *e)
{
    struct ser **k = kids(s, a, t, e);
    struct ser_field *f = arena_array(a, t->n + (size_t)1, sizeof *f);
    for (uint32_t i = 0; k && i < t->n; i++)
        f[i] = (struct ser_field){.name = t->fields[i].text, .ser = k[i]};
    if (!k)
        return NULL;
    ser_sort_fields(f, t->n);
    return ser_pojo(a, t->cls.text, f, t->n);
}

static struct ser *enumeration(struct arena *a, const struct type *t)
{
    const char **names = arena_array(a, t->n + (size_t)1, sizeof(char *));
    for (uint32_t i = 0; i < t->n; i++)
        names[i] = t->fields[i].text;
    return ser_enum(a, t->cls.text, names, t->n);
}

struct ser *ser_of_type(struct script *s, struct arena *a, const struct type *t, struct err *e)
{
    size_t i = find(s, t, e);
    if (i == WORDS)
        return NULL;
    if (words[i].plain)
        return need_kids(s, t, 0, e) ? ser_plain(a, words[i].plain) : NULL;
    const char *word = t->word.text;
    if (!strcmp(word, "ENUM"))
        return enumeration(a, t);
    if (!strcmp(word, "POJO"))
        return pojo(s, a, t, e);
    if (!strcmp(word, "KRYO"))
        return need_kids(s, t, 0, e) ? ser_kryo(a, t->cls.text, s->flink2) : NULL;
    bool map = !strcmp(word, "MAP"), one = !strcmp(word, "NULLABLE") || !strcmp(word, "LIST") || !strcmp(word, "SET");
    if ((map || one) && !need_kids(s, t, map ? 2 : 1, e))
        return NULL;
    struct ser **k = kids(s, a, t, e);
    if (!k)
        return NULL;
    if (map)
        return ser_map(a, k[0], k[1]);
    if (one)
        return *word == 'L' ? ser_list(a, k[0]) : *word == 'S' ? ser_set(a, k[0]) : ser_nullable(a, k[0]);
    if (!strcmp(word, "ROW"))
        return ser_row(a, k, t->n);
    if (!strcmp(word, "TUPLE") && t->n >= 1 && t->n <= 25)
        return ser_tuple(a, k, t->n);
    script_fault(s, t->where, e,
                 *word == 'T' ? "a TUPLE has 1 to 25 types between < and >" : "ARRAY is a type of Flink SQL only; LIST is meant?");
    return NULL;
}

/* --- Flink SQL --- */

static const struct {
    enum lslot slot;
    uint8_t width;
    const char *name;
} slots[] = {
#define X(id, name, slot, width) [id] = {slot, width, name},
    LROOTS(X)
#undef X
};

static void set_numbers(struct ltype *l, const struct type *t)
{
    bool time = l->root == L_TIMESTAMP || l->root == L_TIMESTAMP_LTZ;
    l->length = l->root == L_VARCHAR || l->root == L_VARBINARY ? INT32_MAX : 1;
    l->precision = l->root == L_DECIMAL ? 10 : time ? 6 : 0;
    l->kind = time ? "REGULAR" : NULL;
    if (t->n_numbers)
        l->length = l->precision = t->numbers[0];
    if (t->n_numbers > 1)
        l->scale = t->numbers[1];
}

static bool numbers_fit(struct script *s, const struct ltype *l, const struct type *t, struct err *e)
{
    bool length = l->root == L_CHAR || l->root == L_VARCHAR || l->root == L_VARBINARY;
    bool decimal = l->root == L_DECIMAL, time = l->root == L_TIME || l->root == L_TIMESTAMP || l->root == L_TIMESTAMP_LTZ;
    uint32_t most = decimal ? 2 : length || time;
    if (t->n_numbers > most)
        return script_fault(s, t->where, e, "%s has %s in parentheses", t->word.text, most ? "one number" : "no numbers");
    if ((length && l->length < 1) || (time && l->precision > 9) ||
        (decimal && (l->precision < 1 || l->precision > 38 || l->scale > l->precision)))
        return script_fault(s, t->where, e, "no such %s is possible in Flink SQL", t->word.text);
    return true;
}

const struct ltype *ltype_of_type(struct script *s, struct arena *a, const struct type *t, struct err *e)
{
    size_t i = find(s, t, e);
    if (i == WORDS)
        return NULL;
    if (words[i].root == L_UNKNOWN) {
        script_fault(s, t->word.where, e, "%s is no type of Flink SQL", t->word.text);
        return NULL;
    }
    struct ltype *l = arena_alloc(a, sizeof *l);
    *l = (struct ltype){
        .root = words[i].root, .slot = slots[words[i].root].slot, .width = slots[words[i].root].width, .nullable = !t->not_null};
    set_numbers(l, t);
    bool row = l->root == L_ROW, map = l->root == L_MAP, array = l->root == L_ARRAY;
    if (!numbers_fit(s, l, t, e) || (!row && !need_kids(s, t, map ? 2 : array, e)))
        return NULL;
    l->n = t->n;
    l->kids = arena_array(a, t->n + (size_t)1, sizeof(struct ltype *));
    l->names = row ? arena_array(a, t->n + (size_t)1, sizeof(char *)) : NULL;
    l->descriptions = row ? arena_array(a, t->n + (size_t)1, sizeof(char *)) : NULL;
    for (uint32_t k = 0; k < t->n; k++) {
        if (!(l->kids[k] = ltype_of_type(s, a, t->kids[k], e)))
            return NULL;
        l->height = l->kids[k]->height >= l->height ? (uint8_t)(l->kids[k]->height + 1) : l->height;
        if (row)
            l->names[k] = t->fields[k].text;
    }
    return l;
}
