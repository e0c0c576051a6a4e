#include "meter/heard.h"

bool heard_has(const struct heard *heard, int64_t customer_id)
{
	return heard->customers[customer_id % HEARD_PLACES] == customer_id;
}

void heard_success(struct heard *heard, int64_t customer_id)
{
	heard->customers[customer_id % HEARD_PLACES] = customer_id;
}

void heard_otherwise(struct heard *heard, int64_t customer_id)
{
	if (heard_has(heard, customer_id))
		heard->customers[customer_id % HEARD_PLACES] = 0;
}
