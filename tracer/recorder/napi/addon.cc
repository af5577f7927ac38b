// SPDX-License-Identifier: MIT
// What JavaScript sees of the recorder. addon.ts is the typed wrapper; nothing else loads this.
#include <napi.h>
#include <signal.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "codec/decoder.h"
#include "drain/drain.h"
#include "parquet/object.h"
#include "region/region.h"

namespace dde {
namespace {

// Nothing that comes from a file may make us allocate more than this at once.
constexpr size_t kMaxRaw = 64u << 20;

Napi::Error Fault(Napi::Env env, const std::string& code, const std::string& text) {
  Napi::Error error = Napi::Error::New(env, text);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

Napi::Object ToObject(Napi::Env env, const DrainTotals& t) {
  Napi::Object out = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t v) { out.Set(name, static_cast<double>(v)); };
  set("recorded", t.recorded);
  set("lost", t.lost);
  set("filtered", t.filtered);
  set("produced", t.recorded + t.lost + t.filtered);
  set("noRingLost", t.noring_lost);
  set("damaged", t.damaged);
  set("skippedSites", t.skipped);
  set("bytes", t.bytes);
  if (!t.error.empty()) {
    out.Set("error", t.error);
    out.Set("errno", t.error_number);
  }
  Napi::Array threads = Napi::Array::New(env, t.threads.size());
  for (uint32_t i = 0; i < t.threads.size(); i++) {
    const ThreadTotals& thread = t.threads[i];
    Napi::Object row = Napi::Object::New(env);
    row.Set("uid", thread.uid);
    row.Set("tid", thread.tid);
    row.Set("name", thread.name);
    row.Set("recorded", static_cast<double>(thread.recorded));
    row.Set("lost", static_cast<double>(thread.lost));
    row.Set("filtered", static_cast<double>(thread.filtered));
    row.Set("produced", static_cast<double>(thread.recorded + thread.lost + thread.filtered));
    threads.Set(i, row);
  }
  out.Set("threads", threads);
  return out;
}

class StopWorker : public Napi::AsyncWorker {
 public:
  StopWorker(Napi::Env env, std::shared_ptr<Drain> drain)
      : Napi::AsyncWorker(env), drain_(std::move(drain)), deferred_(Napi::Promise::Deferred::New(env)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }
  void Execute() override { drain_->Stop(); }
  void OnOK() override { deferred_.Resolve(ToObject(Env(), drain_->totals())); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  std::shared_ptr<Drain> drain_;
  Napi::Promise::Deferred deferred_;
};

class DrainObject : public Napi::ObjectWrap<DrainObject> {
 public:
  static Napi::FunctionReference constructor;
  static void Init(Napi::Env env) {
    Napi::Function f =
        DefineClass(env, "Drain",
                    {InstanceMethod<&DrainObject::Totals>("totals"), InstanceMethod<&DrainObject::Stop>("stop"),
                     InstanceMethod<&DrainObject::AddMetadata>("addMetadata")});
    constructor = Napi::Persistent(f);
    constructor.SuppressDestruct();
  }
  static Napi::Object New(std::shared_ptr<Drain> drain) {
    Napi::Object object = constructor.New({});
    Unwrap(object)->drain_ = std::move(drain);
    return object;
  }
  explicit DrainObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<DrainObject>(info) {}

 private:
  Napi::Value Totals(const Napi::CallbackInfo& info) { return ToObject(info.Env(), drain_->totals()); }
  Napi::Value Stop(const Napi::CallbackInfo& info) {
    auto* worker = new StopWorker(info.Env(), drain_);
    Napi::Promise promise = worker->promise();
    worker->Queue();
    return promise;
  }
  Napi::Value AddMetadata(const Napi::CallbackInfo& info) {
    drain_->AddMetadata(info[0].As<Napi::String>().Utf8Value());
    return info.Env().Undefined();
  }

