// SPDX-License-Identifier: MIT
// Writes the chunks of a trace file. FORMAT.md describes every byte.
//
// A chunk is written by one write(); when that fails half-way (disk full), the file is cut back to the last whole chunk.
#ifndef TRACER_RECORDER_TRACE_FILE_H_
#define TRACER_RECORDER_TRACE_FILE_H_

#ifndef ZSTD_STATIC_LINKING_ONLY
#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_c_literalCompressionMode
#endif
#include <zstd.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dde {

constexpr uint32_t kFileVersion = 3;
constexpr uint32_t kMinReader = 3;
constexpr uint32_t kFileHeaderBytes = 32;
constexpr uint32_t kChunkMagic = 0x4b484344;  // "DCHK"
constexpr uint32_t kChunkHeaderBytes = 32;
constexpr uint32_t kEventsHeaderBytes = 48;
constexpr uint16_t kFlagZstd = 1;
constexpr uint16_t kFlagKinds = 2;  // events: the columns are those of file version 3 (encoder.h)

enum class ChunkType : uint16_t {
  kMeta = 1,     // JSON; later ones add to and replace keys of earlier ones
  kThread = 2,   // JSON: one thread, again whenever something of it changes
  kEvents = 3,   // 48-byte head, then the three columns
  kClock = 4,    // {u64 tsc, u64 monotonic raw ns, u64 realtime ns}
  kControl = 5,  // JSON: what the control page said at a moment
  kEnd = 6,      // JSON: totals
};

// A piece of a chunk's body. Each becomes a zstd frame of its own.
struct BodyPart {
  const void* data;
  size_t bytes;
  bool entropy_only;  // no search for repetitions: four times as fast, and as small for data that has none
};

class TraceFile {
 public:
  TraceFile() = default;
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  // Creates the file (mode 0600, an old one is replaced) and writes its header. False: see error().
  bool Create(const std::string& path, int level);
  // `head` is stored as it is, the parts are compressed when that makes them smaller. False: see error(); the file ends with the last
  // whole chunk, and every further call returns false.
  bool Chunk(ChunkType type, uint32_t thread, const void* head, size_t head_bytes, const BodyPart* parts, size_t count,
             uint16_t flags);
  bool Chunk(ChunkType type, uint32_t thread, const void* body, size_t bytes) {
    const BodyPart part = {body, bytes, false};
    return Chunk(type, thread, nullptr, 0, &part, 1, 0);
  }
  bool Json(ChunkType type, uint32_t thread, const std::string& json) {
    return Chunk(type, thread, json.data(), json.size());
  }
  bool Close();

  const std::string& error() const { return error_; }
  int error_number() const { return errno_; }
  uint64_t bytes() const { return offset_; }

 private:
  size_t Compress(const BodyPart& part, int level, uint8_t* out, size_t room);
  bool Write(const void* data, size_t bytes);
  bool Fail(const char* what);

  std::string path_;
  std::string error_;
  int errno_ = 0;
  int fd_ = -1;
  int level_ = 1;
  uint32_t seq_ = 0;
  uint64_t offset_ = 0;  // end of the last whole chunk
  ZSTD_CCtx* zstd_ = nullptr;
  std::vector<uint8_t> out_;
};

}  // namespace dde

#endif  // TRACER_RECORDER_TRACE_FILE_H_
