/* How keys are hashed whose class has a hashCode of its own. A POJO's is the user's code and stands in no snapshot, but every key in a
 * snapshot lies in the key group that the code has put it into. People hardly write these methods by hand: what Java's records, IDEs,
 * Objects.hash, Lombok and Kotlin make are a few formulas over the fields in some order. All of them are tried on the keys that are there;
 * one that is right for enough of them is the one.
 *
 * Keys whose hash is known (keyhash.h) have that as their only rule, and are checked likewise. */
#ifndef WEIR_SAVEPOINT_KEYHASH_GUESS_H
#define WEIR_SAVEPOINT_KEYHASH_GUESS_H

#include "savepoint/keyhash.h"

enum { KEYHASH_FIELDS = 7 }; /* a POJO of more fields has rules over all of them in their order, and over one or two */

struct keyhash_rule {
    uint8_t formula, n;
    uint8_t order[30]; /* the fields by their places in the snapshot */
};

struct keyhash_guess {
    const struct ser *key;
    int32_t max_parallelism;
    uint32_t n, left; /* rules to begin with; rules that no key has contradicted */
    struct keyhash_rule *rules;
    uint64_t keys;     /* different ones, about */
    uint64_t seen[64]; /* bits by hash, to tell which are different */
};

/* Rules for keys of the serializer; none where even their parts are not known (Kryo, enums by identity). Release it. */
void keyhash_guess_begin(struct keyhash_guess *g, const struct ser *key, int32_t max_parallelism);
/* A key and the group in which it lies. False: no rule is left, so further keys do not help. */
bool keyhash_guess_key(struct keyhash_guess *g, struct bytes key, uint32_t key_group);
/* The rule, once it is certain (a wrong one would survive with less than one in a million); for known keys also before any key has
 * come. NULL: not yet, or none. */
const struct keyhash_rule *keyhash_guess_rule(const struct keyhash_guess *g);
/* One sentence: why there is no rule. */
const char *keyhash_guess_why(const struct keyhash_guess *g);
void keyhash_guess_free(struct keyhash_guess *g);

/* The hash of a key by the rule; false when the key is malformed. */
bool keyhash_by_rule(const struct ser *key, const struct keyhash_rule *rule, struct rd *r, int32_t *hash);
/* Is it of code that is not Flink's or Java's own? */
bool keyhash_rule_guessed(const struct keyhash_rule *rule);
/* "31 * h + …, as Objects.hash, over id, region". */
void keyhash_rule_text(const struct ser *key, const struct keyhash_rule *rule, struct buf *b);

#endif
