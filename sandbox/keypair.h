/* The one key pair that the sandbox accepts: no account of AWS can have it. dev/ reads it from here
 * too, so each stands on a line of its own. */
#ifndef SANDBOX_KEYPAIR_H
#define SANDBOX_KEYPAIR_H

#define SANDBOX_ACCESS_KEY_ID "AKIASANDBOXTOLLGATE0"
#define SANDBOX_SECRET_ACCESS_KEY "sandbox/secret/that+could/never+be/real0"

#endif
