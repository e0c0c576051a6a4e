/* What to do about a run that has ended. */
#ifndef METER_ADVICE_H
#define METER_ADVICE_H

/* For the log's last line, by exit status (sysexits); NULL: nothing is to be done. It names the
 * commands of sql/psqlrc. */
const char *advice_find(int exit_status);

/* For a run that found no database: psql finds none, either. */
const char *advice_unconnected(void);

#endif
