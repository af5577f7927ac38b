// SPDX-License-Identifier: MIT
// The layout is that of the Parquet format, version 1 data pages: https://parquet.apache.org/docs/file-format/
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "encode.h"

namespace dde::parquet {
namespace {

constexpr char kMagic[] = "PAR1";
constexpr int kInt32 = 1, kInt64 = 2, kDouble = 5, kByteArray = 6;
constexpr int kPlain = 0, kRle = 3, kDeltaBinaryPacked = 5, kRleDictionary = 8;
constexpr int kUncompressed = 0, kZstd = 6;
// A dictionary of more values than this, or than one in so many rows, does not pay.
constexpr size_t kMaxDictionary = 1 << 14, kRowsAValue = 4;

int PhysicalOf(Type type) {
  switch (type) {
    case Type::kI64:
    case Type::kU64:
      return kInt64;
    case Type::kF64:
      return kDouble;
    case Type::kText:
      return kByteArray;
    default:
      return kInt32;
  }
}

// Parquet's converted types; -1: none.
int ConvertedOf(Type type) {
  switch (type) {
    case Type::kText:
      return 0;
    case Type::kU8:
      return 11;
    case Type::kU16:
      return 12;
    case Type::kU32:
      return 13;
    case Type::kU64:
      return 14;
    default:
      return -1;
  }
}

void PutLittle(std::string* out, uint64_t v, unsigned bytes) { out->append(reinterpret_cast<const char*>(&v), bytes); }

void PutPlain(std::string* out, Type type, const int64_t* v, size_t n) {
  const unsigned bytes = PhysicalOf(type) == kInt32 ? 4 : 8;
  for (size_t i = 0; i < n; i++) PutLittle(out, static_cast<uint64_t>(v[i]), bytes);
}

std::string Bound(Type type, int64_t v) {
  std::string out;
  PutPlain(&out, type, &v, 1);
  return out;
}

void PutText(std::string* out, const std::string& text) {
  PutLittle(out, text.size(), 4);
  *out += text;
}

template <class T>
void WidenAs(const std::vector<uint8_t>& bytes, std::vector<int64_t>* to) {
  for (size_t i = 0; i < to->size(); i++) {
    T v;
    std::memcpy(&v, bytes.data() + i * sizeof(v), sizeof(v));
    (*to)[i] = static_cast<int64_t>(v);
  }
}

}  // namespace

Writer::Writer(const std::string& path, std::vector<ColumnInfo> columns,
               std::vector<std::pair<std::string, std::string>> metadata, int level)
    : columns_(std::move(columns)), metadata_(std::move(metadata)), level_(level) {
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd_ < 0) error_ = errno;
  Put(kMagic);
}

Writer::~Writer() {
  Wait();
  if (fd_ >= 0) close(fd_);
}

void Writer::Wait() {
  if (worker_.joinable()) worker_.join();
}

int Writer::Add(size_t rows, std::vector<ColumnData> data) {
  Wait();
  rows_ += static_cast<int64_t>(rows);
  if (error_ == 0 && rows > 0) {
    worker_ = std::thread([this, rows, data = std::move(data)] { Encode(rows, data); });
  }
  return error_;
}

int Writer::Finish() {
  Wait();
  const std::string footer = Footer();
  Put(footer);
  std::string end;
  PutLittle(&end, footer.size(), 4);
  Put(end + kMagic);
  if (fd_ >= 0 && close(fd_) != 0 && error_ == 0) error_ = errno;
  fd_ = -1;
  return error_;
}

void Writer::Put(const std::string& bytes) {
  for (size_t at = 0; at < bytes.size() && error_ == 0;) {
    const ssize_t n = write(fd_, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno != EINTR) error_ = errno;
    if (n > 0) at += static_cast<size_t>(n);
  }
  offset_ += static_cast<int64_t>(bytes.size());
}

void Writer::Encode(size_t rows, const std::vector<ColumnData>& data) {
  Group group;
  group.rows = static_cast<int64_t>(rows);
  for (size_t i = 0; i < columns_.size(); i++) group.chunks.push_back(PutColumn(columns_[i], data[i], rows));
  groups_.push_back(std::move(group));
}

