/* Serializer snapshots and descriptions of states, made from trees: for whoever changes types or makes states from nothing.
 *
 * Trees are not changed, they are made anew: a clone shares its nested serializers with what it was made of until they are replaced.
 * A clone has no `raw`, unless weir cannot make it; ser_seal writes it, and then the tree is as good as one that was read (writer.h, keyed_header, state_info).
 *
 * Class names and versions are those of Flink 1.15 to 2.3, which are the same wherever nothing else is said. */
#ifndef WEIR_SAVEPOINT_SER_WRITE_H
#define WEIR_SAVEPOINT_SER_WRITE_H

#include "savepoint/keyed.h"
#include "savepoint/logical_type.h"

/* --- bytes --- */

/* Appends the snapshot (utf class, i32 version, body): a node with `raw` as it was read, others from the tree. ERR_UNSUPPORTED for what
 * weir cannot make, with its class. */
bool ser_put(const struct ser *s, struct buf *to, struct err *e);
/* Gives s, and what is nested in it without one, its `raw`. */
bool ser_seal(struct arena *a, struct ser *s, struct err *e);

/* --- changing --- */

/* A copy of the node with kids, names and attributes of its own, which may be set; the kids themselves are shared. */
struct ser *ser_clone(struct arena *a, const struct ser *s);
/* The whole tree anew, without raw wherever the class is known. */
struct ser *ser_clone_all(struct arena *a, const struct ser *s);
/* The node with another nested serializer. */
struct ser *ser_with_kid(struct arena *a, const struct ser *s, uint32_t i, struct ser *kid);
/* Every mention of a class of values anew: POJOs and their subclasses, enums, tuples, arrays, Kryo's own class and registrations, Avro's. */
struct ser *ser_with_class(struct arena *a, const struct ser *s, const char *from, const char *to);

struct ser_field {
    const char *name;
    struct ser *ser;
    const char *declaring; /* POJO: the class that has the field; NULL: the POJO's own */
};
/* The fields of a POJO, or (without names) Row, Tuple, case class; s->n of them. */
void ser_fields(const struct ser *s, struct ser_field *to);
/* The same type with these fields, in this order; Flink's own order for POJOs is by name (ser_sort_fields). */
struct ser *ser_with_fields(struct arena *a, const struct ser *s, const struct ser_field *fields, uint32_t n);
/* A POJO with these subclasses: the registered ones by their tags, the others by their names. */
struct pojo_subclass; /* ser_facts.h */
struct ser *ser_with_subclasses(struct arena *a, const struct ser *s, const struct pojo_subclass *registered, uint32_t n_registered,
                                const struct pojo_subclass *other, uint32_t n_other);
void ser_sort_fields(struct ser_field *fields, uint32_t n);

/* --- making --- */

/* A serializer that has no parts, by the name that weir prints: "Long", "String", "LocalDate", "byte[]", "VoidNamespace", "TimeWindow".
 * NULL: there is none. */
struct ser *ser_plain(struct arena *a, const char *name);
struct ser *ser_list(struct arena *a, struct ser *element);
struct ser *ser_map(struct arena *a, struct ser *key, struct ser *value);
struct ser *ser_set(struct arena *a, struct ser *element); /* read by Flink 2.0 and later */
/* Of objects: String, POJOs, other arrays …; int[] and such are plain. The component's class as Class#getName says it. */
struct ser *ser_array(struct arena *a, const char *component_class, struct ser *component);
struct ser *ser_nullable(struct arena *a, struct ser *inner); /* without padding */
struct ser *ser_either(struct arena *a, struct ser *left, struct ser *right);
struct ser *ser_ttl(struct arena *a, struct ser *value);
struct ser *ser_timer(struct arena *a, struct ser *key, struct ser *ns);
struct ser *ser_tuple(struct arena *a, struct ser *const *fields, uint32_t n); /* Tuple0 to Tuple25 */
struct ser *ser_row(struct arena *a, struct ser *const *fields, uint32_t n);
struct ser *ser_enum(struct arena *a, const char *cls, const char *const *constants, uint32_t n);
struct ser *ser_pojo(struct arena *a, const char *cls, const struct ser_field *fields, uint32_t n);
/* A record of the class (NULL: a GenericRecord), by its schema. NULL: that cannot be read, e says why. */
struct ser *ser_avro(struct arena *a, const char *cls, const char *schema, struct err *e);
/* A class that Kryo serves, with the registrations of a job that has made none; v5: values as Flink 2 writes them. */
struct ser *ser_kryo(struct arena *a, const char *cls, bool v5);
/* Flink SQL's rows. Columns whose serializer the row `like` (or NULL) has already keep it; ERR_UNSUPPORTED: of RAW columns it must have one, since their
 * snapshots hold Java objects. */
struct ser *ser_rowdata(struct arena *a, const struct ltype *const *types, uint32_t n, const struct ser *like, struct err *e);
/* Values of SQL in states that functions declare (ExternalSerializer): types that ltype_put_data_type takes. */
struct ser *ser_external(struct arena *a, const struct ltype *t, enum data_class as, struct err *e);
/* A map whose keys are rows in that order (SortedMapSerializer). */
struct ser *ser_sorted_map(struct arena *a, const struct sort_field *by, uint32_t n, struct ser *key, struct ser *value,
                           struct err *e);
/* The columns of such a row; *n of them. NULL: s is none. */
const struct ltype *const *ser_row_types(const struct ser *s, uint32_t *n);

/* --- another Flink --- */

enum ser_flink { FLINK_1, FLINK_2 };
/* The tree as that Flink has it: Kryo's values, classes that have moved (TwoPhaseCommitSinkFunction), TTL's wrappers. ERR_UNSUPPORTED names what
 * it does not have any more (Scala's serializers) or not yet (Set, Variant, Bitmap). Values must be encoded anew where ser_same_bytes says no. */
struct ser *ser_for_flink(struct arena *a, const struct ser *s, enum ser_flink flink, struct err *e);
/* Do values of both have the same bytes, so that spans may be copied? False also where that is not known. */
bool ser_same_bytes(const struct ser *a, const struct ser *b);

/* --- states --- */

/* A state from its name, kind, v2, mode, ns (NULL: the void namespace, where the kind has one), value and, for broadcast states and v2
 * maps, user_key: sets all the rest, raw included. value is as written: of a list state a List, of a map state a Map, but for v2, whose
 * element and user value it is; of timers a Timer. */
bool state_info_make(struct arena *a, struct state_info *info, struct err *e);
/* What one element, value or map value of a state is read and written by, put in place of info->element; list and map around it stay.
 * Then state_info_make. */
void state_info_set_element(struct arena *a, struct state_info *info, struct ser *element);

#endif