  std::shared_ptr<Drain> drain_;
};
Napi::FunctionReference DrainObject::constructor;

class RegionObject : public Napi::ObjectWrap<RegionObject> {
 public:
  static Napi::Function Init(Napi::Env env) {
    return DefineClass(
        env, "Region",
        {InstanceMethod<&RegionObject::Info>("info"), InstanceMethod<&RegionObject::Generation>("generation"),
         InstanceMethod<&RegionObject::Threads>("threads"), InstanceMethod<&RegionObject::SetControl>("setControl"),
         InstanceMethod<&RegionObject::Asked>("asked"), InstanceMethod<&RegionObject::StartDrain>("startDrain"),
         InstanceMethod<&RegionObject::Snapshot>("snapshot"), InstanceMethod<&RegionObject::Close>("close")});
  }

  explicit RegionObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RegionObject>(info) {
    std::string error;
    region_ = Region::Open(info[0].As<Napi::Number>().Int32Value(), &error);
    if (!region_) throw Fault(info.Env(), "ERR_DDE_REGION", error);
  }

 private:
  Region& Get(const Napi::CallbackInfo& info) {
    if (!region_) throw Fault(info.Env(), "ERR_DDE_REGION", "the trace region is closed");
    return *region_;
  }

  Napi::Value Info(const Napi::CallbackInfo& info) {
    const ddet_ctl* c = Get(info).ctl();
    Napi::Object out = Napi::Object::New(info.Env());
    const auto set = [&](const char* name, uint64_t v) { out.Set(name, static_cast<double>(v)); };
    out.Set("ready", (c->flags & DDET_CTL_READY) != 0);
    out.Set("invariantTsc", (c->flags & DDET_CTL_INVARIANT_TSC) != 0);
    set("pid", c->pid);
    set("ringBytes", Get(info).ring_bytes());
    set("mode", c->mode);
    set("categories", c->categories);
    set("depthLimit", c->depth_limit);
    set("generation", c->generation);
    set("appliedGeneration", c->applied_generation);
    set("siteCount", c->site_count);
    set("apiSiteCount", c->api_site_count);
    set("patchedSites", c->patched_sites);
    set("skippedSites", c->skipped_sites);
    set("drainerPid", c->drainer_pid);
    set("noRingLost", c->noring_lost);
    set("cells", c->cells);
    set("snapshots", c->snapshots);
    set("stops", c->stops);
    Napi::Array hits = Napi::Array::New(info.Env());
    for (uint32_t i = 0; i < DDET_MAX_TRIGGERS; i++) hits.Set(i, c->trigger_hits[i]);
    out.Set("triggerHits", hits);
    return out;
  }

  Napi::Value Generation(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), Acquire(&Get(info).ctl()->generation));
  }

  // What is asked for now, as setControl takes it.
  Napi::Value Asked(const Napi::CallbackInfo& info) {
    Region& region = Get(info);
    const ddet_ctl* c = region.ctl();
    Napi::Object out = Napi::Object::New(info.Env());
    const size_t sites = region.sites();
    out.Set("sites", Napi::Buffer<uint8_t>::Copy(info.Env(), region.bitmap(),
                                                 std::min<size_t>(sites / 8 + 1, DDET_MAX_SITES / 8)));
    out.Set("args", Napi::Buffer<uint8_t>::Copy(info.Env(), region.args(), sites));
    out.Set("tracepoints", Napi::Buffer<uint8_t>::Copy(info.Env(), reinterpret_cast<const uint8_t*>(c->tracepoints),
                                                       sizeof(c->tracepoints)));
    Napi::Array triggers = Napi::Array::New(info.Env());
    const uint32_t armed = std::min<uint32_t>(Acquire(&c->trigger_count), DDET_MAX_TRIGGERS);
    for (uint32_t i = 0; i < armed; i++) {
      Napi::Object trigger = Napi::Object::New(info.Env());
      trigger.Set("site", c->triggers[i].site);
      trigger.Set("action", c->triggers[i].action);
      triggers.Set(i, trigger);
    }
    out.Set("triggers", triggers);
    return out;
  }

