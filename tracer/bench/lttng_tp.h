/* SPDX-License-Identifier: MIT */
/* Two LTTng-UST tracepoints with one 32-bit field, the counterpart of an entry and an exit record. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER dde_bench
#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "lttng_tp.h"
#if !defined(LTTNG_TP_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define LTTNG_TP_H
#include <lttng/tracepoint.h>
LTTNG_UST_TRACEPOINT_EVENT(dde_bench, entry, LTTNG_UST_TP_ARGS(unsigned, x),
			   LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(unsigned, x, x)))
LTTNG_UST_TRACEPOINT_EVENT(dde_bench, exit, LTTNG_UST_TP_ARGS(unsigned, x),
			   LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(unsigned, x, x)))
#endif
#include <lttng/tracepoint-event.h>
