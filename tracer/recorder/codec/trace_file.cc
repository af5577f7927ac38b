// SPDX-License-Identifier: MIT
#include "codec/trace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "codec/crc32.h"

namespace dde {
namespace {

// The site table is most of a short trace, and written once.
constexpr int kMetaLevel = 9;
// So far apart are the places where zstd looks for a repetition that it does not find any.
constexpr int kNoSearchLevel = -999;

void Put16(uint8_t* at, uint16_t v) { std::memcpy(at, &v, 2); }
void Put32(uint8_t* at, uint32_t v) { std::memcpy(at, &v, 4); }

}  // namespace

TraceFile::~TraceFile() {
  if (fd_ >= 0) close(fd_);
  ZSTD_freeCCtx(zstd_);
}

bool TraceFile::Fail(const char* what) {
  errno_ = errno;
  error_ = std::string(what) + " " + path_ + ": " + std::strerror(errno_);
  return false;
}

bool TraceFile::Create(const std::string& path, int level) {
  path_ = path;
  level_ = level;
  zstd_ = ZSTD_createCCtx();
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd_ < 0) return Fail("cannot create");
  // An old file may have been readable by others: a trace holds addresses and packet data of this user.
  struct stat st;
  if (fstat(fd_, &st) == 0 && S_ISREG(st.st_mode)) (void)fchmod(fd_, 0600);
  uint8_t header[kFileHeaderBytes] = {'D', 'D', 'E', 'T', 'R', 'A', 'C', 'E'};
  Put32(header + 8, kFileVersion);
  Put32(header + 12, kMinReader);
  Put32(header + 16, kFileHeaderBytes);
  Put32(header + 28, Crc32(header, 28));
  return Write(header, sizeof(header));
}

bool TraceFile::Write(const void* data, size_t bytes) {
  const uint8_t* p = static_cast<const uint8_t*>(data);
  size_t left = bytes;
  while (left > 0) {
    ssize_t n = write(fd_, p, left);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n == 0) errno = ENOSPC;
      Fail("cannot write");
      if (ftruncate(fd_, static_cast<off_t>(offset_)) != 0)
        error_ += " (and cannot cut it back to the last whole chunk)";
      return false;
    }
    p += n;
    left -= static_cast<size_t>(n);
  }
  offset_ += bytes;
  return true;
}

// Returns 0 when that did not work.
size_t TraceFile::Compress(const BodyPart& part, int level, uint8_t* out, size_t room) {
  ZSTD_CCtx_reset(zstd_, ZSTD_reset_session_and_parameters);
  const bool fast = part.entropy_only && level < 1;
  ZSTD_CCtx_setParameter(zstd_, ZSTD_c_compressionLevel, fast ? kNoSearchLevel : level);
  // Negative levels leave it out. A zstd without this parameter writes larger files, and right ones.
  if (fast) ZSTD_CCtx_setParameter(zstd_, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  const size_t n = ZSTD_compress2(zstd_, out, room, part.data, part.bytes);
  return ZSTD_isError(n) ? 0 : n;
}

bool TraceFile::Chunk(ChunkType type, uint32_t thread, const void* head, size_t head_bytes, const BodyPart* parts,
                      size_t count, uint16_t flags) {
  if (errno_ != 0 || fd_ < 0) return false;
  size_t body_bytes = 0, bound = 0;
  for (size_t i = 0; i < count; i++) {
    body_bytes += parts[i].bytes;
    bound += ZSTD_compressBound(parts[i].bytes);
  }
  const size_t front = kChunkHeaderBytes + head_bytes;
  if (out_.size() < front + bound) out_.resize(front + bound);
  uint8_t* out = out_.data();
  if (head_bytes > 0) std::memcpy(out + kChunkHeaderBytes, head, head_bytes);
  const int level = type == ChunkType::kMeta ? std::max(level_, kMetaLevel) : level_;
  size_t stored = 0;
  for (size_t i = 0; i < count && stored < body_bytes; i++) {
    const size_t n = Compress(parts[i], level, out + front + stored, bound - stored);
    stored = n == 0 ? body_bytes : stored + n;
  }
  if (stored < body_bytes) {
    flags |= kFlagZstd;
  } else {
    stored = 0;
    for (size_t i = 0; i < count; i++) {
      if (parts[i].bytes > 0) std::memcpy(out + front + stored, parts[i].data, parts[i].bytes);
      stored += parts[i].bytes;
    }
  }
  const size_t payload = head_bytes + stored;
  Put32(out, kChunkMagic);
  Put16(out + 4, static_cast<uint16_t>(type));
  Put16(out + 6, flags);
  Put32(out + 8, thread);
  Put32(out + 12, seq_++);
  Put32(out + 16, static_cast<uint32_t>(payload));
  Put32(out + 20, static_cast<uint32_t>(head_bytes + body_bytes));
  Put32(out + 24, Crc32(out + kChunkHeaderBytes, payload));
  Put32(out + 28, Crc32(out, 28));
  return Write(out, kChunkHeaderBytes + payload);
}

bool TraceFile::Close() {
  if (fd_ < 0) return errno_ == 0;
  const int fd = fd_;
  fd_ = -1;
  if (close(fd) != 0 && errno_ == 0) return Fail("cannot close");
  return errno_ == 0;
}

}  // namespace dde
