/* Flink's verdict over a state of an old snapshot for a new job: what happens when the job registers it.
 *
 * Pure functions of both sides' serializers and the target. The rules are those of TypeSerializerSnapshot#resolveSchemaCompatibility
 * of each class and of the backends' registration (RocksDBKeyedStateBackend, HeapKeyedStateBackend, DefaultOperatorStateBackend;
 * Flink 1.15 to 2.3), tried against what real Flink said. What only the job's classes know is in the attributes that job_types.h gives. */
#ifndef WEIR_INSPECT_COMPAT_H
#define WEIR_INSPECT_COMPAT_H

#include "inspect/layout.h"

/* The first four in rising order: a whole has the worst of its parts. UNKNOWN: nothing that is given says what the new job has. */
enum verdict {
    VERDICT_AS_IS,
    VERDICT_RECONFIGURED,
    VERDICT_AFTER_MIGRATION,
    VERDICT_INCOMPATIBLE,
    VERDICT_DROPPED,
    VERDICT_NEW,
    VERDICT_UNKNOWN
};
const char *verdict_name(enum verdict v); /* "as-is", "reconfigured", … */

enum compat_backend { BACKEND_ANY, BACKEND_HASHMAP, BACKEND_ROCKSDB };

struct compat_target {
    int flink;                   /* version as FLINK(major, minor) */
    enum compat_backend backend; /* ANY: what all of them accept */
};
#define FLINK(major, minor) ((major)*100 + (minor))

struct compat {
    enum verdict verdict;
    const char *why;    /* a sentence that names the place */
    const char *danger; /* NULL, or what goes wrong although Flink accepts it */
    bool gone;          /* incompatible since the new job lacks what Flink reads the old values by: a class, a constant */
};

/* One serializer against its successor. `role` begins the path in sentences ("value", "key"); what is returned lives in the arena. */
struct compat compat_types(const struct ser *old, const struct ser *new, const char *role, const struct compat_target *target,
                           struct arena *a);

/* The keys of an operator: Flink takes them as they are or not at all. Either may be NULL (no keyed state): as-is. */
struct compat compat_keys(const struct ser *old, const struct ser *new, const struct compat_target *target, struct arena *a);

/* A state and the new job's of the same name; without the keys. */
struct compat compat_state(const struct layout_state *old, const struct layout_state *new, const struct compat_target *target,
                           struct arena *a);

/* Would they be registered under one name in one table? Keyed states of every kind are, timers are not among them. */
bool compat_same_table(enum state_kind a, enum state_kind b);

/* Versions. 0 when the text is no version of Flink ("1.20", "1.20.5", "2.3"). */
int flink_version(const char *text);
/* The newest Flink that writes metadata of this version, and the oldest that reads it (MetadataSerializers; the operator backend's
 * proxy is newer in 1.18, but is not known from here). */
int flink_of_metadata(int32_t version);
int flink_reads_metadata(int32_t version);

/* The maximum parallelism that Flink derives when the job sets none (KeyGroupRangeAssignment#computeDefaultMaxParallelism). */
int32_t derived_max_parallelism(int32_t parallelism);

#endif
