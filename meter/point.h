/* Named points of a run, where a test kills the program (tests/e2e/kill_at.c). */
#ifndef METER_POINT_H
#define METER_POINT_H

/* Does nothing. A test's program is linked with another one. */
void point_reach(const char *name);

#endif
