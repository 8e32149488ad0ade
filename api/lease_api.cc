// Leases are read from the Pod and waited for by a watch on it; results are compare-and-swapped
// onto it.
#include "api/lease_api.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <charconv>

#include "api/auth.h"
#include "api/digest.h"
#include "api/render.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::api {
namespace {

using resources::WarmLease;
using resources::WarmResult;

using resources::kPods;
constexpr int kLeaseAttempts = 8;  // each lost to another writer of the same pod
constexpr std::int64_t kLongestLeaseWait = 60;

std::string signature(std::string_view key, std::string_view who) {
  return hex(hmac_sha256(key, fmt::format("mizan lease {}", who)));
}

Result<std::int64_t> read_wait(const Query& query) {
  const std::string_view text = query.get("waitSeconds");
  if (text.empty()) return 25;
  std::int64_t seconds = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0 ||
      seconds > kLongestLeaseWait) {
    const std::string message =
        fmt::format("must be a whole number from 0 to {}", kLongestLeaseWait);
    return fail(Code::kInvalid, "waitSeconds: " + message,
                {{FieldReason::kInvalid, "waitSeconds", message}});
  }
  return seconds;
}

/// What the pod is to do now; nullopt: to wait for something to do.
std::optional<WarmLease> offer_of(const Json& pod) {
  auto lease = resources::lease_of(pod);
  if (!lease || lease->end) return lease;
  if (resources::lease_result_of(pod)) return std::nullopt;  // done with it
  return lease;
}

bool is_news(const std::optional<WarmLease>& offer, std::string_view trial,
             std::string_view attempt) {
  if (trial.empty()) return offer.has_value();
  if (!offer || offer->end || offer->cancelled) return true;
  return offer->trial != trial || std::to_string(offer->attempt) != attempt;
}

Response lease_response(const std::optional<WarmLease>& offer) {
  return json_response(200, compact({{"lease", offer ? to_json(*offer) : Json()}}));
}

}  // namespace

std::string lease_token(std::string_view key, std::string_view ns, std::string_view pod) {
  const std::string who = fmt::format("{}/{}", ns, pod);
  return fmt::format("lease.{}.{}", hex(who), signature(key, who));
}

Result<> check_lease_token(std::string_view key, std::string_view token, std::string_view ns,
                           std::string_view pod) {
  const std::string own = lease_token(key, ns, pod);
  if (!key.empty() && equal_in_constant_time(own, token)) return {};
  const auto refuse = [] {
    return fail(Code::kUnauthorized, "the token of the pod's runner is needed (MIZAN_TOKEN)");
  };
  constexpr std::string_view kBegin = "lease.";
  const std::size_t dot = token.rfind('.');
  if (key.empty() || !token.starts_with(kBegin) || dot < kBegin.size()) return refuse();
  std::string who;
  const std::string_view digits = token.substr(kBegin.size(), dot - kBegin.size());
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    who += static_cast<char>(value);
  }
  if (!equal_in_constant_time(signature(key, who), token.substr(dot + 1))) return refuse();
  return fail(Code::kForbidden, fmt::format("this token is of pod {}, not of {}/{}", who, ns, pod));
}

std::chrono::seconds RunnerWords::silent_for(const std::string& pod_uid) const {
  const auto found = words_.find(pod_uid);
  const auto last = found == words_.end() ? began_ : found->second;
  return std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - last);
}

struct LeaseApi::Wait {
  explicit Wait(const boost::asio::any_io_executor& io) : timer(io) {}
  void end() {
    over = true;
    timer.cancel();
    if (watch) watch->cancel();
  }
  boost::asio::steady_timer timer;
  std::unique_ptr<store::Watch> watch;
  bool over = false;
};

LeaseApi::LeaseApi(boost::asio::any_io_executor io, const Services& services)
    : io_(std::move(io)), services_(services) {}

LeaseApi::~LeaseApi() { close(); }

void LeaseApi::close() {
  closed_ = true;
  for (const auto& wait : waits_) wait->end();
}

Result<> LeaseApi::admit(const std::string& ns, const std::string& pod,
                         const Request& request) const {
  const auto token = bearer_token(request.headers.get("Authorization"));
  return check_lease_token(services_.lease_key, token.value_or(""), ns, pod);
}

