// Logs of pods, and of single trials on pods that serve many.
#pragma once

#include <memory>
#include <string>

#include "controller/informer.h"
#include "store/pod_logs.h"

namespace mizan::pods {

/// What `pods` gives, and with LogOptions::trial the lines of that trial. Thread: io; both outlive
/// it and its streams.
class WarmLogs final : public store::PodLogs {
 public:
  WarmLogs(store::PodLogs& logs, const controller::Informer<Json>& pods)
      : logs_(logs), pods_(pods) {}

  Task<Result<std::unique_ptr<store::LogStream>>> open(std::string ns, std::string pod,
                                                       store::LogOptions options) override;

  /// The log of a trial, wherever it runs or ran: on its own pod, or on a warm one. Errors:
  /// kNotFound when no pod is left that knows of it.
  Task<Result<std::unique_ptr<store::LogStream>>> open_trial(std::string ns, std::string trial,
                                                             store::LogOptions options);

 private:
  Task<Result<bool>> knows(std::string ns, std::string pod, std::string container,
                           std::string trial);
  Task<Result<std::int64_t>> count_lines(std::string ns, std::string pod,
                                         store::LogOptions options);
  std::string main_container(const std::string& ns, const std::string& pod) const;

  store::PodLogs& logs_;
  const controller::Informer<Json>& pods_;
};

}  // namespace mizan::pods
