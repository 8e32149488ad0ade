// The way of a request: Host and Origin, target, who calls, what is wanted, may they, the handler,
// and its errors in the words of the surface that was asked.
#include "api/api.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <map>
#include <sstream>

#include "api/asset_response.h"
#include "api/authorize.h"
#include "api/discovery.h"
#include "api/guard.h"
#include "api/kubernetes_api.h"
#include "api/openapi.h"
#include "api/render.h"
#include "api/rest_api.h"
#include "api/session_api.h"
#include "api/status.h"
#include "api/train_status_api.h"

namespace mizan::api {
namespace {

// What clients see as the Kubernetes version: the one whose behaviour is followed.
constexpr std::string_view kKubernetesMinor = "34";

class RequestMetrics {
 public:
  explicit RequestMetrics(prometheus::Registry& registry)
      : requests_(prometheus::BuildCounter()
                      .Name("mizan_http_requests_total")
                      .Help("HTTP requests answered, by method and status code.")
                      .Register(registry)),
        seconds_(prometheus::BuildHistogram()
                     .Name("mizan_http_request_duration_seconds")
                     .Help("Time from a request to its answer's first byte.")
                     .Register(registry)
                     .Add({}, prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005,
                                                                      0.01, 0.025, 0.05, 0.1, 0.25,
                                                                      0.5, 1, 2.5, 5, 10, 30})) {}

  void count(Method method, unsigned status, std::chrono::steady_clock::duration took) {
    auto& counter = counters_[{method, status}];
    if (counter == nullptr) {
      counter = &requests_.Add(
          {{"method", std::string(to_string(method))}, {"code", std::to_string(status)}});
    }
    counter->Increment();
    seconds_.Observe(std::chrono::duration<double>(took).count());
  }

 private:
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Histogram& seconds_;
  std::map<std::pair<Method, unsigned>, prometheus::Counter*> counters_;
};

Response version_response(const std::string& version) {
  // kubectl get --raw shows the bytes, so they come indented and in this order.
  const nlohmann::ordered_json body{
      {"major", "1"},
      {"minor", kKubernetesMinor},
      {"emulationMajor", "1"},
      {"emulationMinor", kKubernetesMinor},
      {"minCompatibilityMajor", "1"},
      {"minCompatibilityMinor", kKubernetesMinor},
      {"gitVersion", fmt::format("v1.{}.0+mizan.{}", kKubernetesMinor, version)},
      {"gitCommit", ""},
      {"gitTreeState", "clean"},
      {"buildDate", "1970-01-01T00:00:00Z"},
      {"goVersion", "none"},
      {"compiler", "clang"},
      {"platform", "linux"}};
  return json_response(200, body.dump(2));
}

}  // namespace

struct Api::State {
  State(const boost::asio::any_io_executor& io, const ServerConfig& settings, Services given)
      : config(settings),
        services(std::move(given)),
        sessions(settings.session_secret, services.clock),
        session_api(services.authenticator, sessions),
        openapi(services.table, settings.version),
        kubernetes(io, services, settings.limits.max_watches),
        rest(io, settings, services),
        training(services),
        metrics(services.metrics) {}

  Result<User> identify(const Request& request) const;
  Task<Result<Response>> dispatch(Request request, Target target, Route where, User user);
  Result<Response> health(const HealthRequest& request, bool verbose) const;
  Response metrics_text() const;

  const ServerConfig& config;
  Services services;
  Sessions sessions;
  SessionApi session_api;
  OpenApi openapi;
  KubernetesApi kubernetes;
  RestApi rest;
  TrainStatusApi training;
  RequestMetrics metrics;
  bool ready = false;
};

Api::Api(const boost::asio::any_io_executor& io, const ServerConfig& config, Services services)
    : state_(std::make_unique<State>(io, config, std::move(services))) {}

Api::~Api() = default;

void Api::set_ready(bool ready) { state_->ready = ready; }

std::string Api::who_waits(const std::string& ns, const std::string& experiment,
                           const resources::TrialAssignment& draw) {
  return state_->rest.who_waits(ns, experiment, draw);
}

void Api::close() { state_->rest.close(); }

/// A token that is there must be right; without one the caller is anonymous.
Result<User> Api::State::identify(const Request& request) const {
  if (request.headers.has("Authorization")) {
    const auto token = bearer_token(request.headers.get("Authorization"));
    const auto user = token ? services.authenticator.authenticate(*token) : std::nullopt;
    if (!user) return fail(Code::kUnauthorized, "Unauthorized");
    return *user;
  }
  const auto cookie =
      cookie_value(request.headers.get("Cookie"), session_cookie_name(request.headers.get("Host")));
  if (!cookie.empty()) {
    if (auto user = sessions.check(cookie)) {
      const bool from_a_page =
          request.headers.has("Origin") || request.headers.get("Sec-Fetch-Site") == "same-origin";
      if (!is_safe(request.method) && !from_a_page) {
        return fail(Code::kForbidden,
                    "a session's cookie may change things only from the dashboard's own pages");
      }
      return *user;
    }
  }
  return User{};
}

