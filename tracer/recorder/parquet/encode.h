// SPDX-License-Identifier: MIT
// Parquet's encodings of a column's values.
#ifndef TRACER_RECORDER_PARQUET_ENCODE_H_
#define TRACER_RECORDER_PARQUET_ENCODE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dde::parquet {

// The hybrid of runs and bit-packed groups, for values below 2^width; width is 1 to 32.
void PutHybrid(std::string* out, const uint32_t* v, size_t n, unsigned width);

// DELTA_BINARY_PACKED: small for numbers that grow evenly.
void PutDelta(std::string* out, const int64_t* v, size_t n);

// The distinct values of a column in the order in which they come first, and for each value its place among them. False when there are
// more than `limit`: a dictionary would not pay.
bool MakeDictionary(const int64_t* v, size_t n, size_t limit, std::vector<int64_t>* distinct,
                    std::vector<uint32_t>* place);

// Bits that numbers below n need, at least 1.
unsigned WidthOf(size_t n);

}  // namespace dde::parquet

#endif  // TRACER_RECORDER_PARQUET_ENCODE_H_
