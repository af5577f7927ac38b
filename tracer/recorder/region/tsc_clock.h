// SPDX-License-Identifier: MIT
// The TSC and the clocks of the system, read at one moment.
#ifndef TRACER_RECORDER_TSC_CLOCK_H_
#define TRACER_RECORDER_TSC_CLOCK_H_

#include <cstdint>

namespace dde {

// As a clock chunk holds it.
struct ClockReading {
  uint64_t tsc;
  uint64_t mono_raw;  // CLOCK_MONOTONIC_RAW, ns
  uint64_t realtime;  // CLOCK_REALTIME, ns
};

// The best of some tries: about 50 ns apart, when the machine is not busy.
ClockReading ReadClocks();

// Good to 1 in 100,000: measured since this process loaded the addon, waits up to 5 ms when that was only now.
double TscTicksPerNs();

}  // namespace dde

#endif  // TRACER_RECORDER_TSC_CLOCK_H_