Task<Response> Api::handle(Request request) {
  const auto began = std::chrono::steady_clock::now();
  const Method method = request.method;
  const bool rest = request.target.starts_with("/rest/");
  const auto run = [&]() -> Result<std::tuple<Target, Route, User>> {
    TRY(auto target, parse_target(request.target));
    if (auto checked = check_host_and_origin(request, state_->config.host_names); !checked)
      return fail(checked.error());
    auto user = state_->identify(request);
    // Health and the dashboard's files need no right, so a stale token is no reason to refuse them.
    TRY(auto where, route(request.method, target));
    const bool open = std::holds_alternative<HealthRequest>(where) ||
                      std::holds_alternative<VersionRequest>(where) ||
                      std::holds_alternative<AssetRequest>(where) ||
                      std::holds_alternative<Nowhere>(where);
    const auto* wanted = std::get_if<RestRequest>(&where);
    const bool by_runner = wanted != nullptr && is_lease_path(wanted->segments);
    if (!user && !open && !by_runner) return fail(user.error());
    return std::tuple(std::move(target), std::move(where), user ? *user : User{});
  };
  Result<Response> answer = fail(Code::kInternal, "");
  if (auto prepared = run(); prepared) {
    auto& [target, where, user] = *prepared;
    answer = co_await state_->dispatch(std::move(request), std::move(target), std::move(where),
                                       std::move(user));
  } else {
    answer = fail(prepared.error());
  }
  Response response = answer ? std::move(*answer)
                      : rest ? problem_response(answer.error())
                             : status_response(answer.error());
  state_->metrics.count(method, response.status, std::chrono::steady_clock::now() - began);
  co_return response;
}

Task<Result<Response>> Api::State::dispatch(Request request, Target target, Route where,
                                            User user) {
  if (auto* resource = std::get_if<ResourceRequest>(&where)) {
    if (TrainStatusApi::is_meant(*resource)) {
      co_return co_await training.handle(std::move(*resource), std::move(request.body),
                                         std::move(user));
    }
    if (auto allowed = authorize(user, *resource); !allowed) co_return fail(allowed.error());
    ResourceCall call{std::move(request), std::move(target.query), std::move(*resource),
                      std::move(user)};
    co_return co_await kubernetes.handle(std::move(call));
  }
  if (auto* wanted = std::get_if<RestRequest>(&where)) {
    if (wanted->segments == std::vector<std::string>{"session"})
      co_return session_api.handle(request, user);
    RestCall call{std::move(request), std::move(target.query), std::move(wanted->segments),
                  std::move(user)};
    co_return co_await rest.handle(std::move(call));
  }
  if (const auto* check = std::get_if<HealthRequest>(&where))
    co_return health(*check, target.query.has("verbose"));
  if (std::holds_alternative<VersionRequest>(where)) co_return version_response(config.version);
  if (std::holds_alternative<Nowhere>(where)) co_return page_not_found();
  if (std::holds_alternative<AssetRequest>(where)) {
    co_return asset_response(services.assets, target.path, request.headers.get("Accept"),
                             request.headers.get("If-None-Match"));
  }
  if (auto allowed = authorize_path(user, target.path); !allowed) co_return fail(allowed.error());
  if (const auto* discovery = std::get_if<DiscoveryRequest>(&where)) {
    const Headers& headers = request.headers;
    co_return answer_discovery(services.table, *discovery, headers.get("Accept"),
                               headers.get("If-None-Match"), headers.get("Host"));
  }
  if (const auto* wanted = std::get_if<OpenApiRequest>(&where)) {
    co_return openapi.answer(*wanted, request, target.query.get("hash"));
  }
  co_return metrics_text();
}

Result<Response> Api::State::health(const HealthRequest& request, bool verbose) const {
  const bool well = request.check != "readyz" || ready;
  if (!verbose) return text_response(well ? 200 : 503, well ? "ok" : "not ready");
  return text_response(
      well ? 200 : 503,
      fmt::format("[+]ping ok\n[{}]startup {}\n{} check {}\n", ready ? '+' : '-',
                  ready ? "ok" : "has not ended yet", request.check, well ? "passed" : "failed"));
}

Response Api::State::metrics_text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, services.metrics.Collect());
  return text_response(200, out.str(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace mizan::api
