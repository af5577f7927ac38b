// SPDX-License-Identifier: MIT
// Decodes the three columns of an events chunk (see encoder.h) and balances entries with exits on the way.
#ifndef TRACER_RECORDER_DECODER_H_
#define TRACER_RECORDER_DECODER_H_

#include <cstddef>
#include <cstdint>

namespace dde {

// Where the decoder stands: doubles, as JavaScript shares them. The names are those of columns.ts.
struct DecodeState {
  double count, ops_bytes, delta_bytes, words_bytes;
  double ns_per_tick, minimum;
  double kinds;  // 1: the columns are those of file version 3 (encoder.h), 0: those of before
  // From here on changed by Decode(). Offsets count from the columns' starts.
  double depth, floor, event, ops, delta, words, out, payload, time, max_site, orphans, synthetic, last;
};

// What the events go to. Rooms are in elements.
struct DecodeColumns {
  double* ts;
  uint8_t* kind;
  uint8_t* flags;
  uint32_t* id;
  uint32_t* arg;
  uint32_t* payload_start;
  size_t room;
  uint32_t* payload;
  size_t payload_room;
  uint32_t* stack;
  size_t stack_room;
};

enum class DecodeResult { kDone = 0, kNeedsRoom = 1, kBad = 2 };

// So much room in the payload is enough for the next event: the number of its words behind word 0 and these, at most 60, by fours.
constexpr uint32_t kMaxPayload = 16 * 4;

// Goes on at state->event, up to the chunk's end or until there is no room for what the next event becomes: then the caller makes
// room and calls again. The body is untrusted.
DecodeResult Decode(const uint8_t* body, size_t bytes, DecodeState* state, const DecodeColumns& to);

}  // namespace dde

#endif  // TRACER_RECORDER_DECODER_H_
