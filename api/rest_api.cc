// Dispatch of the REST surface.
#include "api/rest_api.h"

#include <fmt/format.h>

#include "api/ask_desk.h"
#include "api/event_hub.h"
#include "api/experiment_api.h"
#include "api/lease_api.h"
#include "api/ports.h"
#include "api/queue_points.h"
#include "api/render.h"
#include "api/rest_openapi.h"
#include "api/tell.h"
#include "api/tell_api.h"
#include "api/trial_api.h"

namespace mizan::api {

struct RestApi::Parts {
  Parts(const boost::asio::any_io_executor& io, const ServerConfig& settings,
        const Services& services)
      : config(settings),
        experiments(services),
        trials(services),
        telling(services),
        leases(io, services),
        store(services.store),
        desk(io, services.store),
        events(std::make_shared<EventHub>(io, services.store, services.observations)),
        analysis(services.analysis),
        resizes(services.resizes) {}

  Task<Result<Response>> lease(RestCall call);
  Task<Result<Response>> ask(RestPlace place, Request request);
  Task<Result<Response>> stream(Request request, Query query);
  Task<Result<Response>> enqueue(RestPlace place, Request request);
  Task<Result<Response>> importance(RestPlace place, Query query);
  Task<Result<Response>> surface(RestPlace place, Query query);
  Result<Response> pod_resizes(const std::string& ns, const std::string& pod) const;

