// Pods that run are asked one by one; those that end meanwhile are left out.
#include "api/usage_api.h"

#include <fmt/format.h>

#include "resources/known_resources.h"

namespace mizan::api {
namespace {

constexpr const char* kApiVersion = "metrics.k8s.io/v1beta1";
constexpr const char* kWindow = "1s";

Json usage_of(std::int64_t nanocores, std::int64_t bytes) {
  return {{"cpu", fmt::format("{}n", nanocores)}, {"memory", fmt::format("{}Ki", bytes / 1024)}};
}

Json start(const Json& object, const char* kind, Time now) {
  Json metadata = Json::object();
  for (const char* name : {"name", "namespace", "labels"}) {
    if (const Json* value = find(object, std::string("metadata.") + name)) metadata[name] = *value;
  }
  metadata["creationTimestamp"] = format_rfc3339(now);
  return {{"kind", kind},
          {"apiVersion", kApiVersion},
          {"metadata", std::move(metadata)},
          {"timestamp", format_rfc3339(now)},
          {"window", kWindow}};
}

Error nothing_measured(const std::string& plural, const std::string& name) {
  return {Code::kNotFound, fmt::format("{}.metrics.k8s.io \"{}\" not found", plural, name), {}};
}

}  // namespace

bool is_usage(const resources::ResourceDefinition& definition) {
  return definition.builtin && definition.group == "metrics.k8s.io";
}

Task<Result<std::vector<ContainerUsage>>> UsageApi::measured(store::ObjectPtr pod) {
  if (services_.usage == nullptr)
    co_return fail(Code::kUnavailable, "no node here measures what pods use");
  if (string_at(*pod, "status.phase") != "Running") co_return std::vector<ContainerUsage>{};
  auto used = co_await services_.usage->usage(string_at(*pod, "metadata.namespace"),
                                              string_at(*pod, "metadata.name"));
  if (!used && used.error().code == Code::kNotFound) co_return std::vector<ContainerUsage>{};
  co_return used;
}

Task<Result<Json>> UsageApi::of_pod(store::ObjectPtr pod) {
  CO_TRY(const auto used, co_await measured(pod));
  if (used.empty()) co_return Json();
  Json metrics = start(*pod, "PodMetrics", services_.clock.now());
  for (const ContainerUsage& one : used) {
    metrics["containers"].push_back(
        {{"name", one.container}, {"usage", usage_of(one.cpu_nanocores, one.memory_bytes)}});
  }
  co_return metrics;
}

Task<Result<Json>> UsageApi::of_node(store::ObjectPtr node) {
  store::Selection selection(resources::kPods);
  selection.fields.push_back({"spec.nodeName", string_at(*node, "metadata.name"), true});
  selection.fields.push_back({"status.phase", "Running", true});
  CO_TRY(const auto pods, co_await services_.store.list(std::move(selection)));
  std::int64_t nanocores = 0, bytes = 0;
  for (const store::ObjectPtr& pod : pods.items) {
    CO_TRY(const auto used, co_await measured(pod));
    for (const ContainerUsage& one : used) {
      nanocores += one.cpu_nanocores;
      bytes += one.memory_bytes;
    }
  }
  Json metrics = start(*node, "NodeMetrics", services_.clock.now());
  metrics["usage"] = usage_of(nanocores, bytes);
  co_return metrics;
}

Task<Result<store::Page>> UsageApi::list(store::Selection selection) {
  const bool pods = selection.id.resource == "pods";
  CO_TRY(auto page, co_await services_.store.list(std::move(selection)));
  store::Page found;
  found.resource_version = page.resource_version;
  for (const store::ObjectPtr& object : page.items) {
    Result<Json> metrics = fail(Code::kInternal, "");
    if (pods) {
      metrics = co_await of_pod(object);
    } else {
      metrics = co_await of_node(object);
    }
    if (!metrics) co_return fail(metrics.error());
    if (!metrics->is_null())
      found.items.push_back(std::make_shared<const Json>(*std::move(metrics)));
  }
  co_return found;
}

Task<Result<store::ObjectPtr>> UsageApi::get(std::string plural, std::string ns, std::string name) {
  auto object = co_await services_.store.get(store::Key({"", plural}, ns, name));
  if (!object && object.error().code == Code::kNotFound)
    co_return fail(nothing_measured(plural, name));
  if (!object) co_return fail(object.error());
  Result<Json> metrics = fail(Code::kInternal, "");
  if (plural == "pods") {
    metrics = co_await of_pod(*object);
  } else {
    metrics = co_await of_node(*object);
  }
  if (!metrics) co_return fail(metrics.error());
  if (metrics->is_null()) co_return fail(nothing_measured(plural, name));
  co_return std::make_shared<const Json>(*std::move(metrics));
}

}  // namespace mizan::api
