// SPDX-License-Identifier: MIT
#include "encoder.h"

#include <cstring>
#include <vector>

#include "ddet_abi.h"

namespace dde {
namespace {

constexpr uint32_t kMaxWords = 1 + 15 * 4;
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

inline uint8_t* PutWord(uint8_t* at, uint32_t word, uint32_t* last) {
  const uint32_t diff = word - *last;
  *last = word;
  return PutVarint(at, (diff << 1) ^ (0u - (diff >> 31)));
}

}  // namespace

void Encoder::Reset() {
  if (!ops_buffer_) {
    ops_buffer_.reset(new uint8_t[kMaxChunkEvents * 5]);
    delta_buffer_.reset(new uint8_t[kMaxChunkEvents * 10]);
    words_buffer_.reset(new uint8_t[kWordsBytes + kMaxWords * 5]);
    stack_.reset(new uint32_t[kStackDepth]);
    last_.reset(new uint32_t[kPredictorSlots]);
  }
  std::memset(last_.get(), 0, kPredictorSlots * 4);
  ops_ = ops_buffer_.get();
  delta_ = delta_buffer_.get();
  words_ = words_buffer_.get();
  depth_ = 0;
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
  uint32_t key, words = extra * 4;
  if (DDET_KIND(id) == DDET_KIND_ENTRY) {
    const uint32_t site = DDET_SITE(id);
    words = DDET_ARGS(id);  // what else the payload records hold is of no argument
    key = words > 0 ? (site << 3 | words) << 2 : site << 2 | 1;
    ops_ = PutVarint(ops_, key);
    if (depth_ < kStackDepth) stack_[depth_] = site;
    depth_++;
  } else if (DDET_KIND(id) == DDET_KIND_EXIT) {
    key = number << 2 | 2;
    if (depth_ > 0 && depth_ <= kStackDepth && stack_[depth_ - 1] == number) {
      *ops_++ = 0;
      depth_--;
    } else {
      ops_ = PutVarint(ops_, key);
      depth_ = 0;  // frames were left without an exit: start again, as the decoder does
    }
  } else {
    key = (number & 0xffff) << 6 | extra << 2 | 3;
    ops_ = PutVarint(ops_, key);
  }

  const uint32_t slot = PredictorSlot(key);
  words_ = PutWord(words_, arg, &last_[slot]);
  const uint8_t* payload = record + DDET_RECORD_BYTES;
  for (uint32_t w = 1; w <= words; w++, payload += 4) {
    uint32_t word;
    std::memcpy(&word, payload, 4);
    words_ = PutWord(words_, word, &last_[(slot + w) & (kPredictorSlots - 1)]);
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
  static thread_local std::vector<uint8_t> body;
  body.resize(sizes[1] + sizes[2] + sizes[3]);
  std::memcpy(body.data(), ops_buffer_.get(), sizes[1]);
  std::memcpy(body.data() + sizes[1], delta_buffer_.get(), sizes[2]);
  std::memcpy(body.data() + sizes[1] + sizes[2], words_buffer_.get(), sizes[3]);
  const uint32_t count = count_;
  count_ = 0;
  if (!file->Chunk(ChunkType::kEvents, uid_, head, sizeof(head), body.data(), body.size())) return false;
  written_ += count;
  return true;
}

}  // namespace dde
