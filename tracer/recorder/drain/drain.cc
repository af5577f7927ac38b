// SPDX-License-Identifier: MIT
#include "drain/drain.h"

#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "region/tsc_clock.h"

namespace dde {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kFlushEvery = std::chrono::milliseconds(250);
constexpr auto kClockEvery = std::chrono::seconds(1);
constexpr int kIdleMs = 15;
// A thread that is interrupted between the reading of its clock and the end of its record shows an exit so much later, at most as a rule.
constexpr uint64_t kLateNs = 50'000'000;
// How long the ring of a thread that has exited is kept for those who read along, who look at least every 15 ms. One that was killed
// stays counted among them: exited threads then keep their rings a little longer, and nothing else.
constexpr auto kLinger = std::chrono::milliseconds(200);

std::string Quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 32 || u >= 127) {
      char hex[8];
      std::snprintf(hex, sizeof(hex), "\\u%04x", u);
      out += hex;
    } else {
      out += c;
    }
  }
  return out + '"';
}

// 64-bit numbers go as strings: JSON numbers are doubles.
std::string Field(const char* name, uint64_t value, bool text = false) {
  const std::string digits = std::to_string(value);
  return std::string(",\"") + name + "\":" + (text ? "\"" + digits + "\"" : digits);
}

}  // namespace

Drain::Drain(std::shared_ptr<Region> region, DrainOptions options)
    : region_(std::move(region)), options_(std::move(options)), readers_(DDET_MAX_THREADS) {}

Drain::~Drain() { Stop(); }

bool Drain::Open() {
  const bool good = file_.Create(options_.path, options_.level) &&
                    file_.Json(ChunkType::kMeta, 0, options_.metadata.empty() ? "{}" : options_.metadata);
  if (good) {
    WriteClock();
    if (options_.min_duration_ns > 0) {
      const double ticks_per_ns = TscTicksPerNs();
      min_ticks_ = std::max<uint64_t>(1, std::llround(static_cast<double>(options_.min_duration_ns) * ticks_per_ns));
      late_ticks_ = static_cast<uint64_t>(static_cast<double>(kLateNs) * ticks_per_ns);
    }
    noring_base_ = options_.attach ? region_->ctl()->noring_lost : 0;
  }
  return good;
}

bool Drain::Start() {
  if (!Open()) {
    Publish();
    return false;
  }
  // Threads that exist already: from here on, or from their beginning.
  const uint32_t n = region_->slots();
  for (uint32_t i = 0; i < n; i++) {
    const unsigned int state = Acquire(&region_->slot(i)->state);
    if (state == DDET_SLOT_EXITED && options_.attach) {
      if (options_.follow) {
        readers_[i].uid = region_->slot(i)->uid;
        readers_[i].ended = true;
      } else {
        region_->Recycle(i);
      }
    } else if (state != DDET_SLOT_FREE) {
      BeginThread(i, &readers_[i], options_.attach);
    }
  }
  if (options_.follow) __atomic_add_fetch(&region_->ctl()->followers, 1u, __ATOMIC_ACQ_REL);
  thread_ = std::thread([this] { Run(); });
  return true;
}

