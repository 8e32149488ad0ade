// One function a verb.
#include "api/kubernetes_api.h"

#include <fmt/format.h>

#include "api/body.h"
#include "api/exec_session.h"
#include "api/jsonpath.h"
#include "api/log_stream.h"
#include "api/options.h"
#include "api/review_api.h"
#include "api/status.h"
#include "api/watch_stream.h"

namespace mizan::api {
namespace {

Error not_allowed() {
  return Error{Code::kMethodNotAllowed,
               "the server does not allow this method on the requested resource",
               {}};
}

bool allows(const resources::ResourceDefinition& definition, Verb verb) {
  if (definition.verbs.empty()) return true;
  const std::string_view name = to_string(verb);
  return std::ranges::find(definition.verbs, name) != definition.verbs.end();
}

/// What kubelets do and the embedded node doesn't.
const char* not_served(std::string_view subresource) {
  if (subresource == "attach")
    return "attach is not served here: follow the output with kubectl logs -f, or open a shell "
           "with "
           "kubectl exec";
  if (subresource == "portforward")
    return "port-forward is not served here: pods run on the server's own machine, and their ports "
           "are that machine's";
  return "";
}

store::Key key_of(const ResourceCall& call, const resources::ResourceId& id) {
  return {id, call.route.ns, call.route.name};
}

/// Who doesn't give a name is known by that of the program.
Result<store::WriteOptions> write_options(const ResourceCall& call, std::string_view options_kind) {
  TRY(auto options, read_write_options(call.query, options_kind));
  if (options.field_manager.empty())
    options.field_manager = manager_of(call.request.headers.get("User-Agent"));
  return options;
}

Json first_at(const Json& object, const Json& paths, std::string_view name) {
  const auto path = JsonPath::parse(string_at(paths, name));
  if (!path || string_at(paths, name).empty()) return nullptr;
  const auto found = path->find(object);
  return found.empty() ? Json() : *found.front();
}

}  // namespace

KubernetesApi::KubernetesApi(boost::asio::any_io_executor io, const Services& services,
                             std::size_t max_watches)
    : io_(std::move(io)),
      services_(services),
      usage_(services),
      events_(services.store),
      max_watches_(max_watches) {}

const resources::ResourceDefinition* KubernetesApi::resolve(const ResourceRequest& route) const {
  const auto* definition = services_.table.find(route.group, route.version, route.resource);
  if (definition == nullptr) return nullptr;
  if (!definition->namespaced && !route.ns.empty()) return nullptr;
  if (definition->namespaced && route.ns.empty() && !route.name.empty()) return nullptr;
  if (!route.subresource.empty() && !definition->has_subresource(route.subresource)) return nullptr;
  return definition;
}

store::ObjectStore& KubernetesApi::store_of(const ResourceRequest& route) {
  if (route.group == kNewEvents.group) return events_;
  return services_.store;
}

Result<Rendering> KubernetesApi::rendering_for(const ResourceCall& call,
                                               const Definition& definition) const {
  const auto form = negotiate(call.request.headers.get("Accept"), false);
  if (!form) return fail(not_acceptable());
  Rendering rendering{*form, std::nullopt, definition.api_version(), definition.list_kind};
  if (form->form == Form::kTable) {
    TRY(const auto include, parse_include_object(call.query.get("includeObject")));
    rendering.tabulator.emplace(definition, include, form->version);
  }
  return rendering;
}

Task<Result<Response>> KubernetesApi::handle(ResourceCall call) {
  const Definition* definition = resolve(call.route);
  if (definition == nullptr) co_return page_not_found();
  const std::string& subresource = call.route.subresource;
  if (subresource.empty() && !allows(*definition, call.route.verb)) co_return fail(not_allowed());
  if (subresource == "log") {
    if (call.route.verb != Verb::kGet) co_return fail(not_allowed());
    co_return co_await pod_log(std::move(call));
  }
  if (subresource == "exec") co_return co_await exec(std::move(call));
  if (const char* why = not_served(subresource); *why != '\0')
    co_return fail(Code::kBadRequest, why);
  Kind kind{definition->id(),   definition->version, definition->kind,
            definition->plural, definition->builtin, definition->scale};
  CO_TRY(auto rendering, rendering_for(call, *definition));
  if (is_review(*definition)) co_return co_await review(std::move(call), std::move(rendering));
  if (is_usage(*definition)) co_return co_await usage(std::move(call), std::move(rendering));
  switch (call.route.verb) {
    case Verb::kGet:
      co_return co_await get(std::move(call), std::move(kind), std::move(rendering));
    case Verb::kList:
      co_return co_await list(std::move(call), std::move(rendering));
    case Verb::kWatch:
      co_return co_await watch(std::move(call), std::move(rendering));
    case Verb::kCreate:
      if (!subresource.empty() || (definition->namespaced && call.route.ns.empty()))
        co_return fail(not_allowed());
      co_return co_await create(std::move(call), std::move(kind), std::move(rendering));
    case Verb::kUpdate:
      co_return co_await update(std::move(call), std::move(kind), std::move(rendering));
    case Verb::kPatch:
      co_return co_await patch(std::move(call), std::move(kind), std::move(rendering));
    case Verb::kDelete:
      if (!subresource.empty()) co_return fail(not_allowed());
      co_return co_await remove(std::move(call), std::move(kind), std::move(rendering));
    case Verb::kDeleteCollection:
      if (definition->namespaced && call.route.ns.empty()) co_return fail(not_allowed());
      co_return co_await remove_collection(std::move(call), std::move(kind), std::move(rendering));
  }
  co_return fail(not_allowed());
}

Task<Result<Response>> KubernetesApi::get(ResourceCall call, Kind kind, Rendering rendering) {
  // One object may be watched too: the old form of fieldSelector=metadata.name=x.
  if (call.query.flag("watch") && call.route.subresource.empty())
    co_return co_await watch(std::move(call), std::move(rendering));
  CO_TRY(const auto object, co_await store_of(call.route).get(key_of(call, kind.id)));
  if (call.route.subresource == "scale")
    co_return render_plain(200, scale_of(*object, kind.scale), rendering.form);
  co_return render_object(200, *object, rendering, services_.clock.now());
}

Task<Result<Response>> KubernetesApi::list(ResourceCall call, Rendering rendering) {
  const Definition* definition = resolve(call.route);
  CO_TRY(auto request, read_list(call.query, *definition, call.route.ns, ""));
  request.options.as_text = rendering.form.form == Form::kObject;
  CO_TRY(
      auto page,
      co_await store_of(call.route).list(std::move(request.selection), std::move(request.options)));
  co_return render_list(std::move(page), rendering, services_.clock.now());
}

Task<Result<Response>> KubernetesApi::watch(ResourceCall call, Rendering rendering) {
  if (*watches_ >= max_watches_) {
    co_return fail(
        Code::kTooManyRequests,
        fmt::format("too many requests, please try again later: {} watches are open, and "
                    "no more may be",
                    *watches_));
  }
  ++*watches_;
  std::shared_ptr<void> place(nullptr, [open = watches_](void*) { --*open; });
  const Definition* definition = resolve(call.route);
  CO_TRY(auto request, read_watch(call.query, *definition, call.route.ns, call.route.name));
  WatchStream::Options options;
  options.bookmark_at_end = request.options.bookmarks;
  options.timeout = request.timeout;
  options.place = std::move(place);
  Response response = json_response(200, "");
  auto watch =
      co_await store_of(call.route).watch(std::move(request.selection), std::move(request.options));
  if (!watch && watch.error().code != Code::kExpired) co_return fail(watch.error());
  // What is too old to begin with is said in the stream, with HTTP 200: clients look for it there.
  response.stream =
      watch ? std::make_unique<WatchStream>(io_, std::move(*watch), std::move(rendering),
                                            services_.clock, std::move(options))
            : std::make_unique<WatchStream>(io_, watch.error());
  co_return response;
}

Task<Result<Response>> KubernetesApi::create(ResourceCall call, Kind kind, Rendering rendering) {
  CO_TRY(auto options, write_options(call, "CreateOptions"));
  CO_TRY(auto body, read_body(call.request, kind.kind));
  CO_TRY(const auto warnings, judge_duplicates(body.duplicate_fields, options.field_validation,
                                               kind.kind, kind.version));
  CO_TRY(const auto result,
         co_await store_of(call.route)
             .create(kind.id, call.route.ns, std::move(body.value), std::move(options)));
  Response response = written(result, "", kind, rendering, warnings);
  response.status = 201;
  co_return response;
}

Task<Result<Response>> KubernetesApi::update(ResourceCall call, Kind kind, Rendering rendering) {
  CO_TRY(auto options, write_options(call, "UpdateOptions"));
  CO_TRY(auto body, read_body(call.request, kind.kind));
  CO_TRY(const auto warnings, judge_duplicates(body.duplicate_fields, options.field_validation,
                                               kind.kind, kind.version));
  CO_TRY(const auto result, co_await store_of(call.route)
                                .update(key_of(call, kind.id), call.route.subresource,
                                        std::move(body.value), std::move(options)));
  co_return written(result, call.route.subresource, kind, rendering, warnings);
}

Task<Result<Response>> KubernetesApi::patch(ResourceCall call, Kind kind, Rendering rendering) {
  CO_TRY(auto options, write_options(call, "PatchOptions"));
  std::vector<std::string> duplicates;
  CO_TRY(auto patch, read_patch(call.request, kind.builtin, duplicates));
  if (patch.type == store::PatchType::kApply && call.query.get("fieldManager").empty()) {
    co_return fail(invalid_options(
        "PatchOptions",
        {FieldReason::kRequired, "fieldManager", "Required value: is required for apply patch"}));
  }
  if (patch.type != store::PatchType::kApply && options.force) {
    co_return fail(invalid_options(
        "PatchOptions",
        {FieldReason::kForbidden, "force", "Forbidden: may not be specified for non-apply patch"}));
  }
  CO_TRY(const auto warnings,
         judge_duplicates(duplicates, options.field_validation, kind.kind, kind.version));
  CO_TRY(const auto result, co_await store_of(call.route)
                                .patch(key_of(call, kind.id), call.route.subresource,
                                       std::move(patch), std::move(options)));
  co_return written(result, call.route.subresource, kind, rendering, warnings);
}

Response KubernetesApi::written(const store::Written& result, const std::string& subresource,
                                const Kind& kind, const Rendering& rendering,
                                const std::vector<std::string>& warnings) const {
  const bool scale = subresource == "scale" && string_at(*result.object, "kind") != "Scale";
  Response response = scale
                          ? render_plain(200, scale_of(*result.object, kind.scale), rendering.form)
                          : render_written(result, rendering, services_.clock.now());
  add_warnings(response, warnings);
  add_warnings(response, result.warnings);
  return response;
}

Task<Result<Response>> KubernetesApi::remove(ResourceCall call, Kind kind, Rendering rendering) {
  Json body;
  if (!call.request.body.empty()) {
    CO_TRY(auto parsed, read_body(call.request, "DeleteOptions"));
    body = std::move(parsed.value);
  }
  CO_TRY(auto options, read_remove_options(call.query, body));
  CO_TRY(const auto removed,
         co_await store_of(call.route).remove(key_of(call, kind.id), std::move(options)));
  // Pods are answered with the pod, as everywhere; other kinds only while something keeps them.
  if (removed.gone && !(kind.builtin && kind.plural == "pods")) {
    co_return render_plain(200,
                           success_status(call.route.name, kind.id.group, kind.plural,
                                          string_at(*removed.object, "metadata.uid")),
                           rendering.form);
  }
  co_return render_object(200, *removed.object, rendering, services_.clock.now());
}

Task<Result<Response>> KubernetesApi::remove_collection(ResourceCall call, Kind kind,
                                                        Rendering rendering) {
  const Definition* definition = resolve(call.route);
  CO_TRY(auto request, read_list(call.query, *definition, call.route.ns, ""));
  Json body;
  if (!call.request.body.empty()) {
    CO_TRY(auto parsed, read_body(call.request, "DeleteOptions"));
    body = std::move(parsed.value);
  }
  CO_TRY(const auto options, read_remove_options(call.query, body));
  CO_TRY(
      const auto page,
      co_await store_of(call.route).list(std::move(request.selection), std::move(request.options)));
  for (const auto& object : page.items) {
    store::Key key(kind.id, string_at(*object, "metadata.namespace"),
                   string_at(*object, "metadata.name"));
    auto removed = co_await store_of(call.route).remove(std::move(key), options);
    if (!removed && removed.error().code != Code::kNotFound) co_return fail(removed.error());
  }
  co_return render_list(page, rendering, services_.clock.now());
}

Task<Result<Response>> KubernetesApi::pod_log(ResourceCall call) {
  CO_TRY(auto options, read_log_options(call.query));
  CO_TRY(auto log,
         co_await services_.pod_logs.open(call.route.ns, call.route.name, std::move(options)));
  Response response = text_response(200, "", "text/plain");
  response.stream = std::make_unique<LogBody>(std::move(log));
  co_return response;
}

Task<Result<Response>> KubernetesApi::exec(ResourceCall call) {
  if (call.route.verb != Verb::kGet && call.route.verb != Verb::kCreate)
    co_return fail(not_allowed());
  if (services_.exec == nullptr) co_return fail(Code::kUnavailable, "no node here runs commands");
  CO_TRY(const std::string protocol, choose_exec_protocol(call.request));
  CO_TRY(auto request, read_exec(call.query));
  CO_TRY(auto process,
         co_await services_.exec->start(call.route.ns, call.route.name, std::move(request)));
  co_return exec_response(std::move(process), protocol,
                          call.request.headers.get("Sec-WebSocket-Key"));
}

Task<Result<Response>> KubernetesApi::review(ResourceCall call, Rendering rendering) {
  const Definition& definition = *resolve(call.route);
  if (!call.route.name.empty()) co_return fail(not_allowed());
  CO_TRY(auto body, read_body(call.request, definition.kind));
  if (!body.value.is_object())
    co_return fail(Code::kBadRequest, fmt::format("a {} is expected", definition.kind));
  CO_TRY(const Json answer, answer_review(definition, std::move(body.value), call.user));
  co_return render_plain(201, answer, rendering.form);
}

Task<Result<Response>> KubernetesApi::usage(ResourceCall call, Rendering rendering) {
  const Definition& definition = *resolve(call.route);
  if (call.route.verb == Verb::kGet) {
    CO_TRY(const auto object,
           co_await usage_.get(definition.plural, call.route.ns, call.route.name));
    co_return render_object(200, *object, rendering, services_.clock.now());
  }
  const Definition* measured = services_.table.find("", "v1", definition.plural);
  if (measured == nullptr) co_return page_not_found();
  CO_TRY(auto request, read_list(call.query, *measured, call.route.ns, ""));
  CO_TRY(const auto page, co_await usage_.list(std::move(request.selection)));
  co_return render_list(page, rendering, services_.clock.now());
}

Json scale_of(const Json& object, const Json& paths) {
  const auto count = [&](std::string_view name) {
    const Json value = first_at(object, paths, name);
    return value.is_number() ? value : Json(0);
  };
  Json metadata = Json::object();
  for (const char* name : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const Json* value = find(object, std::string("metadata.") + name)) metadata[name] = *value;
  }
  Json status{{"replicas", count("statusReplicasPath")}};
  if (const Json selector = first_at(object, paths, "labelSelectorPath"); selector.is_string()) {
    status["selector"] = selector;
  }
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", {{"replicas", count("specReplicasPath")}}},
          {"status", std::move(status)}};
}

}  // namespace mizan::api
