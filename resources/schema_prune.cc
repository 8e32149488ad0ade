// Takes out what a schema does not know, and tells where it stood.
#include <algorithm>

#include "resources/field_path.h"
#include "resources/object_meta.h"
#include "resources/reading.h"
#include "resources/schema_node.h"

namespace mizan::resources {
namespace {

bool is_type_meta(std::string_view key) {
  return key == "apiVersion" || key == "kind" || key == "metadata";
}

void prune_node(Json& value, const Schema& node, bool is_resource, FieldPath& path,
                std::vector<std::string>& unknown);

void prune_object(Json& object, const Schema& node, bool is_resource, FieldPath& path,
                  std::vector<std::string>& unknown) {
  for (auto at = object.begin(); at != object.end();) {
    if (is_resource && is_type_meta(at.key())) {
      ++at;  // metadata has its own reader (object_meta.h)
      continue;
    }
    const auto step = path.down(at.key());
    const auto known = node.properties.find(at.key());
    if (known != node.properties.end()) {
      prune_node(*at, *known->second, false, path, unknown);
    } else if (node.additional) {
      prune_node(*at, *node.additional, false, path, unknown);
    } else if (!node.preserve_unknown && !node.additional_allowed) {
      unknown.push_back(path.text());
      at = object.erase(at);
      continue;
    }
    ++at;
  }
}

void prune_node(Json& value, const Schema& node, bool is_resource, FieldPath& path,
                std::vector<std::string>& unknown) {
  if (value.is_object()) {
    // A map without any word on its contents ("type: object" alone) is pruned to {} by Kubernetes
    // too.
    const bool free = node.type == SchemaType::kAny && node.properties.empty() && !node.additional;
    if (!free) prune_object(value, node, is_resource || node.embedded_resource, path, unknown);
  } else if (value.is_array() && node.items) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto step = path.down(i);
      prune_node(value[i], *node.items, false, path, unknown);
    }
  }
}

void drop_nulls(Json& value, const Schema& node) {
  if (value.is_object()) {
    for (auto at = value.begin(); at != value.end();) {
      const auto known = node.properties.find(at.key());
      const Schema* child =
          known != node.properties.end() ? known->second.get() : node.additional.get();
      if (at->is_null() && child != nullptr && !child->nullable) {
        at = value.erase(at);
        continue;
      }
      if (child != nullptr) drop_nulls(*at, *child);
      ++at;
    }
  } else if (value.is_array() && node.items) {
    for (Json& element : value) drop_nulls(element, *node.items);
  }
}

}  // namespace

std::vector<std::string> prune(Json& object, const Schema& schema) {
  std::vector<std::string> unknown;
  FieldPath path;
  prune_node(object, schema, true, path, unknown);
  if (object.is_object() && object.contains("metadata")) {
    for (const std::string& key : prune_metadata(object["metadata"]))
      unknown.push_back("metadata." + key);
  }
  if (schema.drop_nulls) drop_nulls(object, schema);
  std::ranges::sort(unknown);
  return unknown;
}

}  // namespace mizan::resources