  Napi::Value Threads(const Napi::CallbackInfo& info) {
    Region& region = Get(info);
    Napi::Array out = Napi::Array::New(info.Env());
    for (uint32_t i = 0, n = 0; i < region.slots(); i++) {
      const ddet_slot* s = region.slot(i);
      if (s->state == DDET_SLOT_FREE) continue;
      Napi::Object row = Napi::Object::New(info.Env());
      row.Set("uid", s->uid);
      row.Set("tid", s->tid);
      row.Set("role", s->role);
      row.Set("name", Region::Name(s));
      row.Set("live", s->state == DDET_SLOT_LIVE);
      row.Set("ringPosition", static_cast<double>(s->head));
      row.Set("lost", static_cast<double>(s->lost));
      out.Set(n++, row);
    }
    return out;
  }

  Napi::Value SetControl(const Napi::CallbackInfo& info) {
    Region& region = Get(info);
    ddet_ctl* c = region.ctl();
    const Napi::Object o = info[0].As<Napi::Object>();
    const auto number = [&](const char* name, unsigned int* to) {
      const Napi::Value v = o.Get(name);
      if (v.IsNumber()) __atomic_store_n(to, v.As<Napi::Number>().Uint32Value(), __ATOMIC_RELAXED);
    };
    number("categories", &c->categories);
    number("mode", &c->mode);
    number("depthLimit", &c->depth_limit);
    const auto table = [&](const char* name, uint8_t* to, size_t all, size_t per_byte) {
      const Napi::Value v = o.Get(name);
      if (!v.IsTypedArray()) return;
      const auto from = v.As<Napi::Uint8Array>();
      const size_t n = std::min<size_t>(from.ByteLength(), all);
      std::memcpy(to, from.Data(), n);
      // Of the rest only what is set, as far as there are sites: the pages of a table that nobody touched cost nothing.
      const size_t used = std::min<size_t>(all, size_t{region.sites()} / per_byte + 1);
      for (size_t i = n; i < used; i++) {
        if (to[i] != 0) to[i] = 0;
      }
    };
    table("args", region.args(), DDET_MAX_SITES, 1);
    table("sites", region.bitmap(), DDET_MAX_SITES / 8, 8);
    const Napi::Value tracepoints = o.Get("tracepoints");
    if (tracepoints.IsTypedArray()) {
      const auto bits = tracepoints.As<Napi::Uint8Array>();
      const size_t n = std::min(bits.ByteLength(), sizeof(c->tracepoints));
      std::memset(c->tracepoints, 0, sizeof(c->tracepoints));
      std::memcpy(c->tracepoints, bits.Data(), n);
    }
    const Napi::Value triggers = o.Get("triggers");
    if (triggers.IsArray()) {
      const auto list = triggers.As<Napi::Array>();
      const uint32_t n = std::min(list.Length(), DDET_MAX_TRIGGERS);
      for (uint32_t i = 0; i < n; i++) {
        const Napi::Object trigger = list.Get(i).As<Napi::Object>();
        c->triggers[i].site = trigger.Get("site").As<Napi::Number>().Uint32Value();
        c->triggers[i].action = trigger.Get("action").As<Napi::Number>().Uint32Value();
      }
      __atomic_store_n(&c->trigger_count, n, __ATOMIC_RELEASE);
    }
    // Partner: ddet_poll() reads the generation before all else.
    const unsigned int generation = __atomic_add_fetch(&c->generation, 1, __ATOMIC_RELEASE);
    // The process id comes from the process itself; a signal that is ignored by default harms nobody whom it does not belong to.
    const pid_t pid = static_cast<pid_t>(c->pid);
    if ((c->flags & DDET_CTL_KICK) != 0 && pid > 1) (void)kill(pid, SIGURG);
    return Napi::Number::New(info.Env(), generation);
  }