void Drain::Stop() {
  {
    std::lock_guard<std::mutex> hold(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Drain::AddMetadata(std::string json) {
  std::lock_guard<std::mutex> hold(mutex_);
  metadata_.push_back(std::move(json));
}

DrainTotals Drain::totals() {
  std::lock_guard<std::mutex> hold(mutex_);
  return totals_;
}

void Drain::Run() {
  auto flushed = Clock::now();
  auto clocked = flushed;
  unsigned idle = 0;
  // Each look takes a core from the driver or its device, and finds its own memory gone from the caches: as seldom as the ring allows,
  // which a thread that does nothing but emit fills with 2 MiB a millisecond.
  const int rest = std::clamp(static_cast<int>(region_->ring_bytes() >> 21), 4, kIdleMs);
  // Of these 2 % are as good as nothing.
  const bool large = rest >= 8;
  for (;;) {
    const auto now = Clock::now();
    const bool flush = now - flushed >= kFlushEvery;
    const unsigned fill = Pass(flush, false);
    if (flush) {
      flushed = now;
      WriteControl();
      if (now - clocked >= kClockEvery) {
        clocked = now;
        WriteClock();
      }
      Publish();
    }
    idle = fill == 0 ? idle + 1 : 0;
    std::unique_lock<std::mutex> hold(mutex_);
    while (!metadata_.empty()) {
      file_.Json(ChunkType::kMeta, 0, metadata_.front());
      metadata_.pop_front();
    }
    if (stop_ || file_.error_number() != 0) break;
    if (fill < 50) {
      const int ms = fill > 12 ? 1 : fill > 6 ? 4 : idle > 20 || (fill <= 2 && large) ? kIdleMs : rest;
      wake_.wait_for(hold, std::chrono::milliseconds(ms), [this] { return stop_; });
    }
    if (stop_) break;
  }
  // Before the last look: what a dead process has written does not change.
  dead_ = options_.follow && access(("/proc/" + std::to_string(region_->ctl()->pid)).c_str(), F_OK) != 0;
  Pass(true, true);
  {
    std::lock_guard<std::mutex> hold(mutex_);
    for (const std::string& json : metadata_) file_.Json(ChunkType::kMeta, 0, json);
    metadata_.clear();
  }
  WriteControl();
  WriteClock();
  WriteEnd();
  if (options_.follow)
    __atomic_sub_fetch(&region_->ctl()->followers, 1u, __ATOMIC_ACQ_REL);
  else
    region_->Unclaim();
}

unsigned Drain::Pass(bool flush, bool last) {
  unsigned fullest = 0;
  // Read before any ring: what comes later was written later.
  const uint64_t now = __rdtsc();
  const uint32_t n = region_->slots();
  for (uint32_t i = 0; i < n && file_.error_number() == 0; i++) {
    ddet_slot* slot = region_->slot(i);
    Reader* reader = &readers_[i];
    const unsigned int state = Acquire(&slot->state);
    if (options_.follow && reader->uid != 0 && (state == DDET_SLOT_FREE || reader->uid != slot->uid)) {
      // Gone between two looks. One without events goes at once; of another nobody knows any longer how many more there were.
      if (reader->encoder) damaged_++;
      if (reader->encoder && KeepWaiting(reader)) reader->encoder->Flush(&file_);
      EndThread(reader, LostOf(i, *reader));
    }
    if (state == DDET_SLOT_FREE || reader->ended) continue;
    if (reader->uid != slot->uid) BeginThread(i, reader, false);
    const uint64_t head = Acquire(&slot->head);
    if (head != reader->pos) {
      const uint64_t fill = (head - reader->pos) * 100 / region_->ring_bytes();
      fullest = std::max(fullest, static_cast<unsigned>(std::min<uint64_t>(fill, 99)) + 1);
      if (options_.follow)
        Follow(i, reader);
      else
        Read(i, reader);
    }
    if (flush && reader->announced) Announce(i, reader, true);
    if ((flush || state == DDET_SLOT_EXITED) && reader->encoder) {
      if (last || state == DDET_SLOT_EXITED) {
        KeepWaiting(reader);
      } else if (reader->short_calls) {
        reader->short_calls->Advance(now - late_ticks_, reader->encoder.get(), &file_);
      }
      reader->encoder->Flush(&file_);
    }
    if (state == DDET_SLOT_EXITED && !last) {
      // Exited before its head was read, so nothing can follow.
      reader->exit_tsc = slot->exit_tsc;
      if (options_.follow) {
        EndThread(reader, LostOf(i, *reader));
        reader->uid = slot->uid;
        reader->ended = true;
        continue;
      }
      if (Acquire(&region_->ctl()->followers) != 0) {
        const auto seen = Clock::now();
        if (reader->exit_seen == Clock::time_point{}) reader->exit_seen = seen;
        if (seen - reader->exit_seen < kLinger) continue;
      }
      EndThread(reader, LostOf(i, *reader));
      region_->Recycle(i);
    } else if (state == DDET_SLOT_EXITED) {
      reader->exit_tsc = slot->exit_tsc;
    }
  }
  return fullest;
}

// `old`: what the ring holds, and what was lost so far, is none of this recording's.
void Drain::BeginThread(uint32_t i, Reader* reader, bool old) {
  const ddet_slot* slot = region_->slot(i);
  *reader = Reader();
  reader->uid = slot->uid;
  reader->tid = slot->tid;
  reader->role = slot->role;
  reader->start_tsc = slot->start_tsc;
  reader->name = Region::Name(slot);
  reader->name_version = slot->name_version;
  if (options_.follow) {
    BeginFollowing(i, reader, old);
  } else if (old) {
    reader->pos = Acquire(&slot->head);
    reader->lost_base = slot->lost;
    Release(&region_->slot(i)->tail, static_cast<unsigned long long>(reader->pos));
  }
}

void Drain::Announce(uint32_t i, Reader* reader, bool again) {
  const ddet_slot* slot = region_->slot(i);
  const bool changed = slot->name_version != reader->name_version || slot->tid != reader->tid;
  if (again && !changed) return;
  reader->name_version = slot->name_version;
  reader->name = Region::Name(slot);
  reader->tid = slot->tid;
  reader->announced = true;
  file_.Json(ChunkType::kThread, reader->uid, ThreadJson(*reader, false, 0));
}

std::string Drain::ThreadJson(const Reader& reader, bool ended, uint64_t lost) const {
  std::string json = "{\"uid\":" + std::to_string(reader.uid) + ",\"tid\":" + std::to_string(reader.tid) +
                     ",\"name\":" + Quote(reader.name) + Field("role", reader.role) +
                     Field("startTsc", reader.start_tsc, true);
  if (reader.exit_tsc != 0) json += Field("exitTsc", reader.exit_tsc, true);
  if (ended) json += Field("recorded", reader.recorded()) + Field("lost", lost);
  if (ended && min_ticks_ > 0) json += Field("filtered", reader.filtered());
  return json + "}";
}

bool Drain::Read(uint32_t i, Reader* reader) {
  ddet_slot* slot = region_->slot(i);
  const uint8_t* ring = region_->ring(i);
  const uint64_t head = Acquire(&slot->head);
  if (ring == nullptr || head % DDET_RECORD_BYTES != 0 || head < reader->pos ||
      head - reader->pos > region_->ring_bytes()) {
    damaged_++;
    if (!KeepWaiting(reader)) return false;
    reader->pos = head & ~static_cast<uint64_t>(DDET_RECORD_BYTES - 1);
    Release(&slot->tail, static_cast<unsigned long long>(reader->pos));
    return true;
  }
  if (!reader->announced) Announce(i, reader, false);
  if (!reader->encoder) MakeEncoder(reader);
  // In steps, so that the writer gets room back early. A step ends at a block's end.
  while (reader->pos < head) {
    const uint64_t block_end = (reader->pos / DDET_BLOCK_BYTES + 1) * DDET_BLOCK_BYTES;
    const uint64_t to = std::min(head, block_end);
    const bool good = Encode(reader, ring, reader->pos, to);
    reader->pos = to;
    if (!good) return false;
    // Partner: the writer's check in ddet__refill().
    Release(&slot->tail, static_cast<unsigned long long>(to));
  }
  return true;
}

void Drain::MakeEncoder(Reader* reader) {
  reader->encoder = std::make_unique<Encoder>();
  reader->encoder->set_thread(reader->uid);
  if (min_ticks_ > 0) reader->short_calls = std::make_unique<ShortCalls>(min_ticks_);
}

bool Drain::KeepWaiting(Reader* reader) {
  return !reader->short_calls || reader->short_calls->KeepAll(reader->encoder.get(), &file_);
}

bool Drain::Encode(Reader* reader, const uint8_t* base, uint64_t from, uint64_t to) {
  Encoder* encoder = reader->encoder.get();
  const uint64_t ring_bytes = region_->ring_bytes();
  uint64_t pos = from;
  while (pos < to) {
    // No block, hence no event, wraps: a block's memory is contiguous.
    const uint8_t* record = base + pos % ring_bytes;
    if (!reader->short_calls) {
      const uint8_t* const stop = encoder->Add(record, record + (to - pos), &file_);
      if (stop == nullptr) return false;
      pos += static_cast<uint64_t>(stop - record);
      if (pos == to) break;
      record = stop;
    }
    uint32_t id, arg;
    std::memcpy(&id, record + 8, 4);
    std::memcpy(&arg, record + 12, 4);
    const uint32_t kind = DDET_KIND(id);
    const uint32_t records = kind == DDET_KIND_BLOCK && DDET_EXTRA(id) == 1 ? 2 : ShapeOf(id).records;
    const uint64_t bytes = kind == DDET_KIND_PAD ? arg : records * DDET_RECORD_BYTES;
    if (bytes < DDET_RECORD_BYTES || bytes % DDET_RECORD_BYTES != 0 || bytes > to - pos) {
      damaged_++;
      return KeepWaiting(reader);  // the rest of this block makes no sense
    }
    if (kind == DDET_KIND_BLOCK) {
      uint64_t lost;
      std::memcpy(&lost, record + 24, 8);
      lost -= reader->lost_base;
      if (lost != encoder->lost() && !(KeepWaiting(reader) && encoder->SetLost(lost, &file_))) return false;
    } else if (kind != DDET_KIND_PAD && !reader->short_calls->Add(record, records, encoder, &file_)) {
      return false;
    }
    pos += bytes;
  }
  return true;
}

// A follower's thread goes on: what it loses after the last event that was read is told in a later block.
uint64_t Drain::LostOf(uint32_t i, const Reader& reader) const {
  const ddet_slot* slot = region_->slot(i);
  const bool whole = !options_.follow || (slot->uid == reader.uid && (reader.exit_tsc != 0 || dead_));
  return whole ? slot->lost - reader.lost_base : reader.encoder ? reader.encoder->lost() : 0;
}

void Drain::EndThread(Reader* reader, uint64_t lost) {
  const uint64_t recorded = reader->recorded(), filtered = reader->filtered();
  if (recorded > 0 || lost > 0 || filtered > 0) {
    file_.Json(ChunkType::kThread, reader->uid, ThreadJson(*reader, true, lost));
    ended_.push_back({reader->uid, reader->tid, reader->name, recorded, lost, filtered});
  }
  *reader = Reader();
}

bool Drain::Snapshot() {
  if (!Open()) {
    Publish();
    return false;
  }
  std::vector<uint8_t> copy(region_->ring_bytes() + kReadAhead);
  const uint32_t n = region_->slots();
  for (uint32_t i = 0; i < n && file_.error_number() == 0; i++) {
    if (Acquire(&region_->slot(i)->state) == DDET_SLOT_FREE) continue;
    BeginThread(i, &readers_[i], false);
    SnapshotRing(i, &copy);
  }
  WriteControl();
  WriteClock();
  WriteEnd();
  return file_.error_number() == 0;
}

// Copies first and asks afterwards which blocks the writer may have overtaken meanwhile: it publishes the start of a block in
// `head` before it touches the block.
void Drain::SnapshotRing(uint32_t i, std::vector<uint8_t>* copy) {
  ddet_slot* slot = region_->slot(i);
  Reader* reader = &readers_[i];
  const uint8_t* ring = region_->ring(i);
  const uint64_t blocks = region_->ring_bytes() / DDET_BLOCK_BYTES;
  const uint64_t head = Acquire(&slot->head);
  if (ring == nullptr || head % DDET_RECORD_BYTES != 0) {
    damaged_++;
    return;
  }
  if (head == 0) return;
  const uint64_t last = head / DDET_BLOCK_BYTES;
  uint64_t first = last + 1 > blocks ? last + 1 - blocks : 0;
  std::memcpy(copy->data(), ring, head < region_->ring_bytes() ? head : region_->ring_bytes());
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  const uint64_t now = Acquire(&slot->head) / DDET_BLOCK_BYTES;
  if (now + 1 > blocks) first = std::max(first, now + 1 - blocks);
  if (first * DDET_BLOCK_BYTES >= head) return;

  Announce(i, reader, false);
  MakeEncoder(reader);
  // All that was recorded before the first whole block is gone: lost, as far as this file goes.
  uint64_t recorded, lost;
  const uint8_t* block = copy->data() + first * DDET_BLOCK_BYTES % region_->ring_bytes();
  std::memcpy(&recorded, block + 16, 8);
  std::memcpy(&lost, block + 24, 8);
  reader->lost_base = 0 - recorded;
  for (uint64_t pos = first * DDET_BLOCK_BYTES; pos < head;) {
    const uint64_t to = std::min(head, (pos / DDET_BLOCK_BYTES + 1) * DDET_BLOCK_BYTES);
    if (!Encode(reader, copy->data(), pos, to)) return;
    pos = to;
  }
  KeepWaiting(reader);
  reader->encoder->Flush(&file_);
}

void Drain::WriteControl() {
  const ddet_ctl* ctl = region_->ctl();
  // + 1: also the first one, of a region that nobody has touched yet.
  const uint32_t generation = Acquire(&ctl->applied_generation) + 1;
  if (generation == control_generation_) return;
  control_generation_ = generation;
  // One that could not be switched off when the recording ended has recorded all the same.
  if (ctl->categories != 0 || ctl->patched_sites != 0) skipped_ = std::max(skipped_, ctl->skipped_sites);
  file_.Json(ChunkType::kControl, 0,
             "{\"tsc\":\"" + std::to_string(__rdtsc()) + "\"" + Field("pid", ctl->pid) + Field("mode", ctl->mode) +
                 Field("categories", ctl->categories) + Field("sites", ctl->site_count) +
                 Field("patchedSites", ctl->patched_sites) + Field("skippedSites", ctl->skipped_sites) +
                 Field("invariantTsc", (ctl->flags & DDET_CTL_INVARIANT_TSC) != 0) + Field("cells", ctl->cells) +
                 Field("cellBytes", ctl->cell_bytes) + Field("costPair", ctl->cost_pair) +
                 Field("costInner", ctl->cost_inner) + Field("costEvent", ctl->cost_event) +
                 Field("costArgs", ctl->cost_args) + Field("initTsc", ctl->tsc, true) +
                 Field("initMonoRaw", ctl->mono_raw, true) + Field("initRealtime", ctl->realtime, true) + "}");
}

void Drain::WriteClock() {
  const ClockReading now = ReadClocks();
  file_.Chunk(ChunkType::kClock, 0, &now, sizeof(now));
}

void Drain::WriteEnd() {
  for (uint32_t i = 0; i < DDET_MAX_THREADS; i++) {
    if (readers_[i].uid != 0 && !readers_[i].ended) EndThread(&readers_[i], LostOf(i, readers_[i]));
  }
  uint64_t recorded = 0, filtered = 0, lost = region_->ctl()->noring_lost - noring_base_;
  for (const ThreadTotals& t : ended_) {
    recorded += t.recorded;
    lost += t.lost;
    filtered += t.filtered;
  }
  file_.Json(ChunkType::kEnd, 0,
             "{\"recorded\":" + std::to_string(recorded) + Field("lost", lost) +
                 (min_ticks_ > 0 ? Field("filtered", filtered) : "") +
                 Field("noRingLost", region_->ctl()->noring_lost - noring_base_) + Field("damaged", damaged_) + "}");
  file_.Close();
  Publish();
}

void Drain::Publish() {
  DrainTotals t;
  t.threads = ended_;
  for (uint32_t i = 0; i < DDET_MAX_THREADS; i++) {
    const Reader& reader = readers_[i];
    if (reader.uid == 0 || reader.ended) continue;
    t.threads.push_back({reader.uid, reader.tid, reader.name, reader.recorded(), LostOf(i, reader), reader.filtered()});
  }
  t.noring_lost = region_->ctl()->noring_lost - noring_base_;
  t.lost = t.noring_lost;
  for (const ThreadTotals& thread : t.threads) {
    t.recorded += thread.recorded;
    t.lost += thread.lost;
    t.filtered += thread.filtered;
  }
  t.damaged = damaged_;
  t.skipped = skipped_;
  t.bytes = file_.bytes();
  t.error = file_.error();
  t.error_number = file_.error_number();
  std::lock_guard<std::mutex> hold(mutex_);
  totals_ = std::move(t);
}

}  // namespace dde
