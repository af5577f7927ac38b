// SPDX-License-Identifier: MIT
#include "codec/encoder.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "abi/ddet_abi.h"

namespace dde {
namespace {

constexpr uint32_t kOpBytes = 2;
constexpr uint32_t kDefinitionBytes = 5 + 10;
constexpr uint32_t kWordBytes = 5;
constexpr uint32_t kWordsBytes = 1 << 20;
// Open addressing, at most half full.
constexpr unsigned kRowBits = 11;
constexpr unsigned kKindBits = 12;
static_assert(1u << kRowBits >= 2 * kMaxIds && 1u << kKindBits >= 2 * kMaxKinds, "room for all");
// All of a chunk's ids may have the most words.
constexpr uint32_t kGroupsInAll = kMaxIds * ((kMaxWords + 3) / 4 - 1);

constexpr std::array<Shape, 256> MakeShapes() {
  std::array<Shape, 256> shapes = {};
  for (uint32_t n = 0; n < 16; n++) {
    if (n <= DDET_MAX_ARGS) {
      shapes[DDET_KIND_ENTRY << 4 | n] = {static_cast<uint8_t>(1 + DDET_ARG_RECORDS(n)), static_cast<uint8_t>(1 + n)};
    }
    shapes[DDET_KIND_EVENT << 4 | n] = {static_cast<uint8_t>(1 + n), static_cast<uint8_t>(1 + 4 * n)};
  }
  shapes[DDET_KIND_EXIT << 4] = {1, 1};
  return shapes;
}

constexpr std::array<Shape, 256> kShapes = MakeShapes();

uint8_t* PutVarint(uint8_t* at, uint64_t v) {
  while (v >= 128) {
    *at++ = static_cast<uint8_t>(v | 128);
    v >>= 7;
  }
  *at++ = static_cast<uint8_t>(v);
  return at;
}

// v < 2^56. Writes 8 bytes, of which it uses 1 to 8.
inline uint8_t* PutShort(uint8_t* at, uint64_t v) {
  const unsigned bits = 63 - static_cast<unsigned>(__builtin_clzll(v | 1));
  const unsigned bytes = (bits * 37 >> 8) + 1;  // bits / 7 + 1
  const uint64_t stored = v << bytes | uint64_t{1} << (bytes - 1);
  std::memcpy(at, &stored, 8);
  return at + bytes;
}

// at + bytes, by branches that the compiler cannot make a sum of: where the next record begins is then foretold, and what is read of
// it does not wait for what is read of this one.
inline const uint8_t* Behind(const uint8_t* at, uint32_t bytes) {
  const uint8_t* next;
  if (bytes == 16) {
    next = at + 16;
    asm("" : "+r"(next));
  } else if (bytes == 32) {
    next = at + 32;
    asm("" : "+r"(next));
  } else if (bytes == 48) {
    next = at + 48;
    asm("" : "+r"(next));
  } else {
    next = at + bytes;
  }
  return next;
}

inline uint32_t HashOfId(uint32_t id) { return id * 2654435761u >> (32 - kRowBits); }

inline __m128i Load(const void* at) { return _mm_loadu_si128(static_cast<const __m128i*>(at)); }
inline void Store(void* at, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(at), v); }

}  // namespace

Shape ShapeOf(uint32_t id) { return kShapes[id >> 24]; }

void Encoder::Reset(const uint8_t* first) {
  if (!ops_buffer_) {
    ops_buffer_.reset(new uint8_t[kMaxChunkEvents * kOpBytes + kMaxKinds * kDefinitionBytes]);
    delta_buffer_.reset(new uint8_t[kMaxChunkEvents * 8]);
    words_buffer_.reset(new uint8_t[kWordsBytes + 8]);
    rows_.reset(new Row[1 + kMaxIds]);
    row_of_.reset(new uint16_t[1 << kRowBits]);
    kinds_.reset(new Kind[1 << kKindBits]);
    groups_.reset(new Group[kGroupsInAll]);
    followers_.reset(new uint32_t[1 << kFollowerBits]);
    // What is found for an id that has no row, and may be that id: a record that ends behind any end.
    rows_[0] = {};
    rows_[0].bytes = 1u << 30;
  }
  std::memset(row_of_.get(), 0, sizeof(uint16_t) << kRowBits);
  std::memset(kinds_.get(), 0, sizeof(Kind) << kKindBits);
  std::memset(recent_, 0, sizeof(recent_));
  std::memset(followers_.get(), 0, sizeof(uint32_t) << kFollowerBits);
  ops_ = ops_buffer_.get();
  delta_ = delta_buffer_.get();
  words_ = words_buffer_.get();
  row_count_ = kind_count_ = group_count_ = 0;
  std::memcpy(&first_tsc_, first, 8);
  last_tsc_ = first_tsc_;
}

