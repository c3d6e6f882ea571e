/* Patterns of Java in PCRE2: what differs, what is none, what takes too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sql/regex.h"

static void *from_arena(size_t n, void *a) { return arena_alloc(a, n); }
static struct bytes bytes(const char *s) { return (struct bytes){(const uint8_t *)s, strlen(s)}; }

/* "from-to" of the first match, "no", "malformed", "refused", "too much". */
static const char *found(struct arena *a, const char *pattern, bool whole, const char *text)
{
    struct regex_memory m = {from_arena, a};
    struct regex *r = NULL;
    struct regex_span s;
    enum regex_made made = regex_make(&m, bytes(pattern), whole, &r);
    if (made != REGEX_MADE)
        return made == REGEX_MALFORMED ? "malformed" : "refused";
    enum regex_found f = regex_find(r, bytes(text), 0);
    if (f != REGEX_YES)
        return f == REGEX_NO ? "no" : "too much";
    assert_true(regex_group(r, 0, &s));
    return arena_printf(a, "%zu-%zu", s.from, s.to);
}

static void as_java(void **state)
{
    static const struct {
        const char *pattern, *text, *want;
        bool whole;
    } cases[] = {
        {"l+", "Hello", "2-4", false},
        {"", "abc", "0-0", false},
        {"a|b", "xb", "1-2", false},
        {"a", "ab", "no", true},
        {"a.", "ab", "0-2", true},
        {"a.c", "a\nc", "no", false},
        {"(?s)a.c", "a\nc", "0-3", false},
        {"\\u00e4", "x\xc3\xa4", "1-3", false},
        {"\\p{Alpha}+", "12ab3", "2-4", false},
        {"[\\p{Upper}_]+", "ab_C", "2-4", false},
        {"\\p{IsAlphabetic}", "1\xc3\xa4", "1-3", false},
        {"\\pL+", "1\xc3\xa4z", "1-4", false},
        {"\\Qa.b\\E+", "aXb a.bb", "4-8", false},
        {"(?<n>a)\\k<n>", "baa", "1-3", false},
        {"\\d+$", "a12", "1-3", false},
        {"(", "", "malformed", false},
        {"[a", "", "malformed", false},
        {"*a", "", "malformed", false},
        {"\\y", "", "malformed", false},
        {"(*FAIL)", "", "malformed", false},
        {"(?R)", "", "malformed", false},
        {"(?P<n>a)", "", "malformed", false},
        {"a\\Kb", "ab", "malformed", false},
        {"[a-z&&[^b]]", "", "refused", false},
        {"[a[b]]", "", "refused", false},
    };
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(found(&a, cases[i].pattern, cases[i].whole, cases[i].text), cases[i].want) != 0)
            fail_msg("/%s/ in '%s': %s, not %s", cases[i].pattern, cases[i].text,
                     found(&a, cases[i].pattern, cases[i].whole, cases[i].text), cases[i].want);
    arena_free(&a);
}

static void limited(void **state)
{
    struct arena a = {0};
    (void)state;
    assert_string_equal(found(&a, "(a+)+\\1$", false, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), "too much");
    assert_string_equal(found(&a, "b", false, "\xff\xc3z b"), "4-5"); /* what is no UTF-8 matches nothing */
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_java), cmocka_unit_test(limited)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
