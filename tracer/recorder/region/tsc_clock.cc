// SPDX-License-Identifier: MIT
#include "region/tsc_clock.h"

#include <time.h>
#include <x86intrin.h>

namespace dde {
namespace {

constexpr uint64_t kSpanNs = 5'000'000;

uint64_t Now(clockid_t clock) {
  timespec ts;
  clock_gettime(clock, &ts);
  return static_cast<uint64_t>(ts.tv_sec) * 1000000000u + static_cast<uint64_t>(ts.tv_nsec);
}

const ClockReading kLoaded = ReadClocks();

}  // namespace

ClockReading ReadClocks() {
  ClockReading best = {};
  uint64_t span = ~0ull;
  for (int i = 0; i < 8; i++) {
    const uint64_t a = __rdtsc();
    const uint64_t mono = Now(CLOCK_MONOTONIC_RAW);
    const uint64_t b = __rdtsc();
    const uint64_t real = Now(CLOCK_REALTIME);
    if (b - a < span) {
      span = b - a;
      best = {a + (b - a) / 2, mono, real};
    }
  }
  return best;
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