// nullptr: it is no event's id, or the chunk has no room for another one.
Encoder::Row* Encoder::FindRow(uint32_t id) {
  uint32_t at = HashOfId(id);
  for (; row_of_[at] != 0; at = (at + 1) & ((1 << kRowBits) - 1)) {
    if (rows_[row_of_[at]].id == id) return &rows_[row_of_[at]];
  }
  const Shape shape = ShapeOf(id);
  if (shape.records == 0 || row_count_ == kMaxIds) return nullptr;
  row_of_[at] = static_cast<uint16_t>(++row_count_);
  Row* const row = &rows_[row_count_];
  std::memset(row, 0, sizeof(*row));
  row->id = id;
  row->more = group_count_;
  row->bytes = shape.records * DDET_RECORD_BYTES;
  row->words = shape.words;
  row->lanes = static_cast<uint8_t>(shape.words < 4 ? (1 << shape.words) - 1 : 15);
  const uint32_t more = (shape.words - 1u) / 4;
  if (more > 0) std::memset(&groups_[group_count_], 0, more * sizeof(Group));
  group_count_ += more;
  return row;
}

uint32_t Encoder::NumberOf(Row* row, uint64_t mask) {
  if (mask < kNearMasks) {
    if (row->numbers[mask] == 0) row->numbers[mask] = static_cast<uint16_t>(++kind_count_);
    return row->numbers[mask] - 1u;
  }
  uint64_t at = (mask ^ uint64_t{row->id} << 32) * 0x9e3779b97f4a7c15u >> (64 - kKindBits);
  while (kinds_[at].number != 0 && (kinds_[at].mask != mask || kinds_[at].id != row->id)) {
    at = (at + 1) & ((1 << kKindBits) - 1);
  }
  if (kinds_[at].number == 0) kinds_[at] = {mask, row->id, ++kind_count_};
  return kinds_[at].number - 1;
}

// Which of the five it is cannot be foretold: no branches.
inline uint64_t Encoder::CodeOf(uint32_t word, uint32_t d) {
  uint32_t* const follower = &followers_[FollowerSlot(word - d)];
  const bool follows = *follower == word;
  *follower = word;
  const uint32_t r0 = recent_[0], r1 = recent_[1], r2 = recent_[2];
  uint64_t v = uint64_t{(d << 1) ^ (0u - (d >> 31))} + 4;
  v = follows ? 3 : v;
  v = d == r2 ? 2 : v;
  v = d == r1 ? 1 : v;
  v = d == r0 ? 0 : v;
  recent_[2] = d == r0 || d == r1 ? r2 : r1;
  recent_[1] = d == r0 ? r1 : r0;
  recent_[0] = d;
  return v;
}

// Remembers an event's words; which of them are not what was expected, and how far all are from those of the event before.
[[gnu::always_inline]] inline uint64_t Encoder::Compare(const uint8_t* at, Row* row, uint32_t* difference) {
  const auto step = [](const uint8_t* from, Group* group, uint32_t* to) {
    const __m128i now = Load(from);
    const __m128i d = _mm_sub_epi32(now, Load(group->last));
    Store(group->last, now);
    Store(to, d);
    return static_cast<uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(d, Load(group->step)))));
  };
  uint64_t mask = ~step(at, &row->first, difference) & row->lanes;
  if (row->words > 4) {
    for (uint32_t w = 4; w < row->words; w += 4) {
      mask |= static_cast<uint64_t>(step(at + 4 * w, &groups_[row->more + w / 4 - 1], difference + w) ^ 15) << w;
    }
    mask &= (uint64_t{1} << row->words) - 1;
  }
  return mask;
}

// A kind whose number takes two bytes, or that comes for the first time.
[[gnu::always_inline]] inline uint8_t* Encoder::PutRareKind(uint8_t* ops, Row* row, uint64_t mask) {
  const uint32_t known = kind_count_;
  uint32_t number = NumberOf(row, mask);
  if (number >= kShortKinds) {
    *ops++ = static_cast<uint8_t>(kShortKinds + ((number - kShortKinds) >> 8));
    number -= kShortKinds;
  }
  *ops++ = static_cast<uint8_t>(number);
  return kind_count_ == known ? ops : PutVarint(PutVarint(ops, row->id), mask);
}

