// Verbs as requests; Status objects as errors.
#include "kubernetes/api_store.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "kubernetes/api_watch.h"
#include "kubernetes/query.h"
#include "kubernetes/status_error.h"
#include "resources/known_resources.h"
#include "resources/reading.h"

namespace mizan::kubernetes {
namespace {

using store::Patch;
using store::PatchType;

std::string content_type_of(PatchType type) {
  switch (type) {
    case PatchType::kMerge:
      return "application/merge-patch+json";
    case PatchType::kJson:
      return "application/json-patch+json";
    case PatchType::kStrategic:
      return "application/strategic-merge-patch+json";
    case PatchType::kApply:
      return "application/apply-patch+yaml";
  }
  return "application/merge-patch+json";
}

Query query_of(const store::WriteOptions& options) {
  Query query;
  if (options.dry_run) query.add("dryRun", "All");
  query.add("fieldManager", options.field_manager.empty() ? "mizan" : options.field_manager);
  if (options.force) query.add("force", "true");
  switch (options.field_validation) {
    case store::FieldValidation::kIgnore:
      query.add("fieldValidation", "Ignore");
      break;
    case store::FieldValidation::kWarn:
      query.add("fieldValidation", "Warn");
      break;
    case store::FieldValidation::kStrict:
      query.add("fieldValidation", "Strict");
      break;
  }
  return query;
}

Json delete_options(const store::RemoveOptions& options) {
  Json body{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}};
  switch (options.propagation) {
    case store::Propagation::kBackground:
      body["propagationPolicy"] = "Background";
      break;
    case store::Propagation::kForeground:
      body["propagationPolicy"] = "Foreground";
      break;
    case store::Propagation::kOrphan:
      body["propagationPolicy"] = "Orphan";
      break;
  }
  if (options.uid) body["preconditions"]["uid"] = *options.uid;
  if (options.resource_version)
    body["preconditions"]["resourceVersion"] = *options.resource_version;
  if (options.grace_period_seconds) body["gracePeriodSeconds"] = *options.grace_period_seconds;
  if (options.dry_run) body["dryRun"] = Json::array({"All"});
  return body;
}

/// Lists leave apiVersion and kind out of their items; objects carry them everywhere else.
store::ObjectPtr item_of(Json item, const resources::ResourceDefinition& definition) {
  item["apiVersion"] = definition.api_version();
  item["kind"] = definition.kind;
  return std::make_shared<const Json>(std::move(item));
}

/// What a Status tells of an object that is gone: which one it was.
Json remembered(const store::Key& key, const resources::ResourceDefinition& definition,
                const std::string& uid) {
  Json metadata{{"name", key.name}, {"uid", uid}};
  if (!key.ns.empty()) metadata["namespace"] = key.ns;
  return {{"apiVersion", definition.api_version()},
          {"kind", definition.kind},
          {"metadata", std::move(metadata)}};
}

}  // namespace

ApiStore::ApiStore(HttpsClient& client, const resources::ResourceTable& table)
    : client_(client), table_(table) {}

Result<std::string> ApiStore::path(const resources::ResourceId& id, const std::string& ns,
                                   const std::string& name, const std::string& subresource) const {
  const auto* definition = table_.find(id);
  if (definition == nullptr) {
    return fail(Code::kNotFound,
                fmt::format("the server could not find the requested resource {}.{}", id.resource,
                            id.group));
  }
  std::string path = definition->group.empty()
                         ? "/api/" + definition->version
                         : fmt::format("/apis/{}/{}", definition->group, definition->version);
  if (definition->namespaced && !ns.empty()) path += "/namespaces/" + url_encode(ns);
  path += "/" + definition->plural;
  if (!name.empty()) path += "/" + url_encode(name);
  if (!subresource.empty()) path += "/" + subresource;
  return path;
}

Task<Result<HttpResponse>> ApiStore::send(HttpRequest request) {
  for (int tries = 0;; ++tries) {
    CO_TRY(HttpResponse response, co_await client_.request(request));
    if (response.status == 429 && tries < 3) {
      boost::asio::steady_timer timer(
          co_await boost::asio::this_coro::executor,
          std::chrono::seconds(std::clamp(response.retry_after_seconds, 1, 30)));
      co_await timer.async_wait(boost::asio::use_awaitable);
      continue;
    }
    if (response.status >= 400) co_return fail(error_of(response));
    co_return response;
  }
}

Task<Result<store::Written>> ApiStore::write(HttpRequest request) {
  CO_TRY(HttpResponse response, co_await send(std::move(request)));
  store::Written written;
  written.object = std::make_shared<const Json>(response.json());
  written.created = response.status == 201;
  written.warnings = std::move(response.warnings);
  co_return written;
}