  const ServerConfig& config;
  ExperimentApi experiments;
  TrialApi trials;
  TellApi telling;
  LeaseApi leases;
  store::ObjectStore& store;
  AskDesk desk;
  std::shared_ptr<EventHub> events;
  Analysis* analysis;
  PodResizes* resizes;
};

RestApi::RestApi(const boost::asio::any_io_executor& io, const ServerConfig& config,
                 const Services& services)
    : parts_(std::make_unique<Parts>(io, config, services)) {}

RestApi::~RestApi() { close(); }

std::string RestApi::who_waits(const std::string& ns, const std::string& experiment,
                               const resources::TrialAssignment& draw) {
  return parts_->desk.who_waits(ns, experiment, draw);
}

void RestApi::close() {
  parts_->desk.close();
  parts_->events->close();
  parts_->leases.close();
}

Task<Result<Response>> RestApi::Parts::ask(RestPlace place, Request request) {
  Json body = Json::object();
  if (!request.body.empty()) {
    CO_TRY(auto parsed, parse_json(request.body));
    body = std::move(parsed.value);
  }
  if (!body.is_object())
    co_return fail(Code::kBadRequest, "the body must be a JSON object, as in {\"count\":1}");
  CO_TRY(auto wanted, read_ask(body));
  CO_TRY(const auto answer, co_await desk.ask(place.ns, place.experiment, std::move(wanted),
                                              std::move(request.on_hangup)));
  co_return json_response(200, compact(answer));
}

Task<Result<Response>> RestApi::Parts::stream(Request request, Query query) {
  EventFilter filter{std::string(query.get("namespace")), std::string(query.get("experiment"))};
  // EventSource can't set the header on its first connection, so the query may say it, too.
  std::string last(request.headers.get("Last-Event-ID"));
  if (last.empty()) last = query.get("resourceVersion");
  Response response = text_response(200, "", "text/event-stream");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Accel-Buffering", "no");
  response.stream = co_await events->open(std::move(filter), std::move(last));
  co_return response;
}

Task<Result<Response>> RestApi::Parts::enqueue(RestPlace place, Request request) {
  CO_TRY(const auto body, parse_json(request.body));
  if (!body.value.is_object() || !body.value.contains("assignments") || body.value.size() != 1)
    co_return fail(Code::kBadRequest,
                   "the body must be an object with assignments alone, as in "
                   "{\"assignments\":{\"lr\":\"0.01\"}}");
  CO_TRY(auto assignments, read_assignments_object(body.value["assignments"], "assignments"));
  CO_TRY(const std::int64_t waiting,
         co_await queue_points(store, place.ns, place.experiment, std::move(assignments),
                               "assignments", "", 1));
  co_return json_response(200, compact({{"waiting", waiting}}));
}

Task<Result<Response>> RestApi::Parts::importance(RestPlace place, Query query) {
  if (analysis == nullptr) co_return fail(Code::kNotFound, "this server analyses no results");
  CO_TRY(const Json answer, co_await analysis->importance(place.ns, place.experiment,
                                                          std::string(query.get("method"))));
  co_return json_response(200, compact(answer));
}

Task<Result<Response>> RestApi::Parts::surface(RestPlace place, Query query) {
  if (analysis == nullptr) co_return fail(Code::kNotFound, "this server analyses no results");
  CO_TRY(const Json answer,
         co_await analysis->surface(place.ns, place.experiment, std::string(query.get("x")),
                                    std::string(query.get("y"))));
  co_return json_response(200, compact(answer));
}

Result<Response> RestApi::Parts::pod_resizes(const std::string& ns, const std::string& pod) const {
  const auto known = resizes == nullptr ? std::nullopt : resizes->resizes(ns, pod);
  if (!known) return fail(Code::kNotFound, fmt::format("pods \"{}\" not found", pod));
  return json_response(200, compact(*known));
}

bool is_lease_path(const std::vector<std::string>& segments) {
  return segments.size() == 5 && segments[0] == "namespaces" && segments[2] == "pods" &&
         (segments[4] == "lease" || segments[4] == "lease:done");
}

Task<Result<Response>> RestApi::Parts::lease(RestCall call) {
  CO_TRY(auto match, match_rest(call.request.method, call.segments));
  std::string ns = match.values["namespace"], pod = match.values["pod"];
  if (match.action == RestAction::kLeaseDone) {
    co_return co_await leases.done(std::move(ns), std::move(pod), std::move(call.request),
                                   std::move(call.query));
  }
  co_return co_await leases.lease(std::move(ns), std::move(pod), std::move(call.request),
                                  std::move(call.query));
}

Task<Result<Response>> RestApi::handle(RestCall call) {
  if (is_lease_path(call.segments)) co_return co_await parts_->lease(std::move(call));
  if (call.user.role == Role::kNone) {
    co_return fail(
        Code::kUnauthorized,
        "a token is needed: Authorization: Bearer TOKEN, or a session from /rest/v1/session");
  }
  CO_TRY(auto match, match_rest(call.request.method, call.segments));
  if (call.user.role == Role::kViewer && !match.viewer) {
    co_return fail(Code::kForbidden,
                   fmt::format("user \"{}\" may read but not change anything", call.user.name));
  }
  if (const std::string& own = call.user.ns; !own.empty()) {
    const std::string_view wanted = match.action == RestAction::kEvents
                                        ? call.query.get("namespace")
                                        : std::string_view(match.values["namespace"]);
    const bool anywhere =
        match.action == RestAction::kVersion || match.action == RestAction::kOpenApi;
    if (!anywhere && wanted != own) {
      co_return fail(Code::kForbidden, fmt::format("user \"{}\" has a role in namespace {} only",
                                                   call.user.name, own));
    }
  }
  RestPlace place{match.values["namespace"], match.values["experiment"], match.values["trial"]};
  Parts& parts = *parts_;
  switch (match.action) {
    case RestAction::kVersion:
      co_return json_response(200, compact({{"version", parts.config.version},
                                            {"gitVersion", "v" + parts.config.version}}));
    case RestAction::kOpenApi:
      co_return json_response(200, rest_openapi());
    case RestAction::kNamespaces:
      co_return co_await parts.experiments.namespaces();
    case RestAction::kEvents:
      co_return co_await parts.stream(std::move(call.request), std::move(call.query));
    case RestAction::kListAllExperiments:
      co_return co_await parts.experiments.list("");
    case RestAction::kListExperiments:
      co_return co_await parts.experiments.list(place.ns);
    case RestAction::kCreateExperiment:
      co_return co_await parts.experiments.create(place.ns, std::move(call.request));
    case RestAction::kGetExperiment:
      co_return co_await parts.experiments.get(std::move(place));
    case RestAction::kPatchExperiment:
      co_return co_await parts.experiments.patch(std::move(place), std::move(call.request));
    case RestAction::kDeleteExperiment:
      co_return co_await parts.experiments.remove(std::move(place));
    case RestAction::kOptimal:
      co_return co_await parts.experiments.optimal(std::move(place));
    case RestAction::kEnqueue:
      co_return co_await parts.enqueue(std::move(place), std::move(call.request));
    case RestAction::kClone:
      co_return co_await parts.experiments.clone(std::move(place), std::move(call.request));
    case RestAction::kImportance:
      co_return co_await parts.importance(std::move(place), std::move(call.query));
    case RestAction::kSurface:
      co_return co_await parts.surface(std::move(place), std::move(call.query));
    case RestAction::kAsk:
      co_return co_await parts.ask(std::move(place), std::move(call.request));
    case RestAction::kListTrials:
      co_return co_await parts.trials.list(std::move(place));
    case RestAction::kGetTrial:
      co_return co_await parts.trials.get(std::move(place));
    case RestAction::kObservations:
      co_return co_await parts.trials.observations(std::move(place),
                                                   std::string(call.query.get("metric")));
    case RestAction::kTrialLog:
      co_return co_await parts.trials.log(std::move(place), std::move(call.query));
    case RestAction::kPodResizes:
      co_return parts.pod_resizes(place.ns, match.values["pod"]);
    case RestAction::kLease:
    case RestAction::kLeaseDone:
      break;  // answered above
    case RestAction::kReport:
      co_return co_await parts.telling.report(std::move(place), std::move(call.request));
    case RestAction::kTell:
      co_return co_await parts.telling.tell(std::move(place), std::move(call.request));
  }
  co_return fail(Code::kInternal, "this route has no handler");
}

}  // namespace mizan::api
