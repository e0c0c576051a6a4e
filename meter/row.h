/* Numbers of a row that the ledger's functions give. */
#ifndef METER_ROW_H
#define METER_ROW_H

#include <stdint.h>

#include "db/db.h"

/* A whole number that is not negative; 0 for SQL's NULL and for what is none. */
int64_t row_number(const struct db_result *rows, size_t row, size_t column);

/* Units, which may have decimals, as text; "0" for SQL's NULL. Owned by the result. */
const char *row_units(const struct db_result *rows, size_t row, size_t column);

#endif
