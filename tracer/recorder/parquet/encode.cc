// SPDX-License-Identifier: MIT
#include "encode.h"

#include <algorithm>
#include <cstring>

#include "thrift.h"

namespace dde::parquet {
namespace {

constexpr size_t kBlock = 128, kMini = 32;

// Low bits first; n is a multiple of 8 unless the caller pads.
void PutBits(std::string* out, const uint64_t* v, size_t n, unsigned width) {
  unsigned __int128 bits = 0;
  unsigned have = 0;
  for (size_t i = 0; i < n; i++) {
    bits |= static_cast<unsigned __int128>(v[i]) << have;
    for (have += width; have >= 8; have -= 8) {
      out->push_back(static_cast<char>(bits));
      bits >>= 8;
    }
  }
  if (have > 0) out->push_back(static_cast<char>(bits));
}

void PutGroups(std::string* out, const uint32_t* v, size_t n, unsigned width) {
  if (n == 0) return;
  const size_t groups = (n + 7) / 8;
  PutVarint(out, groups << 1 | 1);
  uint64_t eight[8];
  for (size_t i = 0; i < groups * 8; i += 8) {
    for (size_t k = 0; k < 8; k++) eight[k] = i + k < n ? v[i + k] : 0;
    PutBits(out, eight, 8, width);
  }
}

void PutRun(std::string* out, uint32_t v, size_t n, unsigned width) {
  PutVarint(out, n << 1);
  for (unsigned bits = 0; bits < width; bits += 8) out->push_back(static_cast<char>(v >> bits));
}

}  // namespace

unsigned WidthOf(size_t n) {
  unsigned width = 1;
  while (width < 32 && n > (size_t{1} << width)) width++;
  return width;
}

void PutHybrid(std::string* out, const uint32_t* v, size_t n, unsigned width) {
  size_t literal = 0;  // the first value that is not written yet
  for (size_t i = 0; i < n;) {
    size_t end = i + 1;
    while (end < n && v[end] == v[i]) end++;
    // Packed groups are of eight: a run gives them what they lack.
    const size_t lacks = (8 - (i - literal) % 8) % 8;
    if (end - i >= lacks + 8) {
      i += lacks;
      PutGroups(out, v + literal, i - literal, width);
      PutRun(out, v[i], end - i, width);
      literal = end;
    }
    i = end;
  }
  PutGroups(out, v + literal, n - literal, width);
}

void PutDelta(std::string* out, const int64_t* v, size_t n) {
  PutVarint(out, kBlock);
  PutVarint(out, kBlock / kMini);
  PutVarint(out, n);
  PutVarint(out, ZigZag(n > 0 ? v[0] : 0));
  uint64_t deltas[kBlock];
  for (size_t at = 1; at < n; at += kBlock) {
    const size_t count = std::min(kBlock, n - at);
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
      deltas[i] = static_cast<uint64_t>(v[at + i]) - static_cast<uint64_t>(v[at + i - 1]);
      least = std::min(least, static_cast<int64_t>(deltas[i]));
    }
    for (size_t i = 0; i < kBlock; i++) deltas[i] = i < count ? deltas[i] - static_cast<uint64_t>(least) : 0;
    PutVarint(out, ZigZag(least));
    unsigned widths[kBlock / kMini];
    const size_t minis = (count + kMini - 1) / kMini;
    for (size_t m = 0; m < kBlock / kMini; m++) {
      uint64_t all = 0;
      for (size_t i = 0; i < kMini; i++) all |= deltas[m * kMini + i];
      widths[m] = all == 0 ? 0 : 64 - static_cast<unsigned>(__builtin_clzll(all));
      out->push_back(static_cast<char>(widths[m]));
    }
    for (size_t m = 0; m < minis; m++) {
      if (widths[m] > 0) PutBits(out, deltas + m * kMini, kMini, widths[m]);
    }
  }
}

bool MakeDictionary(const int64_t* v, size_t n, size_t limit, std::vector<int64_t>* distinct,
                    std::vector<uint32_t>* place) {
  size_t slots = 64;
  while (slots < limit * 4) slots *= 2;
  std::vector<uint32_t> table(slots, 0);
  distinct->clear();
  place->resize(n);
  for (size_t i = 0; i < n; i++) {
    size_t at = static_cast<uint64_t>(v[i]) * 0x9e3779b97f4a7c15u >> 20 & (slots - 1);
    while (table[at] != 0 && (*distinct)[table[at] - 1] != v[i]) at = (at + 1) & (slots - 1);
    if (table[at] == 0) {
      if (distinct->size() >= limit) return false;
      distinct->push_back(v[i]);
      table[at] = static_cast<uint32_t>(distinct->size());
    }
    (*place)[i] = table[at] - 1;
  }
  return true;
}

}  // namespace dde::parquet
