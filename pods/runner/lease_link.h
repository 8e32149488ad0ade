// The runner's side of the lease protocol: asks for the lease, hands results in, and keeps trying
// while the server is away or comes back elsewhere.
//
//   GET  /rest/v1/namespaces/NS/pods/POD/lease?uid=…&trial=…&attempt=…&waitSeconds=…
//   POST /rest/v1/namespaces/NS/pods/POD/lease:done?uid=…
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "pods/runner/http_call.h"
#include "resources/warm_lease.h"

namespace mizan::pods {

class LeaseLink {
 public:
  using Clock = std::chrono::steady_clock;
  struct Config {
    std::string url, url_file, token, ns, pod, pod_uid;
  };
  explicit LeaseLink(Config config);

  /// Something that the runner has to act upon.
  struct News {
    enum class Kind {
      kLease,    // what the pod's lease is now; none: nullopt
      kHanded,   // the result is kept
      kRefused,  // the result is of no use to the server: `text` says why
      kGone      // the pod is not wanted any more: `text` says why
    } kind = Kind::kLease;
    std::optional<resources::WarmLease> lease;
    std::string text;
  };

  /// Which lease the runner works on; empty: none. A question under way is asked anew.
  void working_on(const resources::WarmLease* lease);
  /// From now on this is handed in, and nothing asked, until the server has it.
  void hand_in(const resources::WarmResult& result);
  bool has_result() const { return !result_.empty(); }

  /// Begins what is due.
  void begin(Clock::time_point now);
  int fd() const { return call_ ? call_->fd() : -1; }
  short events() const { return call_ ? call_->events() : 0; }
  std::optional<News> step(Clock::time_point now);
  /// When begin() has something to do, if not now.
  Clock::time_point next() const { return retry_at_; }
  bool is_waiting() const { return call_ != nullptr; }

  /// Since when the server has not answered.
  Clock::time_point silent_since() const { return silent_since_; }
  /// A problem that has lasted, once each; empty: none.
  std::string take_complaint() { return std::exchange(complaint_, {}); }

 private:
  HttpCall::Order order() const;
  std::optional<News> read(const HttpAnswer& answer, Clock::time_point now);
  void failed(const std::string& why, Clock::time_point now);
  void find_server();

  Config config_;
  std::string trial_, attempt_;  // being worked on
  std::string result_;           // to be handed in
  bool posting_ = false;
  std::unique_ptr<HttpCall> call_;
  Clock::time_point call_until_{}, retry_at_{}, silent_since_;
  int failures_ = 0, gone_ = 0;
  std::string complaint_, last_complaint_;
};

}  // namespace mizan::pods
