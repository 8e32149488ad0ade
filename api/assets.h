// The dashboard's built files as the server needs them. dashboard/ puts them into the binary, cmd/
// passes them in.
#pragma once

#include <string>
#include <string_view>

namespace mizan::api {

struct Asset {
  std::string_view bytes;         // lives as long as the program
  std::string_view content_type;  // "text/javascript; charset=utf-8"
  std::string_view etag;          // with its quotes
  bool immutable = false;         // the name carries a hash of the content: may be cached for ever
};

/// Thread: any. Paths begin with a slash: "/index.html", "/assets/main-3f9c.js".
class Assets {
 public:
  virtual ~Assets() = default;
  virtual const Asset* find(std::string_view path) const = 0;  // null: no such file
};

/// For a server without a dashboard.
class NoAssets final : public Assets {
 public:
  const Asset* find(std::string_view) const override { return nullptr; }
};

}  // namespace mizan::api
