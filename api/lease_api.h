// REST for the runners of warm pods: what trial a pod runs now, and how it ended.
//
//   GET  /rest/v1/namespaces/NS/pods/POD/lease?uid=U[&trial=T&attempt=A][&waitSeconds=25]
//        {"lease": {...} | null}: at once when it is another than T/A or is withdrawn, else after
//        the wait
//   POST /rest/v1/namespaces/NS/pods/POD/lease:done?uid=U   a result (resources/warm_lease.h)
//
// A runner calls with the token of its pod, which is good for nothing else. What it says is kept as
// an annotation of the Pod, where the warm-pod controller finds it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/http.h"
#include "api/server.h"
#include "api/target.h"
#include "resources/warm_lease.h"

namespace mizan::api {

/// The token of a pod's runner: its name, signed. `key`: the server's own, secret.
std::string lease_token(std::string_view key, std::string_view ns, std::string_view pod);
/// Errors: kUnauthorized for none or one that is not ours, kForbidden for that of another pod.
Result<> check_lease_token(std::string_view key, std::string_view token, std::string_view ns,
                           std::string_view pod);

/// When each pod's runner was heard of last. Thread: io.
class RunnerWords {
 public:
  using Clock = std::chrono::steady_clock;
  void heard(const std::string& pod_uid) { words_[pod_uid] = Clock::now(); }
  /// Of one that was never heard of: since this began.
  std::chrono::seconds silent_for(const std::string& pod_uid) const;
  void forget(const std::string& pod_uid) { words_.erase(pod_uid); }

 private:
  Clock::time_point began_ = Clock::now();
  std::map<std::string, Clock::time_point> words_;
};

/// Thread: io.
class LeaseApi {
 public:
  LeaseApi(boost::asio::any_io_executor io, const Services& services);
  ~LeaseApi();

  /// Errors become problems at the caller's.
  Task<Result<Response>> lease(std::string ns, std::string pod, Request request, Query query);
  Task<Result<Response>> done(std::string ns, std::string pod, Request request, Query query);

  /// The server stops: those that wait are answered now.
  void close();

 private:
  struct Wait;
  Result<> admit(const std::string& ns, const std::string& pod, const Request& request) const;
  Task<Result<store::ObjectPtr>> find_pod(std::string ns, std::string pod, std::string uid);
  Task<bool> wait_for_change(store::ObjectPtr pod, std::shared_ptr<Wait> wait);

  boost::asio::any_io_executor io_;
  Services services_;
  std::set<std::shared_ptr<Wait>> waits_;
  bool closed_ = false;
};

}  // namespace mizan::api
