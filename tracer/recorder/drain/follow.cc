// SPDX-License-Identifier: MIT
// The part of Drain that reads along with another recorder: it neither makes room in the rings nor gives them back, so the writer
// may overtake it. What it misses is counted exactly, as each block begins with the number of events before it.
#include <algorithm>
#include <cstring>

#include "drain/drain.h"

namespace dde {
namespace {

// Tries to find a writer that does not overtake a follower in the midst of its first look.
constexpr int kTries = 100;

struct BlockHeader {
  uint64_t recorded;
  uint64_t lost;
};

BlockHeader HeaderOf(const uint8_t* block) {
  BlockHeader header;
  std::memcpy(&header, block + DDET_RECORD_BYTES, sizeof(header));
  return header;
}

}  // namespace

uint64_t CountEvents(const uint8_t* block, uint64_t bytes) {
  uint64_t events = 0;
  for (uint64_t pos = 0; pos + DDET_RECORD_BYTES <= bytes;) {
    uint32_t id, arg;
    std::memcpy(&id, block + pos + 8, 4);
    std::memcpy(&arg, block + pos + 12, 4);
    const uint32_t kind = DDET_KIND(id);
    if (kind == DDET_KIND_PAD) break;
    const uint32_t extra = kind == DDET_KIND_ENTRY  ? DDET_ARG_RECORDS(DDET_ARGS(id))
                           : kind == DDET_KIND_EXIT ? 0
                                                    : DDET_EXTRA(id);
    if (kind != DDET_KIND_BLOCK) events++;
    pos += DDET_RECORD_BYTES * (1 + extra);
  }
  return events;
}

bool Drain::CopyBlock(uint32_t i, uint32_t uid, uint64_t from, uint64_t to) {
  const ddet_slot* slot = region_->slot(i);
  const uint8_t* ring = region_->ring(i);
  const uint64_t ring_bytes = region_->ring_bytes();
  if (ring == nullptr) return false;
  if (!copy_) copy_.reset(new uint8_t[ring_bytes + kReadAhead]);
  std::memcpy(copy_.get() + from % ring_bytes, ring + from % ring_bytes, to - from);
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  // As in SnapshotRing(): the writer publishes the start of a block before it touches the block.
  const uint64_t block = from / DDET_BLOCK_BYTES, now = Acquire(&slot->head) / DDET_BLOCK_BYTES;
  return block + ring_bytes / DDET_BLOCK_BYTES > now && slot->uid == uid && Acquire(&slot->state) != DDET_SLOT_FREE;
}

// `old`: from here on; else from the thread's beginning, as far as it is still there.
void Drain::BeginFollowing(uint32_t i, Reader* reader, bool old) {
  const ddet_slot* slot = region_->slot(i);
  if (!old) return;
  reader->lost_base = reader->lost_at_start = slot->lost;
  for (int tries = 0; tries < kTries; tries++) {
    const uint64_t head = Acquire(&slot->head);
    reader->pos = head;
    if (head == 0 || head % DDET_RECORD_BYTES != 0) return;
    // At a block's very end the next one's header may not be written yet.
    const uint64_t start = (head - 1) / DDET_BLOCK_BYTES * DDET_BLOCK_BYTES;
    if (head - start < DDET_BLOCK_HEADER_BYTES || !CopyBlock(i, reader->uid, start, head)) continue;
    const uint8_t* block = copy_.get() + start % region_->ring_bytes();
    reader->recorded_at_start = HeaderOf(block).recorded + CountEvents(block, head - start);
    return;
  }
}

bool Drain::Skip(uint32_t i, Reader* reader) {
  const ddet_slot* slot = region_->slot(i);
  const uint64_t blocks = region_->ring_bytes() / DDET_BLOCK_BYTES;
  if (!KeepWaiting(reader)) return false;
  for (int tries = 0; tries < kTries; tries++) {
    // Half a ring of room; and the header of a block before the newest is whole.
    const uint64_t now = Acquire(&slot->head) / DDET_BLOCK_BYTES;
    const uint64_t start = (now - std::min(now, std::max<uint64_t>(1, blocks / 2))) * DDET_BLOCK_BYTES;
    if (!CopyBlock(i, reader->uid, start, start + DDET_BLOCK_HEADER_BYTES)) continue;
    const BlockHeader header = HeaderOf(copy_.get() + start % region_->ring_bytes());
    const uint64_t seen = reader->recorded() + reader->pending() + reader->filtered();
    // Encode() finds header.lost and takes lost_base off: then recorded + lost is what was produced since the start.
    reader->lost_base = reader->lost_at_start + seen - (header.recorded - reader->recorded_at_start);
    reader->pos = start;
    return true;
  }
  damaged_++;
  reader->pos = Acquire(&slot->head) & ~static_cast<uint64_t>(DDET_RECORD_BYTES - 1);
  return true;
}

bool Drain::Follow(uint32_t i, Reader* reader) {
  const ddet_slot* slot = region_->slot(i);
  const uint64_t head = Acquire(&slot->head);
  if (head % DDET_RECORD_BYTES != 0 || head < reader->pos) {
    damaged_++;
    reader->pos = head & ~static_cast<uint64_t>(DDET_RECORD_BYTES - 1);
    return KeepWaiting(reader);
  }
  if (!reader->announced) Announce(i, reader, false);
  if (!reader->encoder) MakeEncoder(reader);
  while (reader->pos < head) {
    const uint64_t to = std::min(head, (reader->pos / DDET_BLOCK_BYTES + 1) * DDET_BLOCK_BYTES);
    if (CopyBlock(i, reader->uid, reader->pos, to)) {
      const bool good = Encode(reader, copy_.get(), reader->pos, to);
      reader->pos = to;
      if (!good) return false;
    } else if (slot->uid != reader->uid || Acquire(&slot->state) == DDET_SLOT_FREE) {
      return true;  // given back before it was read: the next pass ends this thread
    } else if (!Skip(i, reader)) {
      return false;
    }
  }
  return true;
}

}  // namespace dde