Task<Result<store::ObjectPtr>> ApiStore::get(store::Key key) {
  CO_TRY(std::string target, path(key.id, key.ns, key.name, ""));
  HttpRequest request{.target = std::move(target)};
  CO_TRY(const HttpResponse response, co_await send(std::move(request)));
  co_return std::make_shared<const Json>(response.json());
}

Task<Result<store::Page>> ApiStore::list(store::Selection selection, store::ListOptions options) {
  CO_TRY(const std::string target, path(selection.id, selection.ns, "", ""));
  const resources::ResourceDefinition& definition = *table_.find(selection.id);
  Query query = selection_query(selection);
  if (options.limit > 0) query.add("limit", std::to_string(options.limit));
  if (!options.continue_token.empty()) query.add("continue", options.continue_token);
  if (!options.resource_version.empty()) query.add("resourceVersion", options.resource_version);
  if (options.match == store::ListOptions::Match::kExact)
    query.add("resourceVersionMatch", "Exact");
  if (options.match == store::ListOptions::Match::kNotOlderThan)
    query.add("resourceVersionMatch", "NotOlderThan");

  HttpRequest request{.target = target + query.text()};
  CO_TRY(const HttpResponse response, co_await send(std::move(request)));
  Json list = response.json();
  store::Page page;
  page.resource_version = string_at(list, "metadata.resourceVersion");
  page.continue_token = string_at(list, "metadata.continue");
  if (const Json* remaining = find(list, "metadata.remainingItemCount");
      remaining != nullptr && remaining->is_number_unsigned()) {
    page.remaining = remaining->get<std::uint64_t>();
  }
  if (list.contains("items") && list["items"].is_array()) {
    for (Json& item : list["items"]) page.items.push_back(item_of(std::move(item), definition));
  }
  co_return page;
}

Task<Result<store::Written>> ApiStore::create(resources::ResourceId id, std::string ns, Json object,
                                              store::WriteOptions options) {
  CO_TRY(const std::string target, path(id, ns, "", ""));
  HttpRequest request{.method = "POST",
                      .target = target + query_of(options).text(),
                      .body = object.dump(),
                      .headers = {{"Content-Type", "application/json"}}};
  co_return co_await write(std::move(request));
}

Task<Result<store::Written>> ApiStore::update(store::Key key, std::string subresource, Json object,
                                              store::WriteOptions options) {
  CO_TRY(const std::string target, path(key.id, key.ns, key.name, subresource));
  HttpRequest request{.method = "PUT",
                      .target = target + query_of(options).text(),
                      .body = object.dump(),
                      .headers = {{"Content-Type", "application/json"}}};
  co_return co_await write(std::move(request));
}

Task<Result<store::Written>> ApiStore::patch(store::Key key, std::string subresource, Patch patch,
                                             store::WriteOptions options) {
  CO_TRY(const std::string target, path(key.id, key.ns, key.name, subresource));
  HttpRequest request{.method = "PATCH",
                      .target = target + query_of(options).text(),
                      .body = patch.body.dump(),
                      .headers = {{"Content-Type", content_type_of(patch.type)}}};
  co_return co_await write(std::move(request));
}

Task<Result<store::Removed>> ApiStore::remove(store::Key key, store::RemoveOptions options) {
  CO_TRY(std::string target, path(key.id, key.ns, key.name, ""));
  HttpRequest request{.method = "DELETE",
                      .target = std::move(target),
                      .body = delete_options(options).dump(),
                      .headers = {{"Content-Type", "application/json"}}};
  CO_TRY(const HttpResponse response, co_await send(std::move(request)));
  Json body = response.json();
  // A Status says that it is gone; an object that it stays for its finalizers or its grace. But
  // pods are always answered: one without either is gone.
  const bool status = string_at(body, "kind") == "Status" && string_at(body, "apiVersion") == "v1";
  const Json& metadata = resources::object_field(body, "metadata");
  const bool forced = key.id == resources::kPods &&
                      resources::array_field(metadata, "finalizers").empty() &&
                      resources::integer_field(metadata, "deletionGracePeriodSeconds") == 0;
  const bool gone = status || forced || string_at(body, "metadata.deletionTimestamp").empty();
  if (status) body = remembered(key, *table_.find(key.id), string_at(body, "details.uid"));
  co_return store::Removed{std::make_shared<const Json>(std::move(body)), gone};
}

Task<Result<std::unique_ptr<store::Watch>>> ApiStore::watch(store::Selection selection,
                                                            store::WatchOptions options) {
  CO_TRY(const std::string target, path(selection.id, selection.ns, "", ""));
  co_return co_await open_watch(client_, target, std::move(selection), std::move(options));
}

}  // namespace mizan::kubernetes
