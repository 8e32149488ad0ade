// Accept entries are tried in the order given, as client-go means them; weights are not looked at.
#include "api/negotiate.h"

namespace mizan::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view take_until(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const std::string_view front = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return trimmed(front);
}

struct Entry {
  std::string type, as, version, group;
};

Entry read_entry(std::string_view text) {
  Entry entry;
  entry.type = media_type(take_until(text, ';'));
  while (!text.empty()) {
    std::string_view parameter = take_until(text, ';');
    const std::string_view name = take_until(parameter, '=');
    if (name == "as") entry.as = parameter;
    if (name == "v") entry.version = parameter;
    if (name == "g") entry.group = parameter;
  }
  return entry;
}

std::optional<Form> form_of(const Entry& entry, bool with_discovery) {
  if (entry.as.empty()) return Form::kObject;
  if (with_discovery) {
    const bool known = entry.version == "v2" || entry.version == "v2beta1";
    if (entry.as == "APIGroupDiscoveryList" && entry.group == "apidiscovery.k8s.io" && known)
      return Form::kDiscovery;
    return std::nullopt;
  }
  if (entry.group != "meta.k8s.io" || (entry.version != "v1" && entry.version != "v1beta1"))
    return std::nullopt;
  if (entry.as == "Table") return Form::kTable;
  if (entry.as == "PartialObjectMetadata" || entry.as == "PartialObjectMetadataList")
    return Form::kPartial;
  return std::nullopt;
}

}  // namespace

std::string media_type(std::string_view content_type) {
  std::string type(trimmed(content_type.substr(0, content_type.find(';'))));
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return type;
}

std::optional<Negotiated> negotiate(std::string_view accept, bool with_discovery) {
  if (trimmed(accept).empty()) return Negotiated{};
  while (!accept.empty()) {
    const Entry entry = read_entry(take_until(accept, ','));
    const bool json =
        entry.type == "application/json" || entry.type == "*/*" || entry.type == "application/*";
    const bool yaml = entry.type == "application/yaml";
    if (!json && !yaml) continue;
    const auto form = form_of(entry, with_discovery);
    if (!form) continue;
    return Negotiated{*form, yaml, entry.version};
  }
  return std::nullopt;
}

Error not_acceptable() {
  return Error{Code::kNotAcceptable,
               "only the following media types are accepted: application/json, application/yaml, "
               "application/vnd.kubernetes.protobuf",
               {}};
}

}  // namespace mizan::api
