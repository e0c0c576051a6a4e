#include "meter/point.h"

void point_reach(const char *name)
{
	(void)name;
}
