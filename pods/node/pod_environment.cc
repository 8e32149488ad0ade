// Environment variables and $(VAR) expansion as Kubernetes does them.
#include "pods/node/pod_environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pods/node/pod_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

void set(Environment& environment, const std::string& name, std::string value) {
  const auto there = std::ranges::find(environment, name, &Environment::value_type::first);
  if (there != environment.end()) {
    there->second = std::move(value);
  } else {
    environment.emplace_back(name, std::move(value));
  }
}

const std::string* get(const Environment& environment, std::string_view name) {
  for (const auto& [key, value] : environment) {
    if (key == name) return &value;
  }
  return nullptr;
}

/// metadata.labels['key'] -> key; "" when `path` is no such thing.
std::string subscript(std::string_view path, std::string_view map) {
  if (!path.starts_with(map)) return {};
  path.remove_prefix(map.size());
  if (!path.starts_with("['") || !path.ends_with("']")) return {};
  return std::string(path.substr(2, path.size() - 4));
}

Result<std::string> field_value(const Json& pod, const std::string& path) {
  const auto of_map = [](const std::map<std::string, std::string>& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? std::string() : found->second;
  };
  if (const std::string key = subscript(path, "metadata.labels"); !key.empty())
    return of_map(resources::labels_of(pod), key);
  if (const std::string key = subscript(path, "metadata.annotations"); !key.empty())
    return of_map(resources::annotations_of(pod), key);
  for (const char* known : {"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
                            "spec.serviceAccountName"}) {
    if (path == known) return string_at(pod, path);
  }
  if (path == "status.hostIP" || path == "status.podIP" || path == "status.hostIPs" ||
      path == "status.podIPs")
    return std::string("127.0.0.1");
  return fail(Code::kNotFound, "unsupported fieldPath: " + path);
}

/// limits.cpu and so on, in units of the divisor, rounded up; without a limit what the node has.
Result<std::string> resource_value(const Json& pod, const Json& own, const Json& reference,
                                   const Amounts& allocatable) {
  const std::string resource = text_field(reference, "resource");
  const std::size_t dot = resource.find('.');
  const std::string which = resource.substr(0, dot),
                    name = dot == resource.npos ? "" : resource.substr(dot + 1);
  if (which != "limits" && which != "requests")
    return fail(Code::kNotFound, "unsupported resource: " + resource);
  const Json* container = &own;
  const std::string wanted = text_field(reference, "containerName");
  for (const Json* each : all_containers(pod)) {
    if (!wanted.empty() && text_field(*each, "name") == wanted) container = each;
  }
  const Amounts amounts = container_amounts(*container, which.c_str());
  resources::Quantity amount;
  if (const auto found = amounts.find(name); found != amounts.end()) {
    amount = found->second;
  } else if (const auto node = allocatable.find(name);
             which == "limits" && node != allocatable.end()) {
    amount = node->second;
  }
  double divisor = 1;
  if (const Json* given = resources::field(reference, "divisor")) {
    const auto read = resources::Quantity::from_json(*given);
    if (read && !read->is_zero()) divisor = read->value();
  }
  return fmt::format("{:.0f}", std::ceil(amount.value() / divisor - 1e-9));
}

/// A key of a ConfigMap or Secret; nullopt: absent and optional.
Result<std::optional<std::string>> key_value(const char* kind,
                                             const std::map<std::string, Json>& sources,
                                             const Json& reference) {
  const std::string name = text_field(reference, "name"), key = text_field(reference, "key");
  const bool optional = resources::flag_field(reference, "optional");
  const auto source = sources.find(name);
  if (source == sources.end() || source->second.is_null()) {
    if (optional) return std::optional<std::string>();
    return fail(Code::kNotFound, fmt::format("{} \"{}\" not found", kind, name));
  }
  const std::map<std::string, std::string> values = values_of(source->second);
  const auto value = values.find(key);
  if (value != values.end()) return std::optional<std::string>(value->second);
  if (optional) return std::optional<std::string>();
  return fail(Code::kNotFound,
              fmt::format("couldn't find key {} in {} {}/{}", key,
                          std::string_view(kind) == "secret" ? "Secret" : "ConfigMap",
                          resources::namespace_of(source->second), name));
}