// False: a text that is not there.
bool Writer::Widen(const ColumnInfo& info, const ColumnData& data, size_t rows) {
  values_.resize(rows);
  switch (data.given) {
    case Given::kU8:
      WidenAs<uint8_t>(data.bytes, &values_);
      break;
    case Given::kU16:
      WidenAs<uint16_t>(data.bytes, &values_);
      break;
    case Given::kU32:
      WidenAs<uint32_t>(data.bytes, &values_);
      break;
    case Given::kI32:
      WidenAs<int32_t>(data.bytes, &values_);
      break;
    case Given::kF64:
      if (info.type == Type::kF64)
        std::memcpy(values_.data(), data.bytes.data(), rows * sizeof(double));
      else if (info.type == Type::kU64) {
        for (size_t i = 0; i < rows; i++) {
          double v;
          std::memcpy(&v, data.bytes.data() + i * sizeof(v), sizeof(v));
          values_[i] = static_cast<int64_t>(static_cast<uint64_t>(v));
        }
      } else {
        WidenAs<double>(data.bytes, &values_);
      }
      break;
  }
  if (info.type != Type::kText) return true;
  const auto known = [&](int64_t place) { return place >= 0 && static_cast<size_t>(place) < data.texts.size(); };
  return std::all_of(values_.begin(), values_.end(), known);
}

Writer::Chunk Writer::PutColumn(const ColumnInfo& info, const ColumnData& data, size_t rows) {
  Chunk chunk;
  chunk.start = offset_;
  std::string body;
  if (!Widen(info, data, rows)) {
    error_ = EINVAL;
    return chunk;
  }
  const int64_t* v = values_.data();
  size_t n = rows;
  std::vector<int64_t> present;
  if (info.optional) {
    std::vector<uint32_t> levels(rows, 1);
    if (!data.valid.empty()) {
      present.reserve(rows);
      for (size_t i = 0; i < rows; i++) {
        levels[i] = data.valid[i];
        if (data.valid[i] != 0) present.push_back(v[i]);
      }
      v = present.data();
      n = present.size();
    }
    std::string packed;
    PutHybrid(&packed, levels.data(), rows, 1);
    PutLittle(&body, packed.size(), 4);
    body += packed;
  }
  chunk.nulls = static_cast<int64_t>(rows - n);

  std::vector<int64_t> distinct;
  std::vector<uint32_t> place;
  const bool text = info.type == Type::kText;
  const size_t limit = text ? n : std::min(kMaxDictionary, n / kRowsAValue);
  if (text || (!info.sorted && info.type != Type::kF64 && MakeDictionary(v, n, limit, &distinct, &place))) {
    if (text) MakeDictionary(v, n, limit, &distinct, &place);
    std::string dictionary;
    if (text) {
      for (const int64_t d : distinct) PutText(&dictionary, data.texts[static_cast<size_t>(d)]);
    } else {
      PutPlain(&dictionary, info.type, distinct.data(), distinct.size());
    }
    chunk.dictionary_at = offset_;
    PutPage(&chunk, true, distinct.size(), kPlain, dictionary);
    const unsigned width = WidthOf(distinct.size());
    body.push_back(static_cast<char>(width));
    PutHybrid(&body, place.data(), n, width);
    chunk.encoding = kRleDictionary;
  } else if (info.sorted) {
    PutDelta(&body, v, n);
    chunk.encoding = kDeltaBinaryPacked;
  } else {
    PutPlain(&body, info.type, v, n);
    chunk.encoding = kPlain;
  }
  chunk.data_at = offset_;
  PutPage(&chunk, false, rows, chunk.encoding, body);

  if (n > 0 && info.type != Type::kF64) {
    chunk.bounds = true;
    if (text) {
      const auto less = [&](int64_t a, int64_t b) {
        return data.texts[static_cast<size_t>(a)] < data.texts[static_cast<size_t>(b)];
      };
      const auto [least, most] = std::minmax_element(distinct.begin(), distinct.end(), less);
      chunk.least = data.texts[static_cast<size_t>(*least)];
      chunk.most = data.texts[static_cast<size_t>(*most)];
      // A reader takes them whole: not for long texts.
      chunk.bounds = chunk.least.size() <= 64 && chunk.most.size() <= 64;
    } else {
      const auto [least, most] = std::minmax_element(v, v + n);
      chunk.least = Bound(info.type, *least);
      chunk.most = Bound(info.type, *most);
    }
  }
  return chunk;
}

