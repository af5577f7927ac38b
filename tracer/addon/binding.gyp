{
  # Built by `npm run build:native`. Needs libzstd-dev and libxxhash-dev (header only).
  "targets": [
    {
      "target_name": "ddetracer",
      "sources": [
        "addon.cc",
        "crc32.cc",
        "decoder.cc",
        "drain.cc",
        "encoder.cc",
        "follow.cc",
        "parquet_encode.cc",
        "parquet_object.cc",
        "parquet_writer.cc",
        "region.cc",
        "short_calls.cc",
        "trace_file.cc",
        "tsc_clock.cc"
      ],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")",
        "../ring"
      ],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "cflags_cc": ["-std=c++17", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden", "-fexceptions"],
      "libraries": ["-lzstd"]
    }
  ]
}
