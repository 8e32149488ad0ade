// A container's output, written as kubelet's container runtimes write it (the CRI log format).
//
//   2026-11-23T20:19:10.123456789Z stdout F a whole line
//   2026-11-23T20:19:10.123456790Z stderr P the first 16 KiB of a longer one
// The file is rotated at a size: 0.log is the present one, 0.log.1 the one before, up to 0.log.4;
// what is older is gone. A full disk loses lines, never the container.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pods/shim/pod_folder.h"

namespace mizan::pods {

enum class Stream : std::uint8_t { kStdout, kStderr };

/// One start of a container. Owns its file; `directory` is borrowed.
class LogWriter {
 public:
  LogWriter(int directory, std::uint32_t attempt, std::uint64_t max_bytes, std::uint32_t max_files);

  /// Any cut of the stream into pieces gives the same lines.
  void write(Stream stream, std::string_view bytes);
  /// The stream has ended: what is left of its last line is written as a line.
  void finish(Stream stream);

  /// The end of the output, at most `max_lines` and `max_bytes`: a termination message.
  static std::string tail(int directory, std::uint32_t attempt, std::size_t max_lines,
                          std::size_t max_bytes);

 private:
  void add_line(Stream stream, char tag, std::string_view text);
  void flush();
  void rotate();

  int directory_;
  std::string name_;
  std::uint64_t max_bytes_, size_ = 0;
  std::uint32_t max_files_;
  Fd file_;
  std::array<std::string, 2> partial_;  // the unfinished line of each stream
  std::string out_;                     // formatted, not yet written
};

/// `2026-11-23T20:19:10.123456789Z` from CLOCK_REALTIME.
std::string timestamp_now();

}  // namespace mizan::pods
