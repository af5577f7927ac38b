// SPDX-License-Identifier: MIT
#include "codec/decoder.h"

#include <algorithm>
#include <memory>

#include "codec/chunk_reader.h"

namespace dde {
namespace {

// An exit closes at most so many frames whose own exits are missing; one that would need more is an orphan.
constexpr size_t kMaxMissing = 4096;

// Where the decoder stands, in the types that it counts in.
struct Position {
  explicit Position(const DecodeState& s)
      : event(static_cast<size_t>(s.event)),
        depth(static_cast<size_t>(s.depth)),
        floor(static_cast<size_t>(s.floor)),
        out(static_cast<size_t>(s.out)),
        payload(static_cast<size_t>(s.payload)),
        max_site(static_cast<int64_t>(s.max_site)),
        time(s.time),
        orphans(s.orphans),
        synthetic(s.synthetic) {}
  void Save(DecodeState* s) const {
    s->event = static_cast<double>(event);
    s->depth = static_cast<double>(depth);
    s->floor = static_cast<double>(floor);
    s->out = static_cast<double>(out);
    s->payload = static_cast<double>(payload);
    s->time = time;
    s->max_site = static_cast<double>(max_site);
    s->orphans = orphans;
    s->synthetic = synthetic;
  }

  size_t event, depth, floor, out, payload;
  int64_t max_site;
  double time, orphans, synthetic;
};

// The depth of the frame that an exit ends when it is not the innermost, for exits in between are missing; 0: none, it is an orphan.
size_t FrameOf(const uint32_t* stack, size_t depth, uint32_t number) {
  const size_t lowest = depth > kMaxMissing ? depth - kMaxMissing : 0;
  for (size_t d = depth; d > lowest; d--) {
    if (stack[d - 1] == number) return d;
  }
  return 0;
}

// Makes up an exit for each frame above `depth`.
void CloseMissing(const DecodeColumns& to, size_t depth, double at, Position* p) {
  for (; p->depth > depth; p->out++, p->synthetic++) {
    to.ts[p->out] = at;
    to.kind[p->out] = DDET_KIND_EXIT;
    to.flags[p->out] = 1;
    to.id[p->out] = to.stack[--p->depth];
    to.arg[p->out] = 0;
    to.payload_start[p->out] = 0;
  }
}

// An event, with its words. The payload holds how many there are behind word 0, and these.
template <class Reader>
[[gnu::always_inline]] inline void PutEvent(Reader* reader, Columns* from, const NextEvent& event, double at,
                                            const DecodeColumns& to, Position* p) {
  const bool payload = event.kind == DDET_KIND_EVENT || event.extra > 0;
  to.arg[p->out] = reader->Words(from, event, &to.payload[p->payload]);
  to.payload_start[p->out] = payload ? static_cast<uint32_t>(p->payload + 1) : 0;
  if (payload) {
    to.payload[p->payload] = event.extra;
    p->payload += 1 + event.extra;
  }
  to.ts[p->out] = at;
  to.kind[p->out] = static_cast<uint8_t>(event.kind);
  to.flags[p->out] = 0;
  to.id[p->out] = event.number;
  p->out++;
}

template <class Reader>
DecodeResult DecodeEvents(size_t count, double scale, double minimum, Reader* reader, Columns* from,
                          const DecodeColumns& to, Position* position) {
  // A copy whose address nobody keeps: the compiler has it in registers.
  Position p = *position;
  DecodeResult result = DecodeResult::kDone;
  for (; p.event < count; p.event++) {
    from->Mark();
    if (__builtin_expect(p.out >= to.room || p.depth >= to.stack_room || to.payload_room - p.payload < kMaxPayload,
                         0)) {
      result = DecodeResult::kNeedsRoom;
      break;
    }
    const NextEvent event = reader->Next(from);
    if (__builtin_expect(event.kind == 0, 0)) {
      result = DecodeResult::kBad;
      break;
    }
    const double time_before = p.time;
    p.time += event.ticks;
    if (event.kind == DDET_KIND_ENTRY) {
      p.max_site = std::max<int64_t>(p.max_site, event.number);
      to.stack[p.depth++] = event.number;
    } else if (event.kind == DDET_KIND_EXIT) {
      if (__builtin_expect(p.depth == 0 || to.stack[p.depth - 1] != event.number, 0)) {
        const size_t frame = FrameOf(to.stack, p.depth, event.number);
        if (frame == 0) {
          p.orphans++;
          reader->Words(from, event, &to.payload[p.payload]);
          continue;
        }
        if (p.out + (p.depth - frame) >= to.room) {
          p.time = time_before;
          reader->Back();
          from->Back();
          result = DecodeResult::kNeedsRoom;
          break;
        }
        Position closed = p;
        CloseMissing(to, frame, std::max(minimum, p.time * scale), &closed);
        p = closed;
      }
      p.depth--;
      p.floor = std::min(p.floor, p.depth);
    }
    PutEvent(reader, from, event, std::max(minimum, p.time * scale), to, &p);
  }
  *position = p;
  return result;
}

template <class Reader>
DecodeResult DecodeAs(const uint8_t* body, size_t bytes, DecodeState* s, const DecodeColumns& to) {
  static thread_local const std::unique_ptr<Reader> of_thread(new Reader);
  Reader& reader = *of_thread;
  const size_t ops_end = static_cast<size_t>(s->ops_bytes);
  const size_t delta_end = ops_end + static_cast<size_t>(s->delta_bytes);
  const size_t words_end = delta_end + static_cast<size_t>(s->words_bytes);
  if (words_end != bytes || s->ops > s->ops_bytes || s->delta > s->delta_bytes || s->words > s->words_bytes) {
    return DecodeResult::kBad;
  }
  Position position(*s);
  if (position.event == 0) reader.Begin();
  Columns from = {{body + static_cast<size_t>(s->ops), body + ops_end},
                  {body + ops_end + static_cast<size_t>(s->delta), body + delta_end},
                  {body + delta_end + static_cast<size_t>(s->words), body + words_end},
                  nullptr,
                  nullptr,
                  nullptr};
  from.Mark();
  const size_t count = static_cast<size_t>(s->count);
  DecodeResult result = DecodeEvents(count, s->ns_per_tick, s->minimum, &reader, &from, to, &position);
  if (!from.good() || (result == DecodeResult::kDone && !from.ended())) result = DecodeResult::kBad;
  position.Save(s);
  s->ops = static_cast<double>(from.ops.at() - body);
  s->delta = static_cast<double>(from.delta.at() - body - ops_end);
  s->words = static_cast<double>(from.words.at() - body - delta_end);
  s->last = std::max(s->minimum, s->time * s->ns_per_tick);
  return result;
}

}  // namespace

DecodeResult Decode(const uint8_t* body, size_t bytes, DecodeState* state, const DecodeColumns& to) {
  return state->kinds != 0 ? DecodeAs<KindReader>(body, bytes, state, to)
                           : DecodeAs<WordReader>(body, bytes, state, to);
}

}  // namespace dde
