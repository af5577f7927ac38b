// SPDX-License-Identifier: MIT
#include "object.h"

#include <cstring>
#include <memory>

#include "writer.h"

namespace dde {
namespace {

using parquet::ColumnData;
using parquet::ColumnInfo;
using parquet::Type;

constexpr const char* kTypes[] = {"i64", "u64", "i32", "u32", "u16", "u8", "f64", "text"};

Type TypeOf(Napi::Env env, const std::string& name) {
  for (size_t i = 0; i < sizeof(kTypes) / sizeof(kTypes[0]); i++) {
    if (name == kTypes[i]) return static_cast<Type>(i);
  }
  throw Napi::TypeError::New(env, "no column type " + name);
}

using parquet::Given;

void Numbers(Napi::Env env, const Napi::Value& value, size_t rows, ColumnData* to) {
  if (!value.IsTypedArray()) throw Napi::TypeError::New(env, "a column must be a typed array");
  const auto array = value.As<Napi::TypedArray>();
  if (array.ElementLength() < rows) throw Napi::RangeError::New(env, "a column is shorter than the row group");
  switch (array.TypedArrayType()) {
    case napi_float64_array:
      to->given = Given::kF64;
      break;
    case napi_int32_array:
      to->given = Given::kI32;
      break;
    case napi_uint32_array:
      to->given = Given::kU32;
      break;
    case napi_uint16_array:
      to->given = Given::kU16;
      break;
    case napi_uint8_array:
      to->given = Given::kU8;
      break;
    default:
      throw Napi::TypeError::New(env,
                                 "a column must be a Float64Array, Int32Array, Uint32Array, Uint16Array or Uint8Array");
  }
  const uint8_t* from = static_cast<const uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
  to->bytes.assign(from, from + rows * array.ElementSize());
}

class ParquetWriter : public Napi::ObjectWrap<ParquetWriter> {
 public:
  // (path, [{name, type, sorted, optional}], {key: value}, zstd level)
  explicit ParquetWriter(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ParquetWriter>(info) {
    const Napi::Env env = info.Env();
    path_ = info[0].As<Napi::String>();
    std::vector<ColumnInfo> columns;
    const auto list = info[1].As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      const auto one = list.Get(i).As<Napi::Object>();
      columns.push_back({one.Get("name").As<Napi::String>(), TypeOf(env, one.Get("type").As<Napi::String>()),
                         one.Get("sorted").ToBoolean(), one.Get("optional").ToBoolean()});
    }
    std::vector<std::pair<std::string, std::string>> metadata;
    const auto pairs = info[2].As<Napi::Object>();
    const auto keys = pairs.GetPropertyNames();
    for (uint32_t i = 0; i < keys.Length(); i++) {
      const std::string key = keys.Get(i).As<Napi::String>();
      metadata.emplace_back(key, pairs.Get(key).As<Napi::String>());
    }
    writer_ = std::make_unique<parquet::Writer>(path_, std::move(columns), std::move(metadata),
                                                info[3].As<Napi::Number>().Int32Value());
  }
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(env, "ParquetWriter",
                       {InstanceMethod<&ParquetWriter::Add>("add"), InstanceMethod<&ParquetWriter::Finish>("finish")});
  }

 private:
  // (rows, [column]); a column: {values, texts?, valid?}
  Napi::Value Add(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!writer_) throw Napi::Error::New(env, "the file is finished");
    const size_t rows = info[0].As<Napi::Number>().Uint32Value();
    const auto list = info[1].As<Napi::Array>();
    const auto& columns = writer_->columns();
    if (list.Length() != columns.size()) throw Napi::RangeError::New(env, "not as many columns as the file has");
    std::vector<ColumnData> data(columns.size());
    for (uint32_t i = 0; i < columns.size(); i++) {
      const auto one = list.Get(i).As<Napi::Object>();
      Numbers(env, one.Get("values"), rows, &data[i]);
      if (columns[i].type == Type::kF64 && data[i].given != Given::kF64) {
        throw Napi::TypeError::New(env, "a column of doubles must be a Float64Array");
      }
      if (columns[i].type == Type::kText) {
        const auto texts = one.Get("texts").As<Napi::Array>();
        for (uint32_t k = 0; k < texts.Length(); k++) data[i].texts.push_back(texts.Get(k).As<Napi::String>());
      }
      if (columns[i].optional && one.Get("valid").IsTypedArray()) {
        const auto valid = one.Get("valid").As<Napi::Uint8Array>();
        if (valid.ElementLength() < rows) throw Napi::RangeError::New(env, "a column is shorter than the row group");
        data[i].valid.assign(valid.Data(), valid.Data() + rows);
      }
    }
    Check(env, writer_->Add(rows, std::move(data)));
    return env.Undefined();
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!writer_) throw Napi::Error::New(env, "the file is finished");
    const int error = writer_->Finish();
    Napi::Object out = Napi::Object::New(env);
    out.Set("rows", static_cast<double>(writer_->rows()));
    out.Set("bytes", static_cast<double>(writer_->bytes()));
    writer_.reset();
    Check(env, error);
    return out;
  }

  void Check(Napi::Env env, int error) const {
    if (error == 0) return;
    Napi::Error fault = Napi::Error::New(env, path_ + ": " + std::strerror(error));
    fault.Set("errno", static_cast<double>(error));
    throw fault;
  }

  std::string path_;
  std::unique_ptr<parquet::Writer> writer_;
};

}  // namespace

Napi::Function ParquetWriterClass(Napi::Env env) { return ParquetWriter::Class(env); }

}  // namespace dde
