#include "meter/row.h"

#include "base/text.h"

int64_t row_number(const struct db_result *rows, size_t row, size_t column)
{
	const char *text = db_result_text(rows, row, column);
	long number = 0;

	if (text && !text_number(text, 0, 0x7fffffffffffffff, &number))
		number = 0;
	return number;
}

const char *row_units(const struct db_result *rows, size_t row, size_t column)
{
	const char *text = db_result_text(rows, row, column);

	return text ? text : "0";
}