void Writer::PutPage(Chunk* chunk, bool dictionary, size_t values, int encoding, const std::string& body) {
  const std::string* stored = &body;
  if (level_ > 0) {
    compressed_.resize(ZSTD_compressBound(body.size()));
    const size_t size = ZSTD_compress(compressed_.data(), compressed_.size(), body.data(), body.size(), level_);
    if (ZSTD_isError(size))
      error_ = ENOMEM;
    else
      compressed_.resize(size);
    stored = &compressed_;
  }
  Thrift t;
  t.Begin();
  t.I32(1, dictionary ? 2 : 0);
  t.I32(2, static_cast<int32_t>(body.size()));
  t.I32(3, static_cast<int32_t>(stored->size()));
  t.Struct(dictionary ? 7 : 5);
  t.I32(1, static_cast<int32_t>(values));
  t.I32(2, encoding);
  if (!dictionary) {
    t.I32(3, kRle);
    t.I32(4, kRle);
  }
  t.End();
  t.End();
  Put(t.bytes());
  Put(*stored);
  chunk->raw += static_cast<int64_t>(t.bytes().size() + body.size());
  chunk->stored += static_cast<int64_t>(t.bytes().size() + stored->size());
}

std::string Writer::Footer() const {
  Thrift t;
  t.Begin();
  t.I32(1, 1);
  t.List(2, Thrift::kStruct, columns_.size() + 1);
  t.Begin();
  t.Binary(4, "schema");
  t.I32(5, static_cast<int32_t>(columns_.size()));
  t.End();
  for (const ColumnInfo& column : columns_) {
    t.Begin();
    t.I32(1, PhysicalOf(column.type));
    t.I32(3, column.optional ? 1 : 0);
    t.Binary(4, column.name);
    if (const int converted = ConvertedOf(column.type); converted >= 0) t.I32(6, converted);
    t.End();
  }
  t.I64(3, rows_);
  t.List(4, Thrift::kStruct, groups_.size());
  for (const Group& group : groups_) DescribeGroup(&t, group);
  if (!metadata_.empty()) {
    t.List(5, Thrift::kStruct, metadata_.size());
    for (const auto& [key, value] : metadata_) {
      t.Begin();
      t.Binary(1, key);
      t.Binary(2, value);
      t.End();
    }
  }
  t.Binary(6, "dde-profile");
  // All bounds are in the order of the type: readers trust them only when told.
  t.List(7, Thrift::kStruct, columns_.size());
  for (size_t i = 0; i < columns_.size(); i++) {
    t.Begin();
    t.Struct(1);
    t.End();
    t.End();
  }
  t.End();
  return t.bytes();
}

void Writer::DescribeGroup(Thrift* t, const Group& group) const {
  int64_t raw = 0;
  t->Begin();
  t->List(1, Thrift::kStruct, group.chunks.size());
  for (size_t i = 0; i < group.chunks.size(); i++) {
    const Chunk& chunk = group.chunks[i];
    const ColumnInfo& column = columns_[i];
    raw += chunk.raw;
    t->Begin();
    t->I64(2, chunk.start);
    t->Struct(3);
    t->I32(1, PhysicalOf(column.type));
    t->List(2, Thrift::kI32, chunk.dictionary_at >= 0 ? 3 : 2);
    if (chunk.dictionary_at >= 0) t->I32Element(kPlain);
    t->I32Element(chunk.encoding);
    t->I32Element(kRle);
    t->List(3, Thrift::kBinary, 1);
    t->BinaryElement(column.name);
    t->I32(4, level_ > 0 ? kZstd : kUncompressed);
    t->I64(5, group.rows);
    t->I64(6, chunk.raw);
    t->I64(7, chunk.stored);
    t->I64(9, chunk.data_at);
    if (chunk.dictionary_at >= 0) t->I64(11, chunk.dictionary_at);
    t->Struct(12);
    t->I64(3, chunk.nulls);
    if (chunk.bounds) {
      t->Binary(5, chunk.most);
      t->Binary(6, chunk.least);
    }
    t->End();
    t->End();
    t->End();
  }
  t->I64(2, raw);
  t->I64(3, group.rows);
  t->End();
}

}  // namespace dde::parquet
