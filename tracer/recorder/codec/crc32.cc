// SPDX-License-Identifier: MIT
#include "codec/crc32.h"

#include <array>
#include <cstring>

namespace dde {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  Tables t{};
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = (c >> 1) ^ (0xEDB88320u & (0u - (c & 1)));
    t[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; i++) {
    for (size_t s = 1; s < 8; s++) t[s][i] = (t[s - 1][i] >> 8) ^ t[0][t[s - 1][i] & 255];
  }
  return t;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint32_t Crc32(const void* data, size_t length, uint32_t crc) {
  const uint8_t* p = static_cast<const uint8_t*>(data);
  crc = ~crc;
  for (; length >= 8; length -= 8, p += 8) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    v ^= crc;
    crc = 0;
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) crc ^= kTables[7 - i][(v >> (8 * i)) & 255];
  }
  while (length--) crc = (crc >> 8) ^ kTables[0][(crc ^ *p++) & 255];
  return ~crc;
}

}  // namespace dde
