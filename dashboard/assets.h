// The files of the dashboard, built into the binary: the API hands them out, and no folder has to
// be installed.
#pragma once

#include <span>
#include <string_view>

namespace mizan::dashboard {

/// One file. All views are to static storage.
struct Asset {
  std::string_view path;          ///< "/index.html"; begins with a slash
  std::string_view content_type;  ///< with charset where it is text
  std::string_view etag;          ///< a strong one, with its quotes
  std::string_view bytes;         ///< the body, not compressed
  bool immutable;                 ///< its name holds its hash: it may be cached for ever
};

/// All files in the order of their paths; empty when built with MIZAN_DASHBOARD=OFF. Any path that
/// is not of a file and not of the API is a page of the dashboard and gets "/index.html".
/// Thread-safe.
std::span<const Asset> assets();

}  // namespace mizan::dashboard
