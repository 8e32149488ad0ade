// The checks are kube-apiserver's; so are the sentences, since people search the web for them.
#include "api/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/status.h"

namespace mizan::api {
namespace {

using resources::ResourceDefinition;

constexpr std::size_t kLongestManager = 128;

Result<std::optional<std::int64_t>> integer(const Query& query, std::string_view name) {
  const std::string_view text = query.get(name);
  if (text.empty()) return std::optional<std::int64_t>{};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    const std::string_view why =
        error == std::errc::result_out_of_range ? "value out of range" : "invalid syntax";
    return fail(Code::kBadRequest, fmt::format("strconv.ParseInt: parsing \"{}\": {}", text, why));
  }
  return std::optional<std::int64_t>{value};
}

Result<std::string> resource_version(const Query& query) {
  std::string text(query.get("resourceVersion"));
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!text.empty() && (error != std::errc{} || end != text.data() + text.size())) {
    return fail(
        Code::kBadRequest,
        fmt::format(
            "invalid resource version: resourceVersion: Invalid value: \"{0}\": strconv.ParseUint: "
            "parsing \"{0}\": invalid syntax",
            text));
  }
  return text;
}

std::unexpected<Error> forbidden(std::string_view field, std::string_view why) {
  return fail(invalid_options("ListOptions", {FieldReason::kForbidden, std::string(field),
                                              fmt::format("Forbidden: {}", why)}));
}

Result<store::Selection> selection(const Query& query, const ResourceDefinition& definition,
                                   const std::string& ns, const std::string& name) {
  store::Selection chosen(definition.id(), ns);
  TRY(chosen.labels, store::parse_label_selector(query.get("labelSelector")));
  TRY(chosen.fields, store::parse_field_selector(query.get("fieldSelector")));
  if (!name.empty()) chosen.fields.push_back({"metadata.name", name, true});
  return chosen;
}

