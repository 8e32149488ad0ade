// The lines of one trial out of the log of a warm pod, as its runner frames them
// (runner/framed_output.h). Sans-I/O.
#pragma once

#include <string>
#include <string_view>

namespace mizan::pods {

class TrialLines {
 public:
  /// `trial`: NAME, or NAME/ATTEMPT for one attempt alone. `timestamps`: each line begins with a
  /// time, which stays. `last`: NAME/ATTEMPT after whose end nothing more comes; empty: unknown.
  TrialLines(std::string trial, bool timestamps, std::string last);

  /// What of these bytes is the trial's.
  std::string feed(std::string_view bytes);
  std::string finish();  // the last line may have no newline
  bool at_end() const { return at_end_; }
  /// Whether the trial ever ran here, as far as was read.
  bool seen() const { return seen_; }

 private:
  void line(std::string_view line, std::string& out);
  bool is_own(std::string_view frame, std::size_t& text) const;

  std::string trial_, last_;
  bool timestamps_, one_attempt_;
  bool at_end_ = false, seen_ = false;
  std::string rest_;
};

}  // namespace mizan::pods
