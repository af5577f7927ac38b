// SPDX-License-Identifier: MIT
#include "drain/short_calls.h"

#include <algorithm>
#include <cstring>

#include "abi/ddet_abi.h"

namespace dde {
namespace {

constexpr size_t kHead = DDET_RECORD_BYTES;
constexpr uint32_t kDropped = 1u << 31;
// Emitted bytes that are worth moving the rest.
constexpr size_t kCompact = 1u << 20;

// What is read behind an event must be there.
bool Give(const uint8_t* event, uint32_t records, Encoder* encoder, TraceFile* file) {
  uint8_t copy[16 * DDET_RECORD_BYTES + kReadAhead] = {};
  std::memcpy(copy, event, records * DDET_RECORD_BYTES);
  return encoder->Add(copy, copy + records * DDET_RECORD_BYTES, file) != nullptr;
}

}  // namespace

bool ShortCalls::Add(const uint8_t* record, uint32_t records, Encoder* encoder, TraceFile* file) {
  uint64_t tsc;
  uint32_t id;
  std::memcpy(&tsc, record, 8);
  std::memcpy(&id, record + 8, 4);
  last_tsc_ = std::max(last_tsc_, tsc);  // as the encoder: time does not run back
  if (!Advance(last_tsc_, encoder, file)) return false;

  const uint32_t kind = DDET_KIND(id);
  if (kind == DDET_KIND_ENTRY) {
    if (waiting_ >= kMaxWaiting) {
      first_++;  // the outermost has waited long enough
      if (!Emit(encoder, file)) return false;
    }
    open_.push_back({last_tsc_, base_ + bytes_.size(), DDET_SITE(id)});
    Push(record, records);
    return true;
  }
  if (none_open()) return Give(record, records, encoder, file);
  if (kind == DDET_KIND_EXIT) {
    const Open entry = open_.back();
    if (entry.site != DDET_NUMBER(id)) return KeepAll(encoder, file) && Give(record, records, encoder, file);
    const size_t at = entry.at - base_;
    uint32_t held;
    std::memcpy(&held, &bytes_[at], 4);
    if (at + kHead + DDET_RECORD_BYTES * held == bytes_.size()) {
      bytes_.resize(at);  // nothing happened inside: the usual case
      waiting_--;
    } else {
      held |= kDropped;
      std::memcpy(&bytes_[at], &held, 4);
    }
    open_.pop_back();
    filtered_ += 2;
    return Emit(encoder, file);
  }
  if (waiting_ >= kMaxWaiting) {
    first_++;
    if (!Emit(encoder, file)) return false;
    if (none_open()) return Give(record, records, encoder, file);
  }
  Push(record, records);
  return true;
}

bool ShortCalls::Advance(uint64_t now, Encoder* encoder, TraceFile* file) {
  const size_t before = first_;
  while (!none_open() && now >= open_[first_].tsc && now - open_[first_].tsc >= limit_) first_++;
  return first_ == before || Emit(encoder, file);
}

bool ShortCalls::KeepAll(Encoder* encoder, TraceFile* file) {
  first_ = open_.size();
  return Emit(encoder, file);
}

void ShortCalls::Push(const uint8_t* record, uint32_t records) {
  uint8_t head[kHead] = {};
  std::memcpy(head, &records, 4);
  bytes_.insert(bytes_.end(), head, head + kHead);
  bytes_.insert(bytes_.end(), record, record + DDET_RECORD_BYTES * records);
  waiting_++;
}

bool ShortCalls::Emit(Encoder* encoder, TraceFile* file) {
  const size_t end = none_open() ? bytes_.size() : static_cast<size_t>(open_[first_].at - base_);
  bool good = true;
  while (good && head_ < end) {
    uint32_t held;
    std::memcpy(&held, &bytes_[head_], 4);
    const uint32_t records = held & ~kDropped;
    if (held == records) good = Give(&bytes_[head_ + kHead], records, encoder, file);
    head_ += kHead + DDET_RECORD_BYTES * records;
    waiting_--;
  }
  if (none_open()) {
    open_.clear();
    first_ = 0;
  } else if (first_ > 1024) {
    open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  if (head_ == bytes_.size() || head_ > kCompact) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    base_ += head_;
    head_ = 0;
  }
  return good;
}

}  // namespace dde
