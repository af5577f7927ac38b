{
  # Built by `npm run build:native`. Needs libzstd-dev and libxxhash-dev (header only).
  "targets": [
    {
      "target_name": "ddetracer",
      "sources": [
        "napi/addon.cc",
        "codec/crc32.cc",
        "codec/decoder.cc",
        "drain/drain.cc",
        "codec/encoder.cc",
        "drain/follow.cc",
        "region/region.cc",
        "parquet/encode.cc",
        "parquet/object.cc",
        "parquet/writer.cc",
        "drain/short_calls.cc",
        "codec/trace_file.cc",
        "region/tsc_clock.cc"
      ],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")",
        ".",
        ".."
      ],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "cflags_cc": ["-std=c++17", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden", "-fexceptions"],
      "libraries": ["-lzstd"]
    }
  ]
}
