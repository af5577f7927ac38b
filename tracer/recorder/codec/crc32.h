// SPDX-License-Identifier: MIT
// CRC-32 as in zlib and gzip (polynomial 0xEDB88320), eight bytes at a time.
#ifndef TRACER_RECORDER_CRC32_H_
#define TRACER_RECORDER_CRC32_H_

#include <cstddef>
#include <cstdint>

namespace dde {

uint32_t Crc32(const void* data, size_t length, uint32_t crc = 0);

}  // namespace dde

#endif  // TRACER_RECORDER_CRC32_H_