// The words that are not what was expected.
[[gnu::always_inline]] inline uint8_t* Encoder::PutWords(uint8_t* words, Row* row, uint64_t mask,
                                                         const uint32_t* difference) {
  for (; mask != 0; mask &= mask - 1) {
    const uint32_t w = static_cast<uint32_t>(__builtin_ctzll(mask));
    Group* const group = w < 4 ? &row->first : &groups_[row->more + w / 4 - 1];
    const uint32_t d = difference[w];
    if (d == group->odd[w % 4]) group->step[w % 4] = d;
    group->odd[w % 4] = d;
    words = PutShort(words, CodeOf(group->last[w % 4], d));
  }
  return words;
}

// At most to the end of the chunk. What it counts is in locals: the compiler must take a byte that is stored for one of any member.
const uint8_t* Encoder::AddSome(const uint8_t* at, const uint8_t* end) {
  // An event has at least a record, and four words a record but for word 0.
  const size_t records = std::min<size_t>(
      kMaxChunkEvents - count_, (kWordsBytes - static_cast<size_t>(words_ - words_buffer_.get())) / (5 * kWordBytes));
  if (kind_count_ == kMaxKinds) return at;
  if (records < static_cast<size_t>(end - at) / DDET_RECORD_BYTES) end = at + records * DDET_RECORD_BYTES;
  Row* const rows = rows_.get();
  const uint16_t* const row_of = row_of_.get();
  uint8_t *ops = ops_, *delta = delta_, *words = words_;
  uint64_t last_tsc = last_tsc_;
  uint32_t count = count_;

  while (at < end) {
    uint64_t tsc;
    uint32_t id;
    std::memcpy(&tsc, at, 8);
    std::memcpy(&id, at + 8, 4);
    Row* row = &rows[row_of[HashOfId(id)]];
    if (__builtin_expect(row->id != id, 0)) {
      row = FindRow(id);
      if (row == nullptr) break;
    }
    const uint8_t* const next = Behind(at, row->bytes);
    if (__builtin_expect(next > end, 0)) break;
    uint64_t ticks = tsc - last_tsc;
    if (__builtin_expect(ticks >> 56 != 0 || tsc < last_tsc, 0)) {
      if (tsc > last_tsc) break;
      ticks = 0;  // rdtsc is not ordered; time must not run back in the file
    }
    last_tsc += ticks;
    delta = PutShort(delta, ticks);

    uint32_t difference[kMaxGroups * 4];
    const uint64_t mask = Compare(at + 12, row, difference);
    const uint32_t number = mask < kNearMasks ? row->numbers[mask] - 1u : ~0u;
    if (__builtin_expect(number < kShortKinds, 1)) {
      *ops++ = static_cast<uint8_t>(number);
    } else {
      ops = PutRareKind(ops, row, mask);
      if (kind_count_ == kMaxKinds) end = next;
    }
    words = PutWords(words, row, mask, difference);
    count++;
    at = next;
  }

  ops_ = ops;
  delta_ = delta;
  words_ = words;
  last_tsc_ = last_tsc;
  count_ = count;
  return at;
}

const uint8_t* Encoder::Add(const uint8_t* at, const uint8_t* end, TraceFile* file) {
  while (at < end) {
    uint32_t id;
    std::memcpy(&id, at + 8, 4);
    const size_t bytes = ShapeOf(id).records * DDET_RECORD_BYTES;
    if (bytes == 0 || bytes > static_cast<size_t>(end - at)) return at;
    if (count_ == 0) Reset(at);
    const uint8_t* const stop = AddSome(at, end);
    // It has no room for the next one.
    if (stop == at && !Flush(file)) return nullptr;
    at = stop;
  }
  return at;
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
  // Times and words hardly ever repeat in rows: looking for that costs more than all else and finds little.
  const BodyPart parts[3] = {{ops_buffer_.get(), sizes[1], false},
                             {delta_buffer_.get(), sizes[2], true},
                             {words_buffer_.get(), sizes[3], true}};
  const uint32_t count = count_;
  count_ = 0;
  if (!file->Chunk(ChunkType::kEvents, uid_, head, sizeof(head), parts, 3, kFlagKinds)) return false;
  written_ += count;
  return true;
}

}  // namespace dde
