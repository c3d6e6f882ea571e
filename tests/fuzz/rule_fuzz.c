/* Watch rules: any text is read or refused, and what is read can be evaluated over any samples. */
#include <math.h>
#include <string.h>

#include "live/rule.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[RULE_TEXT + 8];
    size_t n = size < sizeof text ? size : sizeof text - 1;
    struct rule_fault fault;
    memcpy(text, data, n);
    text[n] = 0;
    struct rule *r = rule_parse(text, &fault);
    if (!r) {
        if (!fault.why || fault.at > strlen(text))
            __builtin_trap();
        return 0;
    }
    for (uint32_t k = 0; k < 40; k++) {
        for (uint32_t i = 0; i < r->n_series; i++)
            rule_sample(&r->series[i], k * 1000, k % 7 == 6 ? NAN : (double)(k * (i + 3) % 11) * 1e5);
        struct rule_state s = rule_evaluate(r, k * 1000);
        rule_show(s.left, s.unit);
        rule_show(s.right, s.unit);
    }
    rule_free(r);
    return 0;
}
