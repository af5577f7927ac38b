// SPDX-License-Identifier: MIT
// Leaves out, while recording, the calls of one thread that took less than a limit: their entry and their exit.
//
// How long a call takes is known at its exit only, and events go into the file in order. So an entry waits, and all that follows it
// waits with it, until its exit comes (shorter: both are dropped) or any event that is later than entry + limit (kept). What is not a
// call is always kept. A call that may be longer is kept, too: at a loss, at the end of the thread or of the recording, when a frame
// was left without its exit, and when more waits than kMaxWaiting events.
#ifndef TRACER_RECORDER_SHORT_CALLS_H_
#define TRACER_RECORDER_SHORT_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/encoder.h"

namespace dde {

class ShortCalls {
 public:
  static constexpr size_t kMaxWaiting = 65536;

  // `limit` in TSC ticks, above 0.
  explicit ShortCalls(uint64_t limit) : limit_(limit) {}

  // Adds an event of `records` records; the encoder gets what is kept. False when the file could not be written.
  bool Add(const uint8_t* record, uint32_t records, Encoder* encoder, TraceFile* file);
  // Calls that began at least the limit before `now` are kept, so that what waits for a sleeping thread gets into the file.
  bool Advance(uint64_t now, Encoder* encoder, TraceFile* file);
  // All that waits is kept.
  bool KeepAll(Encoder* encoder, TraceFile* file);

  // Events dropped: two a call.
  uint64_t filtered() const { return filtered_; }
  size_t waiting() const { return waiting_; }

 private:
  // An entry whose fate is open; `at` counts bytes since the first that ever waited.
  struct Open {
    uint64_t tsc;
    uint64_t at;
    uint32_t site;
  };

  void Push(const uint8_t* record, uint32_t records);
  // Gives everything before the first open entry to the encoder.
  bool Emit(Encoder* encoder, TraceFile* file);
  bool none_open() const { return first_ == open_.size(); }

  uint64_t limit_;
  uint64_t last_tsc_ = 0;
  uint64_t filtered_ = 0;
  // Each event: u32 number of its records, or kDropped; 12 bytes nothing; the records.
  std::vector<uint8_t> bytes_;
  uint64_t base_ = 0;  // `at` of bytes_[0]
  size_t head_ = 0;    // bytes of bytes_ that the encoder has
  size_t waiting_ = 0;
  // In the order of time, hence outermost first; those before first_ are decided.
  std::vector<Open> open_;
  size_t first_ = 0;
};

}  // namespace dde

#endif  // TRACER_RECORDER_SHORT_CALLS_H_
