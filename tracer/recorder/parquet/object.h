// SPDX-License-Identifier: MIT
// What JavaScript sees of the Parquet writer.
#ifndef TRACER_RECORDER_PARQUET_OBJECT_H_
#define TRACER_RECORDER_PARQUET_OBJECT_H_

#include <napi.h>

namespace dde {

// The class ParquetWriter, see tracer/recorder/addon.ts.
Napi::Function ParquetWriterClass(Napi::Env env);

}  // namespace dde

#endif  // TRACER_RECORDER_PARQUET_OBJECT_H_
