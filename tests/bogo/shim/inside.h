/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the shim takes from inside the library, because only a test asks for it: base64, and the connection's own structures for
 * what the public interface rightly does not tell (traffic secrets, half-sent records, a server's exporter before Finished).
 */
#ifndef BOGO_SHIM_INSIDE_H
#define BOGO_SHIM_INSIDE_H

#include "conn/conn.h"
#include "crypto/base64.h"
#include "policy/policy.h"

#endif
