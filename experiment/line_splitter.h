// Cuts a stream of bytes into lines, however the bytes come. Of a line, only its beginning is kept.
//
// Sans-I/O, shared by the parsers of text and of JSON lines: a gigabyte without a newline costs a
// buffer of the longest line that counts, and no more.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace mizan::experiment {

class LineSplitter {
 public:
  /// `longest`: bytes of a line that count.
  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  /// `each(line)` for every line that ends in these bytes, without its newline.
  template <class Each>
  void feed(std::string_view bytes, const Each& each) {
    while (!bytes.empty()) {
      const std::size_t newline = bytes.find('\n');
      if (newline == std::string_view::npos) return keep(bytes);
      if (unfinished_.empty()) {
        each(bytes.substr(0, std::min(newline, longest_)));
      } else {
        keep(bytes.substr(0, newline));
        each(std::string_view(unfinished_));
        unfinished_.clear();
      }
      bytes.remove_prefix(newline + 1);
    }
  }

  /// The last line may have no newline.
  template <class Each>
  void finish(const Each& each) {
    if (!unfinished_.empty()) each(std::string_view(unfinished_));
    unfinished_.clear();
  }

 private:
  void keep(std::string_view part) {
    unfinished_ += part.substr(0, longest_ - std::min(longest_, unfinished_.size()));
  }

  std::size_t longest_;
  std::string unfinished_;
};

}  // namespace mizan::experiment
