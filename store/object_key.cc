// The layout of storage keys.
#include "store/object_key.h"

namespace mizan::store {

std::string resource_prefix(const resources::ResourceId& id) {
  std::string prefix = "/";
  prefix += id.group.empty() ? "core" : id.group;
  prefix += '/';
  prefix += id.resource;
  prefix += '/';
  return prefix;
}

std::string selection_prefix(const Selection& selection) {
  std::string prefix = resource_prefix(selection.id);
  if (!selection.ns.empty()) {
    prefix += selection.ns;
    prefix += '/';
  }
  return prefix;
}

std::string storage_key(const Key& key) {
  std::string text = resource_prefix(key.id);
  if (!key.ns.empty()) {
    text += key.ns;
    text += '/';
  }
  text += key.name;
  return text;
}

std::string_view resource_prefix_of(std::string_view storage_key) {
  const std::size_t group_end = storage_key.find('/', 1);
  const std::size_t resource_end = storage_key.find('/', group_end + 1);
  return storage_key.substr(0, resource_end + 1);
}

}  // namespace mizan::store
