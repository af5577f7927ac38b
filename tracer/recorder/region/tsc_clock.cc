// SPDX-License-Identifier: MIT
#include "region/tsc_clock.h"

#include <time.h>

#include "abi/clocks.h"

namespace dde {
namespace {

constexpr uint64_t kSpanNs = 5'000'000;

const ClockReading kLoaded = ReadClocks();

}  // namespace

ClockReading ReadClocks() {
  unsigned long long tsc, mono_raw, realtime;
  ddet_read_clocks(&tsc, &mono_raw, &realtime);
  return {tsc, mono_raw, realtime};
}

double TscTicksPerNs() {
  ClockReading now = ReadClocks();
  while (now.mono_raw - kLoaded.mono_raw < kSpanNs) {
    const timespec ms = {0, 1'000'000};
    nanosleep(&ms, nullptr);
    now = ReadClocks();
  }
  return static_cast<double>(now.tsc - kLoaded.tsc) / static_cast<double>(now.mono_raw - kLoaded.mono_raw);
}

}  // namespace dde
