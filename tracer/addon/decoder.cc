// SPDX-License-Identifier: MIT
#include "decoder.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "ddet_abi.h"
#include "encoder.h"

namespace dde {
namespace {

// As the encoder's: deeper frames are not on the chunk's own stack.
constexpr uint32_t kChunkStack = 4096;
// An exit closes at most so many frames whose own exits are missing; one that would need more is an orphan.
constexpr size_t kMaxMissing = 4096;

// One chunk's own tables. A decoder that stops for room goes on with them: nothing else is decoded in between on this thread.
struct Tables {
  uint32_t stack[kChunkStack];
  uint32_t last[kPredictorWords];
  uint32_t recent[3];
};

class Column {
 public:
  Column(const uint8_t* at, const uint8_t* end) : at_(at), end_(end) {}
  const uint8_t* at() const { return at_; }
  bool good() const { return good_; }
  bool ended() const { return good_ && at_ == end_; }

  inline uint8_t Byte() { return __builtin_expect(at_ < end_, 1) ? *at_++ : static_cast<uint8_t>(Short()); }
  inline uint64_t Varint() {
    if (__builtin_expect(at_ >= end_, 0)) return Short();
    const uint64_t first = *at_++;
    return __builtin_expect(first < 128, 1) ? first : Rest(first & 127);
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

// Up to file version 2: every word of every event.
inline uint32_t Word(Column* words, uint32_t* last) {
  const uint32_t v = static_cast<uint32_t>(words->Varint());
  return *last += (v >> 1) ^ (0u - (v & 1));
}

// The difference of a word that changed; see encoder.h.
inline uint32_t Difference(Column* words, uint32_t* r) {
  const uint64_t v = words->Varint();
  uint32_t d;
  if (v == 0) return r[0];
  if (v == 1) {
    d = r[1];
  } else {
    const uint32_t zigzag = static_cast<uint32_t>(v - 2);
    d = v == 2 ? r[2] : (zigzag >> 1) ^ (0u - (zigzag & 1));
    r[2] = r[1];
  }
  r[1] = r[0];
  r[0] = d;
  return d;
}

template <bool kMasks>
inline uint32_t Next(Column* words, uint32_t* last, bool changed, uint32_t* recent) {
  if (!kMasks) return Word(words, last);
  if (changed) *last += Difference(words, recent);
  return *last;
}

template <bool kMasks>
DecodeResult DecodeAs(const uint8_t* body, size_t bytes, DecodeState* s, const DecodeColumns& to) {
  static thread_local const std::unique_ptr<Tables> of_thread(new Tables);
  Tables& tables = *of_thread;
  const size_t count = static_cast<size_t>(s->count);
  const size_t ops_end = static_cast<size_t>(s->ops_bytes);
  const size_t delta_end = ops_end + static_cast<size_t>(s->delta_bytes);
  const size_t words_end = delta_end + static_cast<size_t>(s->words_bytes);
  size_t i = static_cast<size_t>(s->event);
  if (words_end != bytes || s->ops > s->ops_bytes || s->delta > s->delta_bytes || s->words > s->words_bytes) {
    return DecodeResult::kBad;
  }
  if (i == 0) {
    std::memset(tables.last, 0, sizeof(tables.last));
    std::memset(tables.recent, 0, sizeof(tables.recent));
  }
  Column ops(body + static_cast<size_t>(s->ops), body + ops_end);
  Column deltas(body + ops_end + static_cast<size_t>(s->delta), body + delta_end);
  Column words(body + delta_end + static_cast<size_t>(s->words), body + words_end);
  size_t depth = static_cast<size_t>(s->depth), floor = static_cast<size_t>(s->floor);
  size_t out = static_cast<size_t>(s->out), pay = static_cast<size_t>(s->payload);
  uint32_t chunk_depth = static_cast<uint32_t>(s->chunk_depth);
  int64_t max_site = static_cast<int64_t>(s->max_site);
  double time = s->time, orphans = s->orphans, synthetic = s->synthetic;
  const double scale = s->ns_per_tick, minimum = s->minimum;
  DecodeResult result = DecodeResult::kDone;
  // At the begin of the event that found no room.
  const uint8_t *ops_at = ops.at(), *deltas_at = deltas.at(), *words_at = words.at();
  const auto bad = [&] { result = DecodeResult::kBad; };

  for (; i < count; i++) {
    ops_at = ops.at();
    deltas_at = deltas.at();
    words_at = words.at();
    if (__builtin_expect(out >= to.room || depth >= to.stack_room || to.payload_room - pay < kMaxPayload, 0)) {
      result = DecodeResult::kNeedsRoom;
      break;
    }
    const double time_before = time;
    const uint32_t chunk_depth_before = chunk_depth;
    const uint64_t packed = ops.Varint();
    const bool changed = !kMasks || (packed & 1) != 0;
    const uint32_t op = static_cast<uint32_t>(kMasks ? packed >> 1 : packed);
    time += static_cast<double>(deltas.Varint());
    uint32_t tag = op & 3, number = op >> 2, key = op, extra = 0;
    if (op == 0) {
      if (chunk_depth == 0 || chunk_depth > kChunkStack) {
        bad();
        break;
      }
      number = tables.stack[--chunk_depth];
      tag = 2;
      key = number << 2 | 2;
    } else if (tag == 2) {
      chunk_depth = 0;
    } else if (tag == 3) {
      extra = (number & 15) * 4;
    } else if (tag == 0) {
      extra = number & 7;
      number >>= 3;
      if (extra == 0 || extra > DDET_MAX_ARGS) {
        bad();
        break;
      }
    }
    uint32_t* const last = tables.last + PredictorSlot(key);

    if (tag < 2) {
      if (number >= DDET_MAX_SITES) {
        bad();
        break;
      }
      if (chunk_depth < kChunkStack) tables.stack[chunk_depth] = number;
      chunk_depth++;
      max_site = std::max<int64_t>(max_site, number);
      to.stack[depth++] = number;
      to.kind[out] = DDET_KIND_ENTRY;
      to.id[out] = number;
      to.payload_start[out] = 0;
    } else if (tag == 2) {
      // The frame that ends: the innermost, unless exits in between are missing.
      if (__builtin_expect(depth == 0 || to.stack[depth - 1] != number, 0)) {
        const size_t lowest = depth > kMaxMissing ? depth - kMaxMissing : 0;
        size_t d = depth;
        while (d > lowest && to.stack[d - 1] != number) d--;
        if (d == lowest) {
          orphans++;
          Next<kMasks>(&words, last, changed, tables.recent);
          continue;
        }
        if (out + (depth - d) >= to.room) {
          time = time_before;
          chunk_depth = chunk_depth_before;
          result = DecodeResult::kNeedsRoom;
          break;
        }
        for (const double at = std::max(minimum, time * scale); depth > d; out++, synthetic++) {
          to.ts[out] = at;
          to.kind[out] = DDET_KIND_EXIT;
          to.flags[out] = 1;
          to.id[out] = to.stack[--depth];
          to.arg[out] = 0;
          to.payload_start[out] = 0;
        }
      }
      depth--;
      floor = std::min(floor, depth);
      to.kind[out] = DDET_KIND_EXIT;
      to.id[out] = number;
      to.payload_start[out] = 0;
    } else {
      to.kind[out] = DDET_KIND_EVENT;
      to.id[out] = number >> 4;
    }
    to.arg[out] = Next<kMasks>(&words, last, changed, tables.recent);
    if (tag == 3 || extra > 0) {
      to.payload[pay++] = extra;
      to.payload_start[out] = static_cast<uint32_t>(pay);
      if (kMasks) {
        uint64_t mask = 0;
        for (uint32_t w = 0; w < extra; w += 8) mask |= static_cast<uint64_t>(ops.Byte()) << w;
        for (uint32_t w = 0; w < extra; w++) {
          if ((mask >> w & 1) != 0) last[1 + w] += Difference(&words, tables.recent);
          to.payload[pay++] = last[1 + w];
        }
      } else {
        // Here the table wraps around.
        const size_t slot = static_cast<size_t>(last - tables.last);
        for (uint32_t w = 1; w <= extra; w++) {
          to.payload[pay++] = Word(&words, &tables.last[(slot + w) & (kPredictorSlots - 1)]);
        }
      }
    }
    to.ts[out] = std::max(minimum, time * scale);
    to.flags[out] = 0;
    out++;
  }

  if (!ops.good() || !deltas.good() || !words.good()) result = DecodeResult::kBad;
  if (result == DecodeResult::kDone && !(ops.ended() && deltas.ended() && words.ended())) result = DecodeResult::kBad;
  s->event = static_cast<double>(i);
  s->ops = static_cast<double>(ops_at - body);
  s->delta = static_cast<double>(deltas_at - body - ops_end);
  s->words = static_cast<double>(words_at - body - delta_end);
  s->depth = static_cast<double>(depth);
  s->floor = static_cast<double>(floor);
  s->out = static_cast<double>(out);
  s->payload = static_cast<double>(pay);
  s->time = time;
  s->max_site = static_cast<double>(max_site);
  s->orphans = orphans;
  s->synthetic = synthetic;
  s->chunk_depth = chunk_depth;
  s->last = std::max(minimum, time * scale);
  return result;
}

}  // namespace

DecodeResult Decode(const uint8_t* body, size_t bytes, DecodeState* state, const DecodeColumns& to) {
  return state->masks != 0 ? DecodeAs<true>(body, bytes, state, to) : DecodeAs<false>(body, bytes, state, to);
}

}  // namespace dde