Result<store::ListOptions::Match> match_of(const Query& query) {
  using Match = store::ListOptions::Match;
  const std::string_view text = query.get("resourceVersionMatch");
  if (text.empty()) return Match::kUnset;
  if (query.has("continue") && !query.get("continue").empty()) {
    return forbidden("resourceVersionMatch",
                     "resourceVersionMatch is forbidden when continue is provided");
  }
  if (query.get("resourceVersion").empty()) {
    return forbidden("resourceVersionMatch",
                     "resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (text == "NotOlderThan") return Match::kNotOlderThan;
  if (text == "Exact") {
    if (query.get("resourceVersion") == "0") {
      return forbidden("resourceVersionMatch",
                       "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    }
    return Match::kExact;
  }
  return fail(invalid_options(
      "ListOptions", {FieldReason::kNotSupported, "resourceVersionMatch",
                      fmt::format("Unsupported value: \"{}\": supported values: \"\", \"Exact\", "
                                  "\"NotOlderThan\"",
                                  text)}));
}

Result<bool> dry_run(const std::vector<std::string>& values, std::string_view options_kind) {
  for (const std::string& value : values) {
    if (value != "All") {
      return fail(invalid_options(
          options_kind,
          {FieldReason::kNotSupported, "dryRun",
           fmt::format("Unsupported value: [\"{}\"]: supported values: \"All\"", value)}));
    }
  }
  return !values.empty();
}

Result<store::Propagation> propagation_of(std::string_view text) {
  if (text.empty() || text == "Background") return store::Propagation::kBackground;
  if (text == "Foreground") return store::Propagation::kForeground;
  if (text == "Orphan") return store::Propagation::kOrphan;
  return fail(invalid_options(
      "DeleteOptions", {FieldReason::kNotSupported, "propagationPolicy",
                        fmt::format("Unsupported value: \"{}\": supported values: \"Background\", "
                                    "\"Foreground\", \"Orphan\", \"nil\"",
                                    text)}));
}

}  // namespace

Result<ListRequest> read_list(const Query& query, const ResourceDefinition& definition,
                              const std::string& ns, const std::string& name) {
  TRY(auto chosen, selection(query, definition, ns, name));
  ListRequest list{std::move(chosen), {}};
  if (query.has("sendInitialEvents")) {
    return forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
  }
  TRY(const auto limit, integer(query, "limit"));
  if (limit.value_or(0) < 0) {
    return fail(invalid_options("ListOptions",
                                {FieldReason::kInvalid, "limit",
                                 fmt::format("Invalid value: {}: must be non-negative", *limit)}));
  }
  list.options.limit = static_cast<std::size_t>(limit.value_or(0));
  list.options.continue_token = query.get("continue");
  TRY(list.options.resource_version, resource_version(query));
  TRY(list.options.match, match_of(query));
  if (!list.options.continue_token.empty() && !list.options.resource_version.empty() &&
      list.options.resource_version != "0") {
    return fail(Code::kBadRequest,
                "specifying resource version is not allowed when using continue");
  }
  // "Any version will do" is answered in one piece.
  if (list.options.resource_version == "0") list.options.limit = 0;
  return list;
}

Result<WatchRequest> read_watch(const Query& query, const ResourceDefinition& definition,
                                const std::string& ns, const std::string& name) {
  TRY(auto chosen, selection(query, definition, ns, name));
  WatchRequest watch{std::move(chosen), {}, std::chrono::seconds(0)};
  TRY(watch.options.resource_version, resource_version(query));
  watch.options.bookmarks = query.flag("allowWatchBookmarks");
  const std::string_view match = query.get("resourceVersionMatch");
  if (query.has("sendInitialEvents")) {
    if (match != "NotOlderThan") {
      return forbidden("resourceVersionMatch",
                       "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    }
    watch.options.send_initial_events = query.flag("sendInitialEvents");
  } else if (!match.empty()) {
    return forbidden(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  } else if (watch.options.resource_version.empty() && watch.options.bookmarks) {
    watch.options.send_initial_events = true;  // unasked, as kube-apiserver does
  }
  TRY(const auto timeout, integer(query, "timeoutSeconds"));
  watch.timeout = std::chrono::seconds(std::clamp<std::int64_t>(timeout.value_or(0), 0, 86'400));
  return watch;
}

Result<store::WriteOptions> read_write_options(const Query& query, std::string_view options_kind) {
  store::WriteOptions options;
  const std::string_view validation = query.get("fieldValidation");
  if (validation.empty() || validation == "Warn") {
    options.field_validation = store::FieldValidation::kWarn;
  } else if (validation == "Strict") {
    options.field_validation = store::FieldValidation::kStrict;
  } else if (validation != "Ignore") {
    return fail(invalid_options(
        options_kind, {FieldReason::kNotSupported, "fieldValidation",
                       fmt::format("Unsupported value: \"{}\": supported values: \"\", \"Ignore\", "
                                   "\"Strict\", \"Warn\"",
                                   validation)}));
  }
  TRY(options.dry_run, dry_run(query.all("dryRun"), options_kind));
  options.field_manager = query.get("fieldManager");
  if (options.field_manager.size() > kLongestManager) {
    return fail(invalid_options(options_kind, {FieldReason::kTooLong, "fieldManager",
                                               "Too long: may not be more than 128 bytes"}));
  }
  options.force = query.flag("force");
  return options;
}

std::string manager_of(std::string_view user_agent) {
  std::string name;
  for (const char c : user_agent.substr(0, user_agent.find('/'))) {
    if (name.size() == kLongestManager) break;
    if (c >= ' ' && c <= '~') name += c;
  }
  return name;
}

Result<store::RemoveOptions> read_remove_options(const Query& query, const Json& body) {
  store::RemoveOptions options;
  TRY(options.propagation, propagation_of(query.get("propagationPolicy")));
  if (query.flag("orphanDependents")) options.propagation = store::Propagation::kOrphan;
  TRY(options.grace_period_seconds, integer(query, "gracePeriodSeconds"));
  TRY(options.dry_run, dry_run(query.all("dryRun"), "DeleteOptions"));
  if (!body.is_object()) return options;

  if (const Json* policy = find(body, "propagationPolicy");
      policy != nullptr && policy->is_string()) {
    TRY(options.propagation, propagation_of(policy->get<std::string>()));
  }
  if (const Json* orphan = find(body, "orphanDependents"); orphan != nullptr && *orphan == true) {
    options.propagation = store::Propagation::kOrphan;
  }
  if (const Json* grace = find(body, "gracePeriodSeconds");
      grace != nullptr && grace->is_number_integer()) {
    options.grace_period_seconds = grace->get<std::int64_t>();
  }
  if (const std::string uid = string_at(body, "preconditions.uid"); !uid.empty()) options.uid = uid;
  if (const std::string version = string_at(body, "preconditions.resourceVersion");
      !version.empty()) {
    options.resource_version = version;
  }
  if (const Json* dry = find(body, "dryRun"); dry != nullptr && dry->is_array()) {
    std::vector<std::string> values;
    for (const Json& value : *dry)
      values.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    TRY(const bool asked, dry_run(values, "DeleteOptions"));
    options.dry_run = options.dry_run || asked;
  }
  if (options.grace_period_seconds.value_or(0) < 0) options.grace_period_seconds = 1;
  return options;
}

Result<store::LogOptions> read_log_options(const Query& query) {
  store::LogOptions options;
  options.container = query.get("container");
  options.follow = query.flag("follow");
  options.previous = query.flag("previous");
  options.timestamps = query.flag("timestamps");
  options.trial = query.get("trial");  // not of Kubernetes: one trial of a warm pod
  TRY(options.tail_lines, integer(query, "tailLines"));
  TRY(options.since_seconds, integer(query, "sinceSeconds"));
  TRY(options.limit_bytes, integer(query, "limitBytes"));
  const auto bad = [](std::string_view field, std::int64_t value, std::string_view why) {
    return fail(Error{
        Code::kInvalid,
        fmt::format("PodLogOptions \"\" is invalid: {}: Invalid value: {}: {}", field, value, why),
        {{FieldReason::kInvalid, std::string(field),
          fmt::format("Invalid value: {}: {}", value, why)}}});
  };
  if (options.tail_lines.value_or(0) < 0)
    return bad("tailLines", *options.tail_lines, "must be greater than or equal to 0");
  if (options.since_seconds.value_or(1) < 1)
    return bad("sinceSeconds", *options.since_seconds, "must be greater than 0");
  if (options.limit_bytes.value_or(1) < 1)
    return bad("limitBytes", *options.limit_bytes, "must be greater than 0");
  if (const std::string_view since = query.get("sinceTime"); !since.empty()) {
    options.since_time = parse_rfc3339(since);
    if (!options.since_time) {
      return fail(Code::kBadRequest,
                  fmt::format("sinceTime \"{}\" is not a time as in 2026-11-23T20:19:10Z", since));
    }
  }
  return options;
}

}  // namespace mizan::api
