// SPDX-License-Identifier: MIT
#include "codec/decoder.h"

#include <algorithm>
#include <memory>

#include "codec/chunk_reader.h"

namespace dde {
namespace {

// An exit closes at most so many frames whose own exits are missing; one that would need more is an orphan.
constexpr size_t kMaxMissing = 4096;

template <class Reader>
DecodeResult DecodeAs(const uint8_t* body, size_t bytes, DecodeState* s, const DecodeColumns& to) {
  static thread_local const std::unique_ptr<Reader> of_thread(new Reader);
  Reader& reader = *of_thread;
  const size_t count = static_cast<size_t>(s->count);
  const size_t ops_end = static_cast<size_t>(s->ops_bytes);
  const size_t delta_end = ops_end + static_cast<size_t>(s->delta_bytes);
  const size_t words_end = delta_end + static_cast<size_t>(s->words_bytes);
  size_t i = static_cast<size_t>(s->event);
  if (words_end != bytes || s->ops > s->ops_bytes || s->delta > s->delta_bytes || s->words > s->words_bytes) {
    return DecodeResult::kBad;
  }
  if (i == 0) reader.Begin();
  Columns from = {{body + static_cast<size_t>(s->ops), body + ops_end},
                  {body + ops_end + static_cast<size_t>(s->delta), body + delta_end},
                  {body + delta_end + static_cast<size_t>(s->words), body + words_end},
                  nullptr,
                  nullptr,
                  nullptr};
  size_t depth = static_cast<size_t>(s->depth), floor = static_cast<size_t>(s->floor);
  size_t out = static_cast<size_t>(s->out), pay = static_cast<size_t>(s->payload);
  int64_t max_site = static_cast<int64_t>(s->max_site);
  double time = s->time, orphans = s->orphans, synthetic = s->synthetic;
  const double scale = s->ns_per_tick, minimum = s->minimum;
  DecodeResult result = DecodeResult::kDone;
  from.Mark();

  for (; i < count; i++) {
    from.Mark();
    if (__builtin_expect(out >= to.room || depth >= to.stack_room || to.payload_room - pay < kMaxPayload, 0)) {
      result = DecodeResult::kNeedsRoom;
      break;
    }
    const NextEvent event = reader.Next(&from);
    if (__builtin_expect(event.kind == 0, 0)) {
      result = DecodeResult::kBad;
      break;
    }
    const uint32_t number = event.number;
    const double time_before = time;
    time += event.ticks;

    if (event.kind == DDET_KIND_ENTRY) {
      max_site = std::max<int64_t>(max_site, number);
      to.stack[depth++] = number;
    } else if (event.kind == DDET_KIND_EXIT) {
      // The frame that ends: the innermost, unless exits in between are missing.
      if (__builtin_expect(depth == 0 || to.stack[depth - 1] != number, 0)) {
        const size_t lowest = depth > kMaxMissing ? depth - kMaxMissing : 0;
        size_t d = depth;
        while (d > lowest && to.stack[d - 1] != number) d--;
        if (d == lowest) {
          orphans++;
          reader.Words(&from, event, &to.payload[pay]);
          continue;
        }
        if (out + (depth - d) >= to.room) {
          time = time_before;
          reader.Back();
          from.Back();
          result = DecodeResult::kNeedsRoom;
          break;
        }
        for (const double at = std::max(minimum, time * scale); depth > d; out++, synthetic++) {
          to.ts[out] = at;
          to.kind[out] = DDET_KIND_EXIT;
          to.flags[out] = 1;
          to.id[out] = to.stack[--depth];
          to.arg[out] = 0;
          to.payload_start[out] = 0;
        }
      }
      depth--;
      floor = std::min(floor, depth);
    }
    const bool payload = event.kind == DDET_KIND_EVENT || event.extra > 0;
    to.arg[out] = reader.Words(&from, event, &to.payload[pay]);
    to.payload_start[out] = payload ? static_cast<uint32_t>(pay + 1) : 0;
    if (payload) {
      to.payload[pay] = event.extra;
      pay += 1 + event.extra;
    }
    to.ts[out] = std::max(minimum, time * scale);
    to.kind[out] = static_cast<uint8_t>(event.kind);
    to.flags[out] = 0;
    to.id[out] = number;
    out++;
  }

  if (!from.good()) result = DecodeResult::kBad;
  if (result == DecodeResult::kDone && !from.ended()) result = DecodeResult::kBad;
  s->event = static_cast<double>(i);
  s->ops = static_cast<double>(from.ops.at() - body);
  s->delta = static_cast<double>(from.delta.at() - body - ops_end);
  s->words = static_cast<double>(from.words.at() - body - delta_end);
  s->depth = static_cast<double>(depth);
  s->floor = static_cast<double>(floor);
  s->out = static_cast<double>(out);
  s->payload = static_cast<double>(pay);
  s->time = time;
  s->max_site = static_cast<double>(max_site);
  s->orphans = orphans;
  s->synthetic = synthetic;
  s->last = std::max(minimum, time * scale);
  return result;
}

}  // namespace

DecodeResult Decode(const uint8_t* body, size_t bytes, DecodeState* state, const DecodeColumns& to) {
  return state->kinds != 0 ? DecodeAs<KindReader>(body, bytes, state, to)
                           : DecodeAs<WordReader>(body, bytes, state, to);
}

}  // namespace dde
