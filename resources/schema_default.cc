// Fills in the defaults that a schema declares.
#include "resources/schema_node.h"

namespace mizan::resources {
namespace {

void default_node(Json& value, const Schema& node) {
  if (!node.has_defaults) return;
  if (value.is_object()) {
    for (const auto& [name, child] : node.properties) {
      if (!child->has_defaults) continue;
      auto at = value.find(name);
      // As Kubernetes does: null where null is no value means that the field was left out.
      const bool absent = at == value.end() || (at->is_null() && !child->nullable);
      if (absent && child->default_value) {
        value[name] = *child->default_value;
        at = value.find(name);
      }
      if (at != value.end()) default_node(*at, *child);
    }
    if (node.additional) {
      for (Json& element : value) default_node(element, *node.additional);
    }
  } else if (value.is_array() && node.items) {
    for (Json& element : value) default_node(element, *node.items);
  }
}

}  // namespace

void apply_defaults(Json& object, const Schema& schema) { default_node(object, schema); }

}  // namespace mizan::resources
