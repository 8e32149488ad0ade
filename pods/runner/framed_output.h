// What a warm pod prints: each line says whose it is, so that each trial on it has a log of its
// own.
//
//   TRIAL/ATTEMPT: what the trial printed
//   runner: begin TRIAL/ATTEMPT
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mizan::pods {

/// Cuts bytes into lines. A line longer than kLongest goes out in pieces, so that one without an
/// end needs no more memory.
class LineCutter {
 public:
  using Take = std::function<void(std::string_view line)>;
  static constexpr std::size_t kLongest = 64 * 1024;

  void feed(std::string_view bytes, const Take& take);
  /// The last line may have no newline.
  void finish(const Take& take);

 private:
  std::string rest_;
};

/// Lines to a descriptor that may be full: what it doesn't take waits here.
class FramedOutput {
 public:
  /// Makes `fd` non-blocking; doesn't own it.
  explicit FramedOutput(int fd);

  void line(std::string_view owner, std::string_view text);
  void note(std::string_view text) { line("runner", text); }

  /// So much waits that no more should be read from trials.
  bool is_full() const { return pending_.size() > kMostPending; }
  bool has_pending() const { return !pending_.empty(); }
  int fd() const { return fd_; }
  void flush();  // what goes without waiting
  void drain();  // waits until all is out, or the reader is gone

 private:
  static constexpr std::size_t kMostPending = 1U << 20U;
  int fd_;
  bool broken_ = false;
  std::string pending_;
};

}  // namespace mizan::pods
