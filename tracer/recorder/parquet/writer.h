// SPDX-License-Identifier: MIT
// Writes one Parquet file, a row group at a time. The encoding is done in a thread of its own while the caller makes the next group.
#ifndef TRACER_RECORDER_PARQUET_WRITER_H_
#define TRACER_RECORDER_PARQUET_WRITER_H_

#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "thrift.h"

namespace dde::parquet {

// What the file says a column is.
enum class Type { kI64, kU64, kI32, kU32, kU16, kU8, kF64, kText };

struct ColumnInfo {
  std::string name;
  Type type;
  bool sorted;    // grows evenly: differences are stored
  bool optional;  // may hold nulls
};

// How the numbers of a column are given.
enum class Given { kU8, kU16, kU32, kI32, kF64 };

// A column of a row group: numbers, or for text places in `texts`; those of nulls stand there, too.
struct ColumnData {
  Given given = Given::kF64;
  std::vector<uint8_t> bytes;
  std::vector<uint8_t> valid;  // empty: all
  std::vector<std::string> texts;
};

class Writer {
 public:
  // Throws nothing: a file that cannot be made is told by error_number().
  Writer(const std::string& path, std::vector<ColumnInfo> columns,
         std::vector<std::pair<std::string, std::string>> metadata, int level);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  const std::vector<ColumnInfo>& columns() const { return columns_; }
  // Waits for the group before. The first fault so far comes back, an errno; 0: none.
  int Add(size_t rows, std::vector<ColumnData> data);
  // Writes what is left and closes the file.
  int Finish();
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return offset_; }

 private:
  struct Chunk {
    int64_t dictionary_at = -1, data_at = 0, start = 0, raw = 0, stored = 0, nulls = 0;
    int encoding = 0;
    bool bounds = false;
    std::string least, most;
  };
  struct Group {
    int64_t rows = 0;
    std::vector<Chunk> chunks;
  };

  void Wait();
  bool Widen(const ColumnInfo& info, const ColumnData& data, size_t rows);
  void Encode(size_t rows, const std::vector<ColumnData>& data);
  Chunk PutColumn(const ColumnInfo& info, const ColumnData& data, size_t rows);
  void PutPage(Chunk* chunk, bool dictionary, size_t values, int encoding, const std::string& body);
  void Put(const std::string& bytes);
  std::string Footer() const;
  void DescribeGroup(Thrift* t, const Group& group) const;

  const std::vector<ColumnInfo> columns_;
  const std::vector<std::pair<std::string, std::string>> metadata_;
  const int level_;
  int fd_ = -1;
  int error_ = 0;
  int64_t offset_ = 0, rows_ = 0;
  std::vector<Group> groups_;
  std::string compressed_;
  std::vector<int64_t> values_;  // of the column that is being written; bits of a double
  std::thread worker_;
};

}  // namespace dde::parquet

#endif  // TRACER_RECORDER_PARQUET_WRITER_H_
