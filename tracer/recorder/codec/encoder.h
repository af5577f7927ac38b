// SPDX-License-Identifier: MIT
// Turns the ring records of one thread into the three columns of an events chunk.
//
//   ops    an event: the number of its kind in this chunk, 0, 1, ... as they first come: its id and which of its words (word 0 is
//          `arg`) are not what was expected. Below 224 a byte, else two. At a kind's first event what it is follows: varint id,
//          varint mask
//   delta  short number: TSC ticks since the event before (0 for the first)
//   words  of each word that is not what was expected, a short number. d is its 32-bit difference to that word of the last event with the
//          same id. 0, 1, 2: d is the same as that of the last, the one before, the third before such word (a list that moves to the
//          front); 3: the word is what came after that last value when any word had it before; else zigzag of d + 4
//
// Expected is the last value + step; the step is the last difference that two such words in succession had.
// Most words repeat or go on by a step (a ring's buffers). Those that do not often move together (a buffer's address, its page, its DMA
// address), or in the order of before (a pool's buffers). So the columns are small before zstd sees them, which is where most of a
// recording's cost was.
//
// A short number has its length in its first byte: n - 1 zero bits from below, a one, then the bits of the number; n = 1 to 8 bytes.
//
// Chunks do not depend on each other: all tables start empty.
#ifndef TRACER_RECORDER_ENCODER_H_
#define TRACER_RECORDER_ENCODER_H_

#include <cstdint>
#include <memory>

#include "codec/trace_file.h"

namespace dde {

constexpr uint32_t kMaxChunkEvents = 65536;
// Ids, and kinds, in one chunk.
constexpr uint32_t kMaxIds = 1024;
constexpr uint32_t kMaxKinds = 2048;
// What followed a value, by a hash of it.
constexpr unsigned kFollowerBits = 9;
inline uint32_t FollowerSlot(uint32_t value) { return value * 2654435761u >> (32 - kFollowerBits); }
// Below it a kind's number takes one byte.
constexpr uint32_t kShortKinds = 224;
// An event has at most so many words, with word 0.
constexpr uint32_t kMaxWords = 1 + 15 * 4;
// So many bytes behind the last record must be readable.
constexpr uint32_t kReadAhead = 16;

// What the upper eight bits of an id say of its event: 16-byte records that it takes, and its words. 0 records: it is no event.
struct Shape {
  uint8_t records;
  uint8_t words;
};
Shape ShapeOf(uint32_t id);

class Encoder {
 public:
  // Adds the events from `at` on; ends at `end`, or at a record that is no event or not whole, and returns where. nullptr when a
  // chunk could not be written. Up to kReadAhead bytes behind `end` are read.
  const uint8_t* Add(const uint8_t* at, const uint8_t* end, TraceFile* file);
  // Events were lost from here on: the next event starts a new chunk.
  bool SetLost(uint64_t lost, TraceFile* file);
  bool Flush(TraceFile* file);

  void set_thread(uint32_t uid) { uid_ = uid; }
  uint32_t pending() const { return count_; }
  // Events in chunks that are on disk.
  uint64_t written() const { return written_; }
  uint64_t lost() const { return lost_; }

 private:
  // Four words of the last event with an id.
  struct Group {
    uint32_t last[4];
    uint32_t step[4];
    uint32_t odd[4];  // the difference of the last one that was not expected
  };
  static constexpr uint32_t kMaxGroups = (kMaxWords + 3) / 4;
  // Masks below it have their kind's number in the id's row, others in a table.
  static constexpr uint32_t kNearMasks = 8;
  struct alignas(64) Row {
    uint32_t id;
    uint32_t more;  // index of the second of its groups
    uint32_t bytes;
    uint8_t words;
    uint8_t lanes;                 // of the first four words, which are there
    uint16_t numbers[kNearMasks];  // + 1; 0: none
    // Up to here, and the first two of it, are a line of the cache: what most events need.
    alignas(16) Group first;
  };
  struct Kind {
    uint64_t mask;
    uint32_t id;
    uint32_t number;  // + 1; 0: none
  };

  void Reset(const uint8_t* first);
  const uint8_t* AddSome(const uint8_t* at, const uint8_t* end);
  Row* FindRow(uint32_t id);
  // The number of a kind, which gets one when it has none.
  uint32_t NumberOf(Row* row, uint64_t mask);
  uint64_t CodeOf(uint32_t word, uint32_t d);
  uint64_t Compare(const uint8_t* at, Row* row, uint32_t* difference);
  uint8_t* PutRareKind(uint8_t* ops, Row* row, uint64_t mask);
  uint8_t* PutWords(uint8_t* words, Row* row, uint64_t mask, const uint32_t* difference);

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
  std::unique_ptr<Row[]> rows_;
  std::unique_ptr<uint16_t[]> row_of_;  // by a hash of the id
  std::unique_ptr<Kind[]> kinds_;
  std::unique_ptr<Group[]> groups_;
  std::unique_ptr<uint32_t[]> followers_;
  uint32_t row_count_ = 0;
  uint32_t kind_count_ = 0;
  uint32_t group_count_ = 0;
  uint32_t recent_[3] = {};
};

}  // namespace dde

#endif  // TRACER_RECORDER_ENCODER_H_
