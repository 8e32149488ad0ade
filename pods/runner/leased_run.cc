// See leased_run.h.
#include "pods/runner/leased_run.h"

#include <errno.h>
#include <unistd.h>

namespace mizan::pods {
namespace {

constexpr std::size_t kTailLines = 80, kTailBytes = 2048;
/// Of what a worker says beside its metrics for one trial: the pod's log is of all its trials.
constexpr std::size_t kMostText = 16U << 20U;
constexpr std::size_t kMostDone = 16;

}  // namespace

LeasedRun::LeasedRun(ChildProcess child, bool speaks, FramedOutput& output)
    : child_(std::move(child)), speaks_(speaks), output_(output) {}

void LeasedRun::belongs_to(std::string owner) {
  owner_ = std::move(owner);
  said_ = 0;
  cut_ = false;
  last_.clear();
}

void LeasedRun::write() {
  while (!unsent_.empty() && child_.in) {
    const ssize_t put = ::write(child_.in.get(), unsent_.data(), unsent_.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put < 0) {
      unsent_.clear();  // it takes no more: its end says the rest
      return;
    }
    unsent_.erase(0, static_cast<std::size_t>(put));
  }
}

void LeasedRun::read() {
  const auto drain = [this](Fd& fd, LineCutter& lines, bool from_out) {
    const auto each = [this, from_out](std::string_view line) { take(line, from_out); };
    static char chunk[64 * 1024];
    for (int times = 0; fd && times < 16 && !output_.is_full(); ++times) {
      const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
      if (got > 0) {
        lines.feed({chunk, static_cast<std::size_t>(got)}, each);
      } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        lines.finish(each);
        fd.reset();
      } else {
        break;
      }
    }
  };
  drain(child_.out, out_, true);
  drain(child_.err, err_, false);
  output_.flush();
}

void LeasedRun::stop_listening() {
  out_.finish([this](std::string_view line) { take(line, true); });
  err_.finish([this](std::string_view line) { take(line, false); });
  child_.out.reset();
  child_.err.reset();
}

void LeasedRun::take(std::string_view line, bool from_out) {
  if (!speaks_ || !from_out) return text(line);
  WorkerLine read = read_worker_line(line);
  switch (read.kind) {
    case WorkerLine::Kind::kText:
      return text(line);
    case WorkerLine::Kind::kMetric:
      if (owner_.empty()) {
        output_.note("the worker gives a metric when it has no trial: " + read.text);
      } else {
        output_.line(owner_, read.text);
      }
      return;
    case WorkerLine::Kind::kDone:
      if (done_.size() < kMostDone) done_.push_back(std::move(read));
      return;
  }
}

void LeasedRun::text(std::string_view line) {
  if (owner_.empty()) {
    if (said_ < kMostText) output_.line("runner", "worker: " + std::string(line));
    said_ += line.size();
    return;
  }
  last_.emplace_back(line.substr(0, kTailBytes));
  if (last_.size() > kTailLines) last_.pop_front();
  said_ += line.size() + 1;
  if (!speaks_ || said_ <= kMostText) return output_.line(owner_, line);
  if (!std::exchange(cut_, true))
    output_.line(owner_, "[what it says further, beside metrics, is left out: it said 16 MiB]");
}

std::optional<WorkerLine> LeasedRun::take_done() {
  if (done_.empty()) return std::nullopt;
  WorkerLine first = std::move(done_.front());
  done_.pop_front();
  return first;
}

std::string LeasedRun::tail() const {
  std::string text;
  for (const std::string& line : last_) (text += line) += '\n';
  if (text.size() > kTailBytes) text.erase(0, text.size() - kTailBytes);
  return text;
}

}  // namespace mizan::pods
