// A stream of whole lines through TrialLines.
#include "pods/warm/warm_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "pods/warm/trial_lines.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/warm_lease.h"

namespace mizan::pods {
namespace {

using store::LogOptions;
using store::LogStream;

using resources::label_of;

bool is_warm(const Json& pod) { return !label_of(pod, resources::kWarmPoolLabel).empty(); }

class TrialStream final : public LogStream {
 public:
  TrialStream(std::unique_ptr<LogStream> inner, TrialLines lines, std::int64_t skip,
              std::optional<std::int64_t> limit)
      : inner_(std::move(inner)),
        lines_(std::move(lines)),
        skip_(skip),
        left_(
            static_cast<std::uint64_t>(limit.value_or(std::numeric_limits<std::int64_t>::max()))) {}

  Task<Result<std::string>> next() override {
    while (!over_) {
      Result<std::string> bytes = co_await inner_->next();
      if (!bytes) co_return bytes;
      std::string own = bytes->empty() ? lines_.finish() : lines_.feed(*bytes);
      over_ = bytes->empty() || lines_.at_end();
      drop_first(own);
      if (own.size() >= left_) {
        own.resize(left_);
        over_ = true;
      }
      left_ -= own.size();
      if (!own.empty()) co_return own;
    }
    co_return std::string();
  }
  void cancel() override { inner_->cancel(); }

 private:
  void drop_first(std::string& text) {
    std::size_t at = 0;
    while (skip_ > 0 && at < text.size()) {
      at = text.find('\n', at) + 1;
      --skip_;
    }
    text.erase(0, at);
  }

  std::unique_ptr<LogStream> inner_;
  TrialLines lines_;
  std::int64_t skip_;
  std::uint64_t left_;
  bool over_ = false;
};

/// Of the pod's log, all that may hold lines of the trial.
LogOptions whole(const LogOptions& options) {
  LogOptions inner = options;
  inner.trial.clear();
  inner.tail_lines.reset();
  inner.limit_bytes.reset();
  return inner;
}

}  // namespace

/// The trial's, not a sidecar's.
std::string WarmLogs::main_container(const std::string& ns, const std::string& pod) const {
  const auto object = pods_.get(ns, pod);
  if (!object) return {};
  for (const Json& container :
       resources::array_field(resources::object_field(*object, "spec"), "containers")) {
    for (const Json& variable : resources::array_field(container, "env")) {
      if (resources::text_field(variable, "name") == "MIZAN_REUSE")
        return resources::text_field(container, "name");
    }
  }
  return {};
}

Task<Result<std::unique_ptr<LogStream>>> WarmLogs::open(std::string ns, std::string pod,
                                                        LogOptions options) {
  if (options.trial.empty()) co_return co_await logs_.open(ns, pod, std::move(options));
  const auto object = pods_.get(ns, pod);
  if (!object) co_return fail(Code::kNotFound, fmt::format("pods \"{}\" not found", pod));
  const std::string name = options.trial.substr(0, options.trial.find('/'));
  if (!is_warm(*object)) {
    if (label_of(*object, resources::kTrialLabel) != name)
      co_return fail(Code::kNotFound,
                     fmt::format("pod \"{}\" does not run trial \"{}\"", pod, name));
    options.trial.clear();
    co_return co_await logs_.open(ns, pod, std::move(options));
  }
  if (options.container.empty()) options.container = main_container(ns, pod);
  // What has another trial now says nothing more of this one.
  const auto lease = resources::lease_of(*object);
  const bool current = lease && !lease->end && lease->trial == name;
  if (!current) options.follow = false;
  std::int64_t skip = 0;
  if (options.tail_lines) {
    CO_TRY(const std::int64_t lines, co_await count_lines(ns, pod, options));
    skip = std::max<std::int64_t>(0, lines - *options.tail_lines);
  }
  CO_TRY(std::unique_ptr<LogStream> inner, co_await logs_.open(ns, pod, whole(options)));
  TrialLines lines(options.trial, options.timestamps, current ? lease->key() : std::string());
  co_return std::make_unique<TrialStream>(std::move(inner), std::move(lines), skip,
                                          options.limit_bytes);
}

Task<Result<std::int64_t>> WarmLogs::count_lines(std::string ns, std::string pod,
                                                 LogOptions options) {
  LogOptions inner = whole(options);
  inner.follow = false;
  CO_TRY(const std::unique_ptr<LogStream> stream, co_await logs_.open(ns, pod, std::move(inner)));
  TrialLines lines(options.trial, options.timestamps, "");
  std::int64_t count = 0;
  while (true) {
    CO_TRY(const std::string bytes, co_await stream->next());
    const std::string own = bytes.empty() ? lines.finish() : lines.feed(bytes);
    count += std::ranges::count(own, '\n');
    if (bytes.empty()) co_return count;
  }
}

Task<Result<bool>> WarmLogs::knows(std::string ns, std::string pod, std::string container,
                                   std::string trial) {
  LogOptions options;
  options.container = std::move(container);
  CO_TRY(const std::unique_ptr<LogStream> stream, co_await logs_.open(ns, pod, options));
  TrialLines lines(std::move(trial), false, "");
  while (!lines.seen()) {
    CO_TRY(const std::string bytes, co_await stream->next());
    if (bytes.empty()) break;
    (void)lines.feed(bytes);
  }
  co_return lines.seen();
}

Task<Result<std::unique_ptr<LogStream>>> WarmLogs::open_trial(std::string ns, std::string trial,
                                                              LogOptions options) {
  std::shared_ptr<const Json> own;
  std::vector<std::shared_ptr<const Json>> warm;
  for (const auto& pod : pods_.all()) {
    if (resources::namespace_of(*pod) != ns) continue;
    if (is_warm(*pod)) warm.push_back(pod);
    const bool newer =
        !own || resources::creation_time_of(*pod) >= resources::creation_time_of(*own);
    if (label_of(*pod, resources::kTrialLabel) == trial && newer) own = pod;
  }
  options.trial = trial;
  if (own) co_return co_await open(ns, resources::name_of(*own), std::move(options));
  for (const auto& pod : warm) {
    const std::string name = resources::name_of(*pod);
    std::string container = main_container(ns, name);
    const Result<bool> known = co_await knows(ns, name, std::move(container), trial);
    if (known && *known) co_return co_await open(ns, name, std::move(options));
  }
  co_return fail(Code::kNotFound, fmt::format("trial \"{}\" has no pod, so it has no log", trial));
}

}  // namespace mizan::pods
