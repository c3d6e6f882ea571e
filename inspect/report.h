/* A validation in the forms that people and build servers read. */
#ifndef WEIR_INSPECT_REPORT_H
#define WEIR_INSPECT_REPORT_H

#include "inspect/validate.h"

struct report {
    const struct validation *v;
    const char *snapshot; /* as the user named it */
    const char *against;  /* likewise, or NULL */
    unsigned width;       /* of the terminal; 0: none */
    bool colour;
};

typedef void report_fn(const struct report *r, struct buf *out);
report_fn report_text;
report_fn report_json;   /* {"formatVersion":1,"compatible":…,"states":[…],"findings":[…]} */
report_fn report_junit;  /* JUnit's XML: a test case for each state that was compared, one for each finding, errors are failures */
report_fn report_sarif;  /* SARIF 2.1.0 */
report_fn report_github; /* workflow commands of GitHub Actions: ::error …, ::warning …, ::notice … */

/* "orders / total", "orders", or "" for findings about the whole. */
void report_where(const struct finding *f, struct buf *out);
/* "Flink 1.20, RocksDB". */
void report_target(const struct validation *v, struct buf *out);

#endif
