// SPDX-License-Identifier: MIT
// Moves events from the rings of a region into a trace file: continuously in a thread of its own (Start, Stop), or once
// (Snapshot, for the flight recorder).
//
// Everything that comes out of the region is checked: the process that writes it may be damaged or hostile.
#ifndef TRACER_RECORDER_DRAIN_H_
#define TRACER_RECORDER_DRAIN_H_

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "codec/encoder.h"
#include "region/region.h"
#include "drain/short_calls.h"
#include "codec/trace_file.h"

namespace dde {

struct DrainOptions {
  std::string path;
  std::string metadata;
  // zstd: a seventh more bytes than level 1 for a fifth less time, on cores that the driver and its device need.
  int level = -1;
  // Skip what the rings hold already: it belongs to an earlier recording.
  bool attach = false;
  // Read along with the recorder: nothing of the region is changed but the count of followers.
  bool follow = false;
  // Calls that took less are left out; 0 = none.
  uint64_t min_duration_ns = 0;
};

struct ThreadTotals {
  uint32_t uid = 0;
  int32_t tid = 0;
  std::string name;
  uint64_t recorded = 0;
  uint64_t lost = 0;
  uint64_t filtered = 0;  // left out for min_duration_ns
};

struct DrainTotals {
  uint64_t recorded = 0;
  uint64_t lost = 0;
  uint64_t filtered = 0;
  uint64_t noring_lost = 0;  // part of lost: events of threads without a ring
  uint64_t damaged = 0;      // stretches of rings that made no sense
  uint32_t skipped = 0;      // places of the code that could not be switched (ddet_ctl.skipped_sites), at most
  uint64_t bytes = 0;
  int error_number = 0;
  std::string error;
  std::vector<ThreadTotals> threads;
};

// Events in the records of (the beginning of) a block.
uint64_t CountEvents(const uint8_t* block, uint64_t bytes);

class Drain {
 public:
  Drain(std::shared_ptr<Region> region, DrainOptions options);
  ~Drain();

  // Creates the file and starts the thread, which gives the claim on the region back at its end. False: see totals().error.
  bool Start();
  // Reads what is left, ends the file and the thread. May be called once, from any thread.
  void Stop();
  // Copies all rings into the file while the process may go on writing (mode overwrite).
  bool Snapshot();
  // Adds a metadata chunk; its keys replace earlier ones.
  void AddMetadata(std::string json);
  DrainTotals totals();

 private:
  struct Reader {
    uint32_t uid = 0;
    uint64_t pos = 0;
    uint64_t lost_base = 0;
    // Of a follower: events recorded, and lost, when it began.
    uint64_t recorded_at_start = 0;
    uint64_t lost_at_start = 0;
    std::chrono::steady_clock::time_point exit_seen{};
    bool ended = false;  // of a follower: has all of the thread, whose slot is still in use
    int32_t tid = 0;
    uint32_t role = 0;
    uint64_t start_tsc = 0;
    uint64_t exit_tsc = 0;
    std::string name;
    uint32_t name_version = 0;
    bool announced = false;
    std::unique_ptr<Encoder> encoder;
    std::unique_ptr<ShortCalls> short_calls;  // with a limit only
    uint64_t recorded() const { return encoder ? encoder->written() : 0; }
    uint64_t pending() const { return encoder ? encoder->pending() : 0; }
    uint64_t filtered() const { return short_calls ? short_calls->filtered() : 0; }
  };

  bool Open();
  void Run();
  // One look at every ring. Returns the fill of the fullest in percent.
  unsigned Pass(bool flush, bool last);
  void BeginThread(uint32_t i, Reader* reader, bool old);
  void Announce(uint32_t i, Reader* reader, bool again);
  bool Read(uint32_t i, Reader* reader);
  // The same for a follower, whom the writer does not wait for.
  bool Follow(uint32_t i, Reader* reader);
  void BeginFollowing(uint32_t i, Reader* reader, bool old);
  // A copy of ring positions [from, to) of one block in copy_, at the same place. False: the writer has overtaken it.
  bool CopyBlock(uint32_t i, uint32_t uid, uint64_t from, uint64_t to);
  // Goes on further ahead in a ring that has overtaken a follower; what lies between is lost, and counted.
  bool Skip(uint32_t i, Reader* reader);
  uint64_t LostOf(uint32_t i, const Reader& reader) const;
  void MakeEncoder(Reader* reader);
  // What waits for the end of its call goes into the file.
  bool KeepWaiting(Reader* reader);
  // Encodes records [from, to) of memory in which position p stands at base[p % ring_bytes]. Returns false on file errors.
  bool Encode(Reader* reader, const uint8_t* base, uint64_t from, uint64_t to);
  void SnapshotRing(uint32_t i, std::vector<uint8_t>* copy);
  void EndThread(Reader* reader, uint64_t lost);
  void WriteControl();
  void WriteClock();
  void WriteEnd();
  void Publish();
  std::string ThreadJson(const Reader& reader, bool ended, uint64_t lost) const;

  std::shared_ptr<Region> region_;
  DrainOptions options_;
  TraceFile file_;
  std::vector<Reader> readers_;
  std::vector<ThreadTotals> ended_;
  uint64_t noring_base_ = 0;
  uint64_t min_ticks_ = 0;
  uint64_t late_ticks_ = 0;
  std::unique_ptr<uint8_t[]> copy_;  // of a follower; as large as a ring, of which it touches what it reads
  uint64_t damaged_ = 0;
  uint32_t skipped_ = 0;
  uint32_t control_generation_ = 0;
  bool dead_ = false;  // a follower, at its end: so is the process

  std::thread thread_;
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  bool stop_ = false;
  std::deque<std::string> metadata_;
  DrainTotals totals_;
};

}  // namespace dde

#endif  // TRACER_RECORDER_DRAIN_H_
