// SPDX-License-Identifier: MIT
// Turns the ring records of one thread into the three columns of an events chunk.
//
//   ops    an event: varint op << 1 | (word 0 is not what it was), then a mask byte for each 8 words behind word 0: bit w = word w
//          is not what it was. op: 0 = exit of the innermost function entered in this chunk; else number << 2 | tag,
//          tag 0 entry with arguments (number = site << 3 | words after the first), 1 entry (number = site), 2 exit (site),
//          3 typed event (number = event id << 4 | payload records)
//   delta  varint: TSC ticks since the event before (0 for the first)
//   words  of each word that is not what it was at the last event of the same site or id, its 32-bit difference d to that as a
//          varint: 0, 1, 2 = the same as that of the last, the one before, the third before word (kept as a list that moves to the
//          front), else zigzag of d + 2
//
// Most words repeat, and those that do not often move together (a buffer's address, its page, its DMA address): the columns are
// small before zstd sees them, which is where most of a recording's cost is.
//
// Chunks do not depend on each other: the stack and the table of last values start empty.
#ifndef TRACER_ADDON_ENCODER_H_
#define TRACER_ADDON_ENCODER_H_

#include <cstdint>
#include <memory>

#include "trace_file.h"

namespace dde {

constexpr uint32_t kMaxChunkEvents = 65536;
constexpr uint32_t kPredictorSlots = 4096;

// An event's words never wrap around in the table: so far can the last of them lie behind it.
constexpr uint32_t kPredictorWords = kPredictorSlots + 64;

// The first slot of a site's or event's words in the table of last values. `key` is the op with its tag.
inline uint32_t PredictorSlot(uint32_t key) { return (key * 2654435761u) >> 20; }

class Encoder {
 public:
  // Adds one event; `extra` payload records follow the record (of an entry: as its arguments need). False when the chunk could
  // not be written.
  bool Add(const uint8_t* record, uint32_t extra, TraceFile* file);
  // Events were lost from here on: the next event starts a new chunk.
  bool SetLost(uint64_t lost, TraceFile* file);
  bool Flush(TraceFile* file);

  void set_thread(uint32_t uid) { uid_ = uid; }
  uint32_t pending() const { return count_; }
  // Events in chunks that are on disk.
  uint64_t written() const { return written_; }
  uint64_t lost() const { return lost_; }

 private:
  void Reset();
  void PutDifference(uint32_t d);

  uint32_t uid_ = 0;
  uint32_t count_ = 0;
  uint64_t written_ = 0;
  uint64_t lost_ = 0;
  uint64_t first_tsc_ = 0;
  uint64_t last_tsc_ = 0;
  uint8_t* ops_ = nullptr;
  uint8_t* delta_ = nullptr;
  uint8_t* words_ = nullptr;
  // Made on first use and not filled: most threads of a driver process write little.
  std::unique_ptr<uint8_t[]> ops_buffer_, delta_buffer_, words_buffer_;
  std::unique_ptr<uint32_t[]> stack_, last_;
  uint32_t depth_ = 0;
  uint32_t recent_[3] = {};
};

}  // namespace dde

#endif  // TRACER_ADDON_ENCODER_H_
