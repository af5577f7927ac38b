// SPDX-License-Identifier: MIT
// Read the columns of an events chunk, event by event: WordReader those of file versions 1 and 2, KindReader those of version 3
// (encoder.h). Everything that is read is untrusted.
//
// A reader is asked in turn: Next(), what event comes; then Words(), its words, unless the caller goes Back() to before the event, for
// the next time. Its tables stay for a decoder that stops for room: nothing else is decoded in between on this thread.
#ifndef TRACER_RECORDER_CHUNK_READER_H_
#define TRACER_RECORDER_CHUNK_READER_H_

#include <emmintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "abi/ddet_abi.h"
#include "codec/decoder.h"
#include "codec/encoder.h"

namespace dde {

class Column {
 public:
  Column(const uint8_t* at, const uint8_t* end) : at_(at), end_(end) {}
  const uint8_t* at() const { return at_; }
  bool good() const { return good_; }
  bool ended() const { return good_ && at_ == end_; }
  void Back(const uint8_t* at) { at_ = at; }

  inline uint8_t Byte() { return __builtin_expect(at_ < end_, 1) ? *at_++ : static_cast<uint8_t>(Short()); }
  inline uint64_t Varint() {
    if (__builtin_expect(at_ >= end_, 0)) return Short();
    const uint64_t first = *at_++;
    return __builtin_expect(first < 128, 1) ? first : Rest(first & 127);
  }
  // 1 to 8 bytes, see encoder.h.
  inline uint64_t ShortNumber() {
    uint64_t v = 0;
    const size_t left = static_cast<size_t>(end_ - at_);
    if (__builtin_expect(left >= 8, 1))
      std::memcpy(&v, at_, 8);
    else if (left > 0)
      std::memcpy(&v, at_, left);
    const unsigned bytes = 1 + static_cast<unsigned>(__builtin_ctzll(v | 256));
    if (__builtin_expect(bytes > 8 || bytes > left, 0)) return Short();
    at_ += bytes;
    return v << (64 - 8 * bytes) >> (64 - 7 * bytes);
  }

