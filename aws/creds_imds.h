/* For tests: how EC2 is told from other machines. */
#ifndef AWS_CREDS_IMDS_H
#define AWS_CREDS_IMDS_H

#include <stdbool.h>

/* The files as Linux has them: /sys/class/dmi/id/sys_vendor (Nitro), /sys/hypervisor/uuid (Xen). */
bool creds_imds_is_ec2(const char *vendor_file, const char *hypervisor_file);

#endif