  static DrainOptions Options(const Napi::CallbackInfo& info) {
    const Napi::Object o = info[0].As<Napi::Object>();
    DrainOptions options;
    options.path = o.Get("file").As<Napi::String>().Utf8Value();
    options.metadata = o.Get("metadata").As<Napi::String>().Utf8Value();
    if (o.Get("level").IsNumber()) options.level = std::clamp(o.Get("level").As<Napi::Number>().Int32Value(), -5, 19);
    options.attach = o.Get("attach").ToBoolean();
    options.follow = o.Get("follow").ToBoolean();
    if (o.Get("minDuration").IsNumber())
      options.min_duration_ns =
          static_cast<uint64_t>(std::max<int64_t>(0, o.Get("minDuration").As<Napi::Number>().Int64Value()));
    return options;
  }

  Napi::Value StartDrain(const Napi::CallbackInfo& info) {
    Region& region = Get(info);
    if (region.ctl()->mode == DDET_MODE_OVERWRITE) {
      throw Fault(info.Env(), "ERR_DDE_MODE", "the rings are in overwrite mode: take a snapshot instead");
    }
    DrainOptions options = Options(info);
    pid_t other = 0;
    if (!options.follow && !region.Claim(&other)) {
      throw Fault(info.Env(), "ERR_DDE_BUSY", "process " + std::to_string(other) + " is recording this driver already");
    }
    const bool follow = options.follow;
    auto drain = std::make_shared<Drain>(region_, std::move(options));
    if (!drain->Start()) {
      if (!follow) region.Unclaim();
      throw Fault(info.Env(), "ERR_DDE_TRACE_FILE", drain->totals().error);
    }
    return DrainObject::New(std::move(drain));
  }

  Napi::Value Snapshot(const Napi::CallbackInfo& info) {
    Get(info);
    Drain drain(region_, Options(info));
    if (!drain.Snapshot()) throw Fault(info.Env(), "ERR_DDE_TRACE_FILE", drain.totals().error);
    return ToObject(info.Env(), drain.totals());
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    region_.reset();
    return info.Env().Undefined();
  }

  std::shared_ptr<Region> region_;
};

Napi::Value CreateRegion(const Napi::CallbackInfo& info) {
  std::string error;
  const int fd = Region::Create(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()),
                                info[1].As<Napi::Number>().Uint32Value(), &error);
  if (fd < 0) throw Fault(info.Env(), "ERR_DDE_REGION", error);
  return Napi::Number::New(info.Env(), fd);
}

// (source, target) -> bytes. The target's size is the limit.
Napi::Value ZstdDecompressInto(const Napi::CallbackInfo& info) {
  const auto source = info[0].As<Napi::Uint8Array>();
  auto target = info[1].As<Napi::Uint8Array>();
  const size_t n = ZSTD_decompress(target.Data(), target.ByteLength(), source.Data(), source.ByteLength());
  if (ZSTD_isError(n)) throw Fault(info.Env(), "ERR_DDE_ZSTD", std::string("zstd: ") + ZSTD_getErrorName(n));
  return Napi::Number::New(info.Env(), static_cast<double>(n));
}

// (source, raw size) -> Buffer of exactly that size.
Napi::Value ZstdDecompress(const Napi::CallbackInfo& info) {
  const auto source = info[0].As<Napi::Uint8Array>();
  const int64_t raw = info[1].As<Napi::Number>().Int64Value();
  if (raw < 0 || static_cast<size_t>(raw) > kMaxRaw) throw Fault(info.Env(), "ERR_DDE_ZSTD", "zstd: size out of range");
  auto target = Napi::Buffer<uint8_t>::New(info.Env(), static_cast<size_t>(raw));
  const size_t n = ZSTD_decompress(target.Data(), target.Length(), source.Data(), source.ByteLength());
  if (ZSTD_isError(n)) throw Fault(info.Env(), "ERR_DDE_ZSTD", std::string("zstd: ") + ZSTD_getErrorName(n));
  if (n != target.Length()) throw Fault(info.Env(), "ERR_DDE_ZSTD", "zstd: wrong size");
  return target;
}