Result<std::optional<std::string>> value_from(const Json& pod, const Json& container,
                                              const Json& from, const PodSources& sources,
                                              const Amounts& allocatable) {
  if (const Json* reference = resources::field(from, "configMapKeyRef"))
    return key_value("configmap", sources.config_maps, *reference);
  if (const Json* reference = resources::field(from, "secretKeyRef"))
    return key_value("secret", sources.secrets, *reference);
  if (const Json* reference = resources::field(from, "fieldRef")) {
    TRY(std::string value, field_value(pod, text_field(*reference, "fieldPath")));
    return std::optional<std::string>(std::move(value));
  }
  if (const Json* reference = resources::field(from, "resourceFieldRef")) {
    TRY(std::string value, resource_value(pod, container, *reference, allocatable));
    return std::optional<std::string>(std::move(value));
  }
  return fail(Code::kNotFound, "env valueFrom names no source that this node knows");
}

Result<> add_all(Environment& environment, const Json& from, const char* field, const char* kind,
                 const std::map<std::string, Json>& sources) {
  const Json* reference = resources::field(from, field);
  if (reference == nullptr) return {};
  const std::string name = text_field(*reference, "name");
  const auto source = sources.find(name);
  if (source == sources.end() || source->second.is_null()) {
    if (resources::flag_field(*reference, "optional")) return {};
    return fail(Code::kNotFound, fmt::format("{} \"{}\" not found", kind, name));
  }
  for (auto& [key, value] : values_of(source->second))
    set(environment, text_field(from, "prefix") + key, value);
  return {};
}

}  // namespace

std::string decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = alphabet.find(c);
    if (value == alphabet.npos) continue;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(static_cast<unsigned char>(bits >> static_cast<unsigned>(count)));
  }
  return bytes;
}

std::map<std::string, std::string> values_of(const Json& source) {
  const bool secret = text_field(source, "kind") == "Secret" ||
                      text_field(source, "type").find('/') != std::string::npos ||
                      text_field(source, "type") == "Opaque";
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : resources::text_map_field(source, "data"))
    values[key] = secret ? decode_base64(value) : value;
  for (const auto& [key, value] : resources::text_map_field(source, "binaryData"))
    values[key] = decode_base64(value);
  return values;
}

SourceNames sources_of(const Json& pod) {
  SourceNames names;
  const auto take = [](std::set<std::string>& into, const Json* reference,
                       const char* field = "name") {
    if (reference != nullptr && !text_field(*reference, field).empty())
      into.insert(text_field(*reference, field));
  };
  for (const Json* container : all_containers(pod)) {
    for (const Json& from : array_field(*container, "envFrom")) {
      take(names.config_maps, resources::field(from, "configMapRef"));
      take(names.secrets, resources::field(from, "secretRef"));
    }
    for (const Json& variable : array_field(*container, "env")) {
      const Json& from = object_field(variable, "valueFrom");
      take(names.config_maps, resources::field(from, "configMapKeyRef"));
      take(names.secrets, resources::field(from, "secretKeyRef"));
    }
  }
  for (const Json& volume : array_field(object_field(pod, "spec"), "volumes")) {
    take(names.config_maps, resources::field(volume, "configMap"));
    take(names.secrets, resources::field(volume, "secret"), "secretName");
  }
  return names;
}

std::string expand(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == text.npos) break;
    text.remove_prefix(dollar);
    if (text.starts_with("$$")) {
      out += '$';
      text.remove_prefix(2);
      continue;
    }
    const std::size_t close = text.starts_with("$(") ? text.find(')') : text.npos;
    if (close == text.npos) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const std::string* value = get(environment, text.substr(2, close - 2));
    out += value != nullptr ? std::string_view(*value) : text.substr(0, close + 1);
    text.remove_prefix(close + 1);
  }
  return out;
}

Result<Environment> container_environment(const Json& pod, const Json& container,
                                          const PodSources& sources, const Environment& defaults,
                                          const Amounts& allocatable) {
  Environment environment = defaults;
  for (const Json& from : array_field(container, "envFrom")) {
    if (Result<> added =
            add_all(environment, from, "configMapRef", "configmap", sources.config_maps);
        !added)
      return fail(added.error());
    if (Result<> added = add_all(environment, from, "secretRef", "secret", sources.secrets); !added)
      return fail(added.error());
  }
  for (const Json& variable : array_field(container, "env")) {
    const std::string name = text_field(variable, "name");
    if (const Json* from = resources::field(variable, "valueFrom")) {
      TRY(auto value, value_from(pod, container, *from, sources, allocatable));
      if (value) set(environment, name, *std::move(value));
    } else {
      set(environment, name, expand(text_field(variable, "value"), environment));
    }
  }
  return environment;
}

}  // namespace mizan::pods
