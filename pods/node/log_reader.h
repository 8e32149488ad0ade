// Reads a container's log files as the log API gives them: rotated files first, then the present
// one, each line with or without its time. Blocks; files pool only, one call at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/time.h"
#include "pods/shim/pod_folder.h"
#include "store/pod_logs.h"

namespace mizan::pods {

class LogReader {
 public:
  /// `directory`: the container's folder. `attempt`: which run of it.
  LogReader(const std::string& directory, std::uint32_t attempt, store::LogOptions options,
            Time now);

  bool exists() const { return exists_; }
  /// Some more text, "" when all that has been written is read. Only whole lines.
  std::string next();
  /// limitBytes is used up: there will be no more.
  bool exhausted() const { return left_ == 0; }

 private:
  void seek_to_tail(std::int64_t lines);
  bool open_next();
  std::string format(std::string_view raw);
  std::string path(int index) const;

  std::string base_;  // DIRECTORY/0.log
  store::LogOptions options_;
  std::string since_;  // RFC 3339; lines before it are left out
  bool exists_ = false;
  Fd file_;
  ino_t inode_ = 0;
  off_t at_ = 0;
  std::string pending_;  // an unfinished line of the file
  std::uint64_t left_ = 0;
};

}  // namespace mizan::pods