Task<Result<store::ObjectPtr>> LeaseApi::find_pod(std::string ns, std::string pod,
                                                  std::string uid) {
  CO_TRY(auto object, co_await services_.store.get(store::Key(kPods, ns, pod)));
  if (resources::uid_of(*object) != uid)
    co_return fail(Code::kConflict,
                   fmt::format("pod \"{}\" has the uid {}, not {}", pod, resources::uid_of(*object),
                               uid.empty() ? "\"\"" : uid));
  if (services_.runner_words != nullptr) services_.runner_words->heard(uid);
  co_return object;
}

/// False when the time has passed, the client is gone or the server stops.
Task<bool> LeaseApi::wait_for_change(store::ObjectPtr pod, std::shared_ptr<Wait> wait) {
  store::Selection selection(kPods, resources::namespace_of(*pod));
  selection.fields.push_back({"metadata.name", resources::name_of(*pod), true});
  store::WatchOptions options;
  options.resource_version = resources::resource_version_of(*pod);
  auto watch = co_await services_.store.watch(std::move(selection), std::move(options));
  if (!watch || wait->over) co_return watch.has_value() && !wait->over;
  wait->watch = *std::move(watch);
  const auto event = co_await wait->watch->next();
  wait->watch.reset();
  co_return !wait->over && (event || event.error().code == Code::kExpired);
}

Task<Result<Response>> LeaseApi::lease(std::string ns, std::string pod, Request request,
                                       Query query) {
  if (auto admitted = admit(ns, pod, request); !admitted) co_return fail(admitted.error());
  CO_TRY(const std::int64_t seconds, read_wait(query));
  const std::string uid(query.get("uid")), trial(query.get("trial")), attempt(query.get("attempt"));
  auto wait = std::make_shared<Wait>(io_);
  wait->timer.expires_after(std::chrono::seconds(seconds));
  const std::weak_ptr<Wait> weak = wait;
  wait->timer.async_wait([weak](boost::system::error_code cancelled) {
    if (const auto still = weak.lock(); still && !cancelled) still->end();
  });
  if (request.on_hangup) {
    request.on_hangup([weak] {
      if (const auto still = weak.lock()) still->end();
    });
  }
  waits_.insert(wait);
  Result<Response> answer = fail(Code::kInternal, "");
  while (true) {
    auto object = co_await find_pod(ns, pod, uid);
    if (!object) {
      answer = fail(object.error());
      break;
    }
    const auto offer = offer_of(**object);
    answer = lease_response(offer);
    if (closed_ || wait->over || seconds == 0 || is_news(offer, trial, attempt)) break;
    const bool changed = co_await wait_for_change(*object, wait);
    if (!changed) break;
  }
  wait->end();
  waits_.erase(wait);
  co_return answer;
}

Task<Result<Response>> LeaseApi::done(std::string ns, std::string pod, Request request,
                                      Query query) {
  if (auto admitted = admit(ns, pod, request); !admitted) co_return fail(admitted.error());
  CO_TRY(const auto body, parse_json(request.body));
  CO_TRY(const WarmResult result, resources::read_result(body.value));
  for (int tries = 0; tries < kLeaseAttempts; ++tries) {
    CO_TRY(const auto object, co_await find_pod(ns, pod, std::string(query.get("uid"))));
    const auto lease = resources::lease_of(*object);
    if (!lease || lease->end)
      co_return fail(Code::kConflict, fmt::format("pod \"{}\" has no lease now", pod));
    if (lease->trial != result.trial || lease->attempt != result.attempt) {
      co_return fail(Code::kConflict, fmt::format("pod \"{}\" has the lease {} now, not {}/{}", pod,
                                                  lease->key(), result.trial, result.attempt));
    }
    if (const auto known = resources::lease_result_of(*object)) {
      if (*known == result) co_return json_response(200, compact({{"kept", true}}));
      co_return fail(Code::kConflict,
                     fmt::format("{} has ended already, and otherwise", lease->key()));
    }
    Json metadata{{"uid", resources::uid_of(*object)},
                  {"resourceVersion", resources::resource_version_of(*object)}};
    metadata["annotations"][std::string(resources::kLeaseResultAnnotation)] =
        resources::compact(to_json(result));
    store::Patch patch(store::PatchType::kMerge, Json{{"metadata", std::move(metadata)}});
    store::WriteOptions options;
    options.field_manager = "mizan-runner";
    auto written = co_await services_.store.patch(store::Key(kPods, ns, pod), "", std::move(patch),
                                                  std::move(options));
    if (written) co_return json_response(200, compact({{"kept", true}}));
    if (written.error().code != Code::kConflict) co_return fail(written.error());
  }
  co_return fail(Code::kConflict,
                 fmt::format("pod \"{}\" is being changed by others too often; try again", pod));
}

}  // namespace mizan::api