 private:
  inline uint64_t Rest(uint64_t value) {
    for (unsigned shift = 7; shift < 64; shift += 7) {
      if (at_ >= end_) return Short();
      const uint64_t byte = *at_++;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    return Short();
  }
  uint64_t Short() {
    good_ = false;
    return 0;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  bool good_ = true;
};

// What comes next. kind: DDET_KIND_ENTRY, _EXIT or _EVENT; 0: the chunk contradicts itself.
struct NextEvent {
  uint32_t kind;
  uint32_t number;  // site or event id
  uint32_t extra;   // words behind word 0
  double ticks;     // since the event before
};

struct Columns {
  Column ops, delta, words;
  const uint8_t *ops_at, *delta_at, *words_at;  // at the begin of the event
  void Mark() {
    ops_at = ops.at();
    delta_at = delta.at();
    words_at = words.at();
  }
  void Back() {
    ops.Back(ops_at);
    delta.Back(delta_at);
    words.Back(words_at);
  }
  bool good() const { return ops.good() && delta.good() && words.good(); }
  bool ended() const { return ops.ended() && delta.ended() && words.ended(); }
};

class WordReader {
 public:
  // Deeper frames are not on the chunk's own stack.
  static constexpr uint32_t kStack = 4096;
  static constexpr uint32_t kSlots = 4096;

  void Begin() {
    std::memset(last_, 0, sizeof(last_));
    depth_ = 0;
  }
  inline NextEvent Next(Columns* from) {
    depth_before_ = depth_;
    const uint32_t op = static_cast<uint32_t>(from->ops.Varint());
    NextEvent event = {0, op >> 2, 0, static_cast<double>(from->delta.Varint())};
    key_ = op;
    if (op == 0) {
      if (depth_ == 0 || depth_ > kStack) return event;
      event.number = stack_[--depth_];
      event.kind = DDET_KIND_EXIT;
      key_ = event.number << 2 | 2;
    } else if ((op & 3) == 2) {
      depth_ = 0;
      event.kind = DDET_KIND_EXIT;
    } else if ((op & 3) == 3) {
      event.kind = DDET_KIND_EVENT;
      event.extra = (event.number & 15) * 4;
      event.number >>= 4;
    } else {
      if ((op & 3) == 0) {
        event.extra = event.number & 7;
        event.number >>= 3;
        if (event.extra == 0 || event.extra > DDET_MAX_ARGS) return event;
      }
      if (event.number >= DDET_MAX_SITES) return event;
      if (depth_ < kStack) stack_[depth_] = event.number;
      depth_++;
      event.kind = DDET_KIND_ENTRY;
    }
    return event;
  }
  void Back() { depth_ = depth_before_; }
  // All go to `to`, which has room for kMaxPayload; word 0 comes back, too.
  inline uint32_t Words(Columns* from, const NextEvent& event, uint32_t* to) {
    const uint32_t slot = key_ * 2654435761u >> 20;
    for (uint32_t w = 0; w <= event.extra; w++) to[w] = Word(from, (slot + w) & (kSlots - 1));
    return to[0];
  }

 private:
  inline uint32_t Word(Columns* from, uint32_t slot) {
    const uint32_t v = static_cast<uint32_t>(from->words.Varint());
    return last_[slot] += (v >> 1) ^ (0u - (v & 1));
  }

  uint32_t stack_[kStack];
  uint32_t last_[kSlots];
  uint32_t depth_ = 0, depth_before_ = 0;
  uint32_t key_ = 0;
};

class KindReader {
 public:
  void Begin() {
    std::memset(id_of_, 0, sizeof(id_of_));
    std::memset(followers_, 0, sizeof(followers_));
    std::memset(recent_, 0, sizeof(recent_));
    kinds_known_ = ids_known_ = groups_used_ = 0;
  }
  inline NextEvent Next(Columns* from) {
    uint32_t number = from->ops.Byte();
    if (__builtin_expect(number >= kShortKinds, 0))
      number = kShortKinds + ((number - kShortKinds) << 8 | from->ops.Byte());
    kinds_before_ = kinds_known_;
    if (__builtin_expect(number >= kinds_known_, 0) && !(number == kinds_known_ && Define(from))) return {};
    kind_ = &kinds_[number];
    NextEvent event = kind_->event;
    event.ticks = static_cast<double>(from->delta.ShortNumber());
    return event;
  }
  // An id that was new stays known: the same comes again.
  void Back() { kinds_known_ = kinds_before_; }
  [[gnu::always_inline]] inline uint32_t Words(Columns* from, const NextEvent& event, uint32_t* to) {
    const uint32_t at = 4 * kind_->group;
    for (uint32_t w = 0; w <= event.extra; w += 4) {
      const __m128i expected = _mm_add_epi32(Four(&last_[at + w]), Four(&step_[at + w]));
      Four(&last_[at + w], expected);
      Four(to + w, expected);
    }
    // To both places, too: what is read wider than it was just written must wait.
    for (uint64_t mask = kind_->mask; mask != 0; mask &= mask - 1) {
      const uint32_t w = static_cast<uint32_t>(__builtin_ctzll(mask));
      to[w] = Odd(from, at + w);
    }
    return to[0];
  }

 private:
  static constexpr uint32_t kIdSlots = 2 * kMaxIds;
  // All ids may have the most words.
  static constexpr uint32_t kAllWords = kMaxIds * ((kMaxWords + 3) / 4 * 4);
  struct Kind {
    NextEvent event;
    uint32_t group;
    uint64_t mask;
  };
  struct Id {
    uint32_t id;
    uint32_t group;
  };

  static inline __m128i Four(const uint32_t* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
  static inline void Four(uint32_t* at, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(at), v); }

  // A word that was not expected.
  inline uint32_t Odd(Columns* from, uint32_t at) {
    uint32_t* const r = recent_;
    const uint32_t before = last_[at] - step_[at];
    uint32_t* const follower = &followers_[FollowerSlot(before)];
    const uint64_t v = from->words.ShortNumber();
    uint32_t d = r[0];
    if (v != 0) {
      const uint32_t zigzag = static_cast<uint32_t>(v - 4);
      d = v == 1 ? r[1] : v == 2 ? r[2] : v == 3 ? *follower - before : (zigzag >> 1) ^ (0u - (zigzag & 1));
      if (v != 1) r[2] = r[1];
      r[1] = r[0];
      r[0] = d;
    }
    last_[at] = *follower = before + d;
    if (d == odd_[at]) step_[at] = d;
    odd_[at] = d;
    return before + d;
  }

  bool Define(Columns* from) {
    const uint64_t id = from->ops.Varint(), mask = from->ops.Varint();
    if (id > UINT32_MAX || kinds_known_ == kMaxKinds) return false;
    const Shape shape = ShapeOf(static_cast<uint32_t>(id));
    const uint32_t kind = DDET_KIND(static_cast<uint32_t>(id)), number = static_cast<uint32_t>(id) & 0xffffff;
    if (shape.records == 0 || mask >> shape.words != 0 || (kind == DDET_KIND_ENTRY && number >= DDET_MAX_SITES))
      return false;
    uint32_t at = static_cast<uint32_t>(id) * 2654435761u % kIdSlots;
    while (id_of_[at].id != 0 && id_of_[at].id != id) at = (at + 1) % kIdSlots;
    if (id_of_[at].id == 0) {
      if (ids_known_ == kMaxIds) return false;
      const uint32_t groups = (shape.words + 3u) / 4;
      for (uint32_t* table : {last_, step_, odd_}) std::memset(table + 4 * groups_used_, 0, 16 * groups);
      id_of_[at] = {static_cast<uint32_t>(id), groups_used_};
      groups_used_ += groups;
      ids_known_++;
    }
    kinds_[kinds_known_++] = {{kind, number, shape.words - 1u, 0}, id_of_[at].group, mask};
    return true;
  }

  Kind kinds_[kMaxKinds];
  Id id_of_[kIdSlots];
  uint32_t followers_[1 << kFollowerBits];
  uint32_t last_[kAllWords], step_[kAllWords], odd_[kAllWords];
  uint32_t recent_[3];
  uint32_t kinds_known_ = 0, ids_known_ = 0, groups_used_ = 0;
  uint32_t kinds_before_ = 0;
  const Kind* kind_ = nullptr;
};

}  // namespace dde

#endif  // TRACER_RECORDER_CHUNK_READER_H_
