/* Savepoints that differ in nothing but how many subtasks wrote them. */
#ifndef WEIR_TESTS_RUN_SIM_RESCALE_H
#define WEIR_TESTS_RUN_SIM_RESCALE_H

#include <stdint.h>

/* Each pipeline reads all that there is and is stopped with a savepoint, goes on from that with three subtasks, is stopped, goes on with two, is
 * stopped, goes on with one, is stopped. The program `weir` has to dump each savepoint, and to find the last one's entries the same as the first
 * one's. The exit status. */
int sim_rescale(const char *weir, char **programs, uint32_t n_programs);

#endif
