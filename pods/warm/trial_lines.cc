// See trial_lines.h.
#include "pods/warm/trial_lines.h"

#include <algorithm>

namespace mizan::pods {

TrialLines::TrialLines(std::string trial, bool timestamps, std::string last)
    : trial_(std::move(trial)),
      last_(std::move(last)),
      timestamps_(timestamps),
      one_attempt_(trial_.find('/') != std::string::npos) {
  if (one_attempt_ && last_.empty()) last_ = trial_;
}

std::string TrialLines::feed(std::string_view bytes) {
  std::string out;
  while (!bytes.empty() && !at_end_) {
    const std::size_t end = bytes.find('\n');
    if (end == bytes.npos) {
      rest_ += bytes;
      break;
    }
    if (rest_.empty()) {
      line(bytes.substr(0, end), out);
    } else {
      rest_ += bytes.substr(0, end);
      line(rest_, out);
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  return out;
}

std::string TrialLines::finish() {
  std::string out;
  if (!rest_.empty() && !at_end_) line(rest_, out);
  rest_.clear();
  return out;
}

/// "TRIAL/ATTEMPT: text": `text` becomes where the text begins.
bool TrialLines::is_own(std::string_view frame, std::size_t& text) const {
  if (!frame.starts_with(trial_)) return false;
  std::size_t at = trial_.size();
  if (!one_attempt_) {
    if (at >= frame.size() || frame[at] != '/') return false;
    const std::size_t digits = ++at;
    while (at < frame.size() && frame[at] >= '0' && frame[at] <= '9') ++at;
    if (at == digits) return false;
  }
  if (!frame.substr(at).starts_with(": ")) return false;
  text = at + 2;
  return true;
}

void TrialLines::line(std::string_view line, std::string& out) {
  std::size_t begin = 0;
  if (timestamps_) begin = std::min(line.find(' ') + 1, line.size());
  const std::string_view frame = line.substr(begin);
  std::size_t text = 0;
  if (is_own(frame, text)) {
    seen_ = true;
    out += line.substr(0, begin);
    out += frame.substr(text);
    out += '\n';
    return;
  }
  for (const std::string_view mark : {"runner: begin ", "runner: end "}) {
    if (!frame.starts_with(mark)) continue;
    const std::string_view key = frame.substr(mark.size());
    const std::string_view whose = key.substr(0, key.find(' '));
    const bool own = one_attempt_ ? whose == trial_ : whose.substr(0, whose.rfind('/')) == trial_;
    seen_ = seen_ || own;
    if (mark == "runner: end " && !last_.empty() && whose == last_) at_end_ = true;
  }
}

}  // namespace mizan::pods
