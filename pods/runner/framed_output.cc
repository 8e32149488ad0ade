// See framed_output.h.
#include "pods/runner/framed_output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace mizan::pods {

void LineCutter::feed(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (rest_.empty() && end != bytes.npos && end <= kLongest) {
      take(bytes.substr(0, end));
      bytes.remove_prefix(end + 1);
      continue;
    }
    const std::size_t room = kLongest - rest_.size();
    const std::size_t many = std::min(end == bytes.npos ? bytes.size() : end, room);
    rest_ += bytes.substr(0, many);
    bytes.remove_prefix(many);
    const bool complete = bytes.starts_with('\n');
    if (!complete && rest_.size() < kLongest) break;
    if (complete) bytes.remove_prefix(1);
    take(rest_);
    rest_.clear();
  }
}

void LineCutter::finish(const Take& take) {
  if (!rest_.empty()) take(rest_);
  rest_.clear();
}

FramedOutput::FramedOutput(int fd) : fd_(fd) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

void FramedOutput::line(std::string_view owner, std::string_view text) {
  if (broken_) return;
  if (text.ends_with('\r')) text.remove_suffix(1);
  ((pending_ += owner) += ": ") += text;
  pending_ += '\n';
  if (pending_.size() > 32 * 1024) flush();
}

void FramedOutput::flush() {
  std::size_t done = 0;
  while (done < pending_.size()) {
    const ssize_t put = ::write(fd_, pending_.data() + done, pending_.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) break;
    if (put < 0) {
      broken_ = true;  // nobody reads any more
      pending_.clear();
      return;
    }
    done += static_cast<std::size_t>(put);
  }
  pending_.erase(0, done);
}

void FramedOutput::drain() {
  for (flush(); !pending_.empty(); flush()) {
    pollfd out{fd_, POLLOUT, 0};
    ::poll(&out, 1, 1000);
  }
}

}  // namespace mizan::pods
