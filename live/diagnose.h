/* What is wrong with a job, ranked, with evidence: rules over facts. Nothing is asked here and nothing printed.
 *
 * A rule either finds something, finds nothing, or says why it could not be assessed; a job is healthy only when all were. */
#ifndef WEIR_LIVE_DIAGNOSE_H
#define WEIR_LIVE_DIAGNOSE_H

#include "live/facts.h"

enum finding_id {
#define FINDING(id, severity, name, title, advice, function) id,
#include "live/findings.def"
    FINDINGS
};

enum severity { SEVERITY_CRITICAL, SEVERITY_WARNING, SEVERITY_NOTE };
extern const char *const severity_words[]; /* "critical", "warning", "note" */

struct finding_row {
    const char *name, *title, *advice;
    enum severity severity;
};
extern const struct finding_row finding_rows[FINDINGS];

enum { FINDING_EVIDENCE = 6 };

/* Strings hold what the server sent, and are hostile. */
struct finding {
    enum finding_id id;
    const struct live_vertex *vertex; /* that it is about; NULL: none */
    const char *taskmanager;          /* likewise */
    const char *evidence[FINDING_EVIDENCE];
    uint32_t n_evidence;
};

struct unassessed {
    enum finding_id id;
    const char *why;
};

/* All in the arena. */
struct diagnosis {
    struct arena *arena;
    struct finding *list; /* the worst first */
    uint32_t n;
    struct unassessed *unassessed;
    uint32_t n_unassessed;
};

/* The facts must live as long as the diagnosis. */
void diagnose(struct diagnosis *d, const struct facts *f, struct arena *a);

/* --- for the rules (diagnose_*.c) --- */

/* A new finding of that kind, with its first evidence; it stays until the next one. At most 8 of a kind: NULL, and nothing is
 * added. */
struct finding *finding_add(struct diagnosis *d, enum finding_id id, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* More evidence; f may be NULL. */
void finding_say(struct diagnosis *d, struct finding *f, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool finding_found(const struct diagnosis *d, enum finding_id id);
/* Why a rule could not be applied; the first reason stays. */
void finding_unknown(struct diagnosis *d, enum finding_id id, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The answer's data, or NULL with finding_unknown. */
const void *finding_need(struct diagnosis *d, enum finding_id id, const struct live_answer *a);
/* "350 ms", "4.2 s", "3:07 min" */
struct span_text {
    char s[32];
};
struct span_text span_text(int64_t ms);
/* The job, when it has not ended; rules on what runs begin with it. */
const struct live_job *job_alive(const struct facts *f);

#define FINDING(id, severity, name, title, advice, function) void function(struct diagnosis *d, const struct facts *f);
#include "live/findings.def"

#endif
