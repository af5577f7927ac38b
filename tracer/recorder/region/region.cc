// SPDX-License-Identifier: MIT
#include "region/region.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dde {
namespace {

// A page of zeros.
constexpr uint64_t kBehindRing = 4096;

std::string Errno(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

int Region::Create(uint64_t ring_bytes, uint32_t mode, std::string* error) {
  ddet_ctl ctl = {};
  if (ring_bytes > (1ull << 32)) {
    *error = "ring size above 4 GiB";
    return -1;
  }
  const uint64_t bytes = ddet_region_layout(&ctl, ring_bytes, mode);
  const int fd = memfd_create("ddetrace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) {
    *error = Errno("memfd_create");
    return -1;
  }
  // Sealed: whoever cuts the file would take the pages from under the reader, which is a SIGBUS there.
  if (ftruncate(fd, static_cast<off_t>(bytes)) != 0 || pwrite(fd, &ctl, sizeof(ctl), 0) != sizeof(ctl) ||
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    *error = Errno("cannot size the trace region");
    close(fd);
    return -1;
  }
  return fd;
}

std::shared_ptr<Region> Region::Open(int fd, std::string* error) {
  struct stat st;
  ddet_ctl ctl;
  if (fstat(fd, &st) != 0 || pread(fd, &ctl, sizeof(ctl), 0) != static_cast<ssize_t>(sizeof(ctl)) ||
      ctl.magic != DDET_MAGIC) {
    *error = "not a trace region";
    return nullptr;
  }
  if (ctl.abi_version != DDET_ABI_VERSION) {
    *error = "trace region of version " + std::to_string(ctl.abi_version) + ", this tool knows version " +
             std::to_string(DDET_ABI_VERSION);
    return nullptr;
  }
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || !ddet_region_valid(&ctl, static_cast<uint64_t>(st.st_size))) {
    *error = "damaged trace region";
    return nullptr;
  }
  std::shared_ptr<Region> region(new Region());
  region->fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  void* base = mmap(nullptr, ctl.rings_offset, PROT_READ | PROT_WRITE, MAP_SHARED, region->fd_, 0);
  if (region->fd_ < 0 || base == MAP_FAILED) {
    *error = Errno("cannot map the trace region");
    return nullptr;
  }
  region->base_ = static_cast<uint8_t*>(base);
  region->base_bytes_ = ctl.rings_offset;
  region->ring_bytes_ = ctl.ring_bytes;
  region->bitmap_offset_ = ctl.bitmap_offset;
  region->args_offset_ = ctl.args_offset;
  region->ctl_ = reinterpret_cast<ddet_ctl*>(region->base_);
  region->slots_ = reinterpret_cast<ddet_slot*>(region->base_ + ctl.table_offset);
  return region;
}

Region::~Region() {
  for (uint8_t* ring : rings_) {
    if (ring != nullptr) munmap(ring, ring_bytes_ + kBehindRing);
  }
  if (base_ != nullptr) munmap(base_, base_bytes_);
  if (fd_ >= 0) close(fd_);
}

uint32_t Region::slots() const {
  const uint32_t n = Acquire(&ctl_->thread_count);
  return n < DDET_MAX_THREADS ? n : DDET_MAX_THREADS;
}

uint32_t Region::sites() const {
  const uint32_t n = Acquire(&ctl_->site_count);
  return n < DDET_MAX_SITES ? n : DDET_MAX_SITES;
}

bool Region::Claim(pid_t* other) {
  const unsigned int self = static_cast<unsigned int>(getpid());
  unsigned int holder = 0;
  // Of two recorders at once one gets it. A holder that is dead gives way, to one of those who found it dead.
  while (!__atomic_compare_exchange_n(&ctl_->drainer_pid, &holder, self, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    if (holder != self && access(("/proc/" + std::to_string(holder)).c_str(), F_OK) == 0) {
      *other = static_cast<pid_t>(holder);
      return false;
    }
  }
  return true;
}

void Region::Unclaim() {
  unsigned int self = static_cast<unsigned int>(getpid());
  __atomic_compare_exchange_n(&ctl_->drainer_pid, &self, 0u, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

const uint8_t* Region::ring(uint32_t i) {
  if (rings_[i] == nullptr) {
    // The layout was checked when the region was opened; the process may have scribbled on the control page since.
    const uint64_t offset = base_bytes_ + i * ring_bytes_;
    // The encoder may read a little beyond.
    void* p = mmap(nullptr, ring_bytes_ + kBehindRing, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    if (mmap(p, ring_bytes_, PROT_READ, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd_, static_cast<off_t>(offset)) ==
        MAP_FAILED) {
      munmap(p, ring_bytes_ + kBehindRing);
      return nullptr;
    }
    rings_[i] = static_cast<uint8_t*>(p);
  }
  return rings_[i];
}

void Region::Recycle(uint32_t i) {
  if (rings_[i] != nullptr) {
    munmap(rings_[i], ring_bytes_ + kBehindRing);
    rings_[i] = nullptr;
  }
  (void)fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(base_bytes_ + i * ring_bytes_),
                  static_cast<off_t>(ring_bytes_));
  Release(&slots_[i].state, static_cast<unsigned int>(DDET_SLOT_FREE));
}

std::string Region::Name(const ddet_slot* slot) {
  char name[DDET_NAME_BYTES];
  for (int tries = 0; tries < 100; tries++) {
    const unsigned int before = Acquire(&slot->name_version);
    std::memcpy(name, slot->name, sizeof(name));
    if ((before & 1) == 0 && Acquire(&slot->name_version) == before) break;
  }
  name[sizeof(name) - 1] = 0;
  return name;
}

}  // namespace dde
