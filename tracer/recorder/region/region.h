// SPDX-License-Identifier: MIT
// The shared memory of a driver process, seen from the recorder. ddet_abi.h describes it.
#ifndef TRACER_RECORDER_REGION_H_
#define TRACER_RECORDER_REGION_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "abi/ddet_abi.h"

namespace dde {

// Loads and stores that pair with the plain stores of the writer (x86 keeps them in order; the compiler must too).
template <typename T>
inline T Acquire(const volatile T* p) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
template <typename T>
inline void Release(volatile T* p, T value) {
  __atomic_store_n(p, value, __ATOMIC_RELEASE);
}

class Region {
 public:
  // A new memfd with an empty region. Returns the file descriptor, or -1 and *error.
  static int Create(uint64_t ring_bytes, uint32_t mode, std::string* error);
  // Maps the region behind a descriptor (duplicated). nullptr and *error when it is none.
  static std::shared_ptr<Region> Open(int fd, std::string* error);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  ddet_ctl* ctl() const { return ctl_; }
  // Where the tables lie was checked and copied when the region was opened: the process may have scribbled on the control page since.
  uint8_t* bitmap() const { return base_ + bitmap_offset_; }
  uint8_t* args() const { return base_ + args_offset_; }
  // One look at a count that the process may change at any moment, within its bound.
  uint32_t sites() const;
  ddet_slot* slot(uint32_t i) const { return slots_ + i; }
  uint32_t slots() const;
  // Becomes the one recorder of the process. False: somebody else is, who is alive; *other = its pid.
  bool Claim(pid_t* other);
  void Unclaim();
  uint64_t ring_bytes() const { return ring_bytes_; }
  // The ring of a slot, mapped on first use; nullptr when that fails.
  const uint8_t* ring(uint32_t i);
  // Gives the memory of an exited thread's ring back and lets the slot be used again.
  void Recycle(uint32_t i);
  // A copy of a slot's name that the writer did not change meanwhile.
  static std::string Name(const ddet_slot* slot);

 private:
  Region() = default;

  int fd_ = -1;
  uint8_t* base_ = nullptr;
  uint64_t base_bytes_ = 0;
  uint64_t ring_bytes_ = 0;
  uint64_t bitmap_offset_ = 0;
  uint64_t args_offset_ = 0;
  ddet_ctl* ctl_ = nullptr;
  ddet_slot* slots_ = nullptr;
  uint8_t* rings_[DDET_MAX_THREADS] = {};
};

}  // namespace dde

#endif  // TRACER_RECORDER_REGION_H_
