// SPDX-License-Identifier: MIT
#include "encoder.h"

#include <emmintrin.h>

#include <cstring>

#include "ddet_abi.h"

namespace dde {
namespace {

constexpr uint32_t kMaxWords = 1 + 15 * 4;
constexpr uint32_t kMaxOpBytes = 5 + (kMaxWords + 7) / 8;
constexpr uint32_t kWordsBytes = 1 << 20;
constexpr uint32_t kStackDepth = 4096;

inline uint8_t* PutVarint(uint8_t* at, uint64_t v) {
  while (v >= 128) {
    *at++ = static_cast<uint8_t>(v | 128);
    v >>= 7;
  }
  *at++ = static_cast<uint8_t>(v);
  return at;
}

// Bit w = word w of `now` and `last` differ. Reads both up to the next four words.
inline uint64_t Changed(const uint8_t* now, const uint32_t* last, uint32_t words) {
  uint64_t mask = 0;
  for (uint32_t w = 0; w < words; w += 4) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(now + w * 4));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(last + w));
    const int same = _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(a, b)));
    mask |= static_cast<uint64_t>(same ^ 15) << w;
  }
  return words == 0 ? 0 : mask & (~uint64_t{0} >> (64 - words));
}

}  // namespace

void Encoder::Reset() {
  if (!ops_buffer_) {
    ops_buffer_.reset(new uint8_t[kMaxChunkEvents * kMaxOpBytes]);
    delta_buffer_.reset(new uint8_t[kMaxChunkEvents * 10]);
    words_buffer_.reset(new uint8_t[kWordsBytes + kMaxWords * 5]);
    stack_.reset(new uint32_t[kStackDepth]);
    last_.reset(new uint32_t[kPredictorWords]);
  }
  std::memset(last_.get(), 0, kPredictorWords * 4);
  std::memset(recent_, 0, sizeof(recent_));
  ops_ = ops_buffer_.get();
  delta_ = delta_buffer_.get();
  words_ = words_buffer_.get();
  depth_ = 0;
}

inline void Encoder::PutDifference(uint32_t d) {
  uint32_t* const r = recent_;
  if (d == r[0]) {
    *words_++ = 0;
    return;
  }
  if (d == r[1]) {
    *words_++ = 1;
  } else {
    if (d == r[2]) *words_++ = 2;
    else words_ = PutVarint(words_, uint64_t{(d << 1) ^ (0u - (d >> 31))} + 2);
    r[2] = r[1];
  }
  r[1] = r[0];
  r[0] = d;
}

bool Encoder::Add(const uint8_t* record, uint32_t extra, TraceFile* file) {
  uint64_t tsc;
  uint32_t id, arg;
  std::memcpy(&tsc, record, 8);
  std::memcpy(&id, record + 8, 4);
  std::memcpy(&arg, record + 12, 4);

  if (count_ == 0) {
    Reset();
    first_tsc_ = last_tsc_ = tsc;
  }
  if (tsc < last_tsc_) tsc = last_tsc_;  // rdtsc is not ordered; time must not run back in the file
  delta_ = PutVarint(delta_, tsc - last_tsc_);
  last_tsc_ = tsc;

  const uint32_t number = DDET_NUMBER(id);
  uint32_t key, op, words = extra * 4;
  if (DDET_KIND(id) == DDET_KIND_ENTRY) {
    const uint32_t site = DDET_SITE(id);
    words = DDET_ARGS(id);  // what else the payload records hold is of no argument
    op = key = words > 0 ? (site << 3 | words) << 2 : site << 2 | 1;
    if (depth_ < kStackDepth) stack_[depth_] = site;
    depth_++;
  } else if (DDET_KIND(id) == DDET_KIND_EXIT) {
    op = key = number << 2 | 2;
    if (depth_ > 0 && depth_ <= kStackDepth && stack_[depth_ - 1] == number) {
      op = 0;
      depth_--;
    } else {
      depth_ = 0;  // frames were left without an exit: start again, as the decoder does
    }
  } else {
    op = key = (number & 0xffff) << 6 | extra << 2 | 3;
  }

  uint32_t* const last = &last_[PredictorSlot(key)];
  const uint8_t* const payload = record + DDET_RECORD_BYTES;
  uint64_t changed = Changed(payload, last + 1, words);
  ops_ = PutVarint(ops_, op << 1 | (arg != last[0] ? 1 : 0));
  for (uint32_t w = 0; w < words; w += 8) *ops_++ = static_cast<uint8_t>(changed >> w);
  if (arg != last[0]) {
    PutDifference(arg - last[0]);
    last[0] = arg;
  }
  for (; changed != 0; changed &= changed - 1) {
    const int w = __builtin_ctzll(changed);
    uint32_t word;
    std::memcpy(&word, payload + 4 * w, 4);
    PutDifference(word - last[1 + w]);
    last[1 + w] = word;
  }

  count_++;
  if (count_ == kMaxChunkEvents || words_ >= words_buffer_.get() + kWordsBytes) return Flush(file);
  return true;
}

bool Encoder::SetLost(uint64_t lost, TraceFile* file) {
  if (lost == lost_) return true;
  const bool good = Flush(file);
  lost_ = lost;
  return good;
}

bool Encoder::Flush(TraceFile* file) {
  if (count_ == 0) return true;
  const uint32_t sizes[4] = {count_, static_cast<uint32_t>(ops_ - ops_buffer_.get()),
                             static_cast<uint32_t>(delta_ - delta_buffer_.get()),
                             static_cast<uint32_t>(words_ - words_buffer_.get())};
  uint8_t head[kEventsHeaderBytes];
  std::memcpy(head, &first_tsc_, 8);
  std::memcpy(head + 8, &last_tsc_, 8);
  std::memcpy(head + 16, &written_, 8);
  std::memcpy(head + 24, &lost_, 8);
  std::memcpy(head + 32, sizes, 16);
  // Differences of times hardly ever repeat in rows: looking for that costs more than all else and finds nothing.
  const BodyPart parts[3] = {{ops_buffer_.get(), sizes[1], false},
                             {delta_buffer_.get(), sizes[2], true},
                             {words_buffer_.get(), sizes[3], false}};
  const uint32_t count = count_;
  count_ = 0;
  if (!file->Chunk(ChunkType::kEvents, uid_, head, sizeof(head), parts, 3, kFlagMasks)) return false;
  written_ += count;
  return true;
}

}  // namespace dde
