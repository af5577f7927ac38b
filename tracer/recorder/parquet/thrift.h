// SPDX-License-Identifier: MIT
// Thrift's compact protocol, as far as Parquet's headers need it: what is written, nothing is read.
#ifndef TRACER_RECORDER_PARQUET_THRIFT_H_
#define TRACER_RECORDER_PARQUET_THRIFT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace dde::parquet {

inline void PutVarint(std::string* out, uint64_t v) {
  for (; v >= 128; v >>= 7) out->push_back(static_cast<char>(v | 128));
  out->push_back(static_cast<char>(v));
}

inline uint64_t ZigZag(int64_t v) { return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63); }

// Fields must be written in the order of their numbers, each structure between Begin() and End().
class Thrift {
 public:
  static constexpr int kTrue = 1, kFalse = 2, kI32 = 5, kI64 = 6, kBinary = 8, kList = 9, kStruct = 12;

  const std::string& bytes() const { return out_; }

  // The outermost structure, or an element of a list of structures.
  void Begin() { last_.push_back(0); }
  void End() {
    out_.push_back(0);
    last_.pop_back();
  }
  void I32(int field, int32_t v) { Number(field, kI32, v); }
  void I64(int field, int64_t v) { Number(field, kI64, v); }
  void Bool(int field, bool v) { Header(field, v ? kTrue : kFalse); }
  void Binary(int field, const std::string& v) {
    Header(field, kBinary);
    BinaryElement(v);
  }
  void Struct(int field) {
    Header(field, kStruct);
    Begin();
  }
  void List(int field, int type, size_t size) {
    Header(field, kList);
    if (size < 15) {
      out_.push_back(static_cast<char>(size << 4 | static_cast<size_t>(type)));
    } else {
      out_.push_back(static_cast<char>(0xf0 | type));
      PutVarint(&out_, size);
    }
  }
  void I32Element(int32_t v) { PutVarint(&out_, ZigZag(v)); }
  void BinaryElement(const std::string& v) {
    PutVarint(&out_, v.size());
    out_ += v;
  }

 private:
  void Number(int field, int type, int64_t v) {
    Header(field, type);
    PutVarint(&out_, ZigZag(v));
  }
  void Header(int field, int type) {
    const int delta = field - last_.back();
    last_.back() = field;
    out_.push_back(static_cast<char>(delta << 4 | type));
  }

  std::string out_;
  std::vector<int> last_;
};

}  // namespace dde::parquet

#endif  // TRACER_RECORDER_PARQUET_THRIFT_H_
