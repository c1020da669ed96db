/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the shim learns from a connection's trace: which messages passed. */
#ifndef BOGO_SHIM_TRACE_H
#define BOGO_SHIM_TRACE_H

#include "shim.h"

hf_trace_sink trace_sink(visit *v);
/* -expect-msg-callback: the messages are those. Else words are on stderr. */
bool trace_is_right(const visit *v);

#endif