Napi::Value ZstdCompress(const Napi::CallbackInfo& info) {
  const auto source = info[0].As<Napi::Uint8Array>();
  const int level = info[1].IsNumber() ? info[1].As<Napi::Number>().Int32Value() : 1;
  std::unique_ptr<uint8_t[]> out(new uint8_t[ZSTD_compressBound(source.ByteLength())]);
  const size_t n =
      ZSTD_compress(out.get(), ZSTD_compressBound(source.ByteLength()), source.Data(), source.ByteLength(), level);
  if (ZSTD_isError(n)) throw Fault(info.Env(), "ERR_DDE_ZSTD", std::string("zstd: ") + ZSTD_getErrorName(n));
  return Napi::Buffer<uint8_t>::Copy(info.Env(), out.get(), n);
}

// (state, body, ts, kind, flags, id, arg, payloadStart, payload, stack) -> DecodeResult. columns.ts calls it and nothing else does.
Napi::Value DecodeChunk(const Napi::CallbackInfo& info) {
  auto state = info[0].As<Napi::Float64Array>();
  const auto body = info[1].As<Napi::Uint8Array>();
  auto ts = info[2].As<Napi::Float64Array>();
  auto kind = info[3].As<Napi::Uint8Array>();
  auto flags = info[4].As<Napi::Uint8Array>();
  auto id = info[5].As<Napi::Uint32Array>();
  auto arg = info[6].As<Napi::Uint32Array>();
  auto payload_start = info[7].As<Napi::Uint32Array>();
  auto payload = info[8].As<Napi::Uint32Array>();
  auto stack = info[9].As<Napi::Uint32Array>();
  const size_t room = std::min({ts.ElementLength(), kind.ElementLength(), flags.ElementLength(), id.ElementLength(),
                                arg.ElementLength(), payload_start.ElementLength()});
  if (state.ByteLength() != sizeof(DecodeState))
    throw Fault(info.Env(), "ERR_INVALID_ARG_VALUE", "not a decoder's state");
  const DecodeColumns to = {ts.Data(),    kind.Data(),          flags.Data(),
                            id.Data(),    arg.Data(),           payload_start.Data(),
                            room,         payload.Data(),       payload.ElementLength(),
                            stack.Data(), stack.ElementLength()};
  const DecodeResult result = Decode(body.Data(), body.ByteLength(), reinterpret_cast<DecodeState*>(state.Data()), to);
  return Napi::Number::New(info.Env(), static_cast<int>(result));
}

class Xxh64 : public Napi::ObjectWrap<Xxh64> {
 public:
  static Napi::Function Init(Napi::Env env) {
    return DefineClass(env, "Xxh64",
                       {InstanceMethod<&Xxh64::Update>("update"), InstanceMethod<&Xxh64::Digest>("digest")});
  }
  explicit Xxh64(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Xxh64>(info) { XXH64_reset(&state_, 0); }

 private:
  Napi::Value Update(const Napi::CallbackInfo& info) {
    if (!info[0].IsTypedArray()) throw Fault(info.Env(), "ERR_INVALID_ARG_TYPE", "Xxh64.update takes a Uint8Array");
    const auto data = info[0].As<Napi::Uint8Array>();
    XXH64_update(&state_, data.Data(), data.ByteLength());
    return info.This();
  }
  Napi::Value Digest(const Napi::CallbackInfo& info) {
    return Napi::BigInt::New(info.Env(), static_cast<uint64_t>(XXH64_digest(&state_)));
  }

  XXH64_state_t state_;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  DrainObject::Init(env);
  exports.Set("Region", RegionObject::Init(env));
  exports.Set("Xxh64", Xxh64::Init(env));
  exports.Set("ParquetWriter", ParquetWriterClass(env));
  exports.Set("decodeChunk", Napi::Function::New(env, DecodeChunk));
  exports.Set("createRegion", Napi::Function::New(env, CreateRegion));
  exports.Set("zstdDecompressInto", Napi::Function::New(env, ZstdDecompressInto));
  exports.Set("zstdDecompress", Napi::Function::New(env, ZstdDecompress));
  exports.Set("zstdCompress", Napi::Function::New(env, ZstdCompress));
  return exports;
}

}  // namespace
}  // namespace dde

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) { return dde::Init(env, exports); }
NODE_API_MODULE(ddetracer, InitModule)
