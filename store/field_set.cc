// Set algebra on trees of path elements.
#include "store/field_set.h"

namespace mizan::store {
namespace {

void collect(const FieldSet& set, std::vector<std::string>& path,
             std::vector<std::vector<std::string>>& found) {
  if (set.member) found.push_back(path);
  for (const auto& [element, child] : set.children) {
    path.push_back(element);
    collect(child, path, found);
    path.pop_back();
  }
}

}  // namespace

FieldSet FieldSet::from_json(const Json& fields_v1) {
  FieldSet set;
  if (!fields_v1.is_object()) return set;
  for (const auto& [element, below] : fields_v1.items()) {
    if (element == ".") {
      set.member = true;
      continue;
    }
    FieldSet child = from_json(below);
    if (below.is_object() && below.empty()) child.member = true;
    if (!child.empty()) set.children.emplace(element, std::move(child));
  }
  return set;
}

Json FieldSet::to_json() const {
  Json json = Json::object();
  if (member && !children.empty()) json["."] = Json::object();
  for (const auto& [element, child] : children) json[element] = child.to_json();
  return json;
}

bool FieldSet::contains(const std::vector<std::string>& path) const {
  const FieldSet* at = this;
  for (const std::string& element : path) {
    auto found = at->children.find(element);
    if (found == at->children.end()) return false;
    at = &found->second;
  }
  return at->member;
}

void FieldSet::insert(const std::vector<std::string>& path) {
  FieldSet* at = this;
  for (const std::string& element : path) at = &at->children[element];
  at->member = true;
}

FieldSet FieldSet::united(const FieldSet& other) const {
  FieldSet result = *this;
  result.member = member || other.member;
  for (const auto& [element, child] : other.children) {
    FieldSet& mine = result.children[element];
    mine = mine.united(child);
  }
  return result;
}

FieldSet FieldSet::without(const FieldSet& other) const {
  FieldSet result;
  result.member = member && !other.member;
  for (const auto& [element, child] : children) {
    auto found = other.children.find(element);
    FieldSet left = found == other.children.end() ? child : child.without(found->second);
    if (!left.empty()) result.children.emplace(element, std::move(left));
  }
  return result;
}

FieldSet FieldSet::common(const FieldSet& other) const {
  FieldSet result;
  result.member = member && other.member;
  for (const auto& [element, child] : children) {
    auto found = other.children.find(element);
    if (found == other.children.end()) continue;
    FieldSet both = child.common(found->second);
    if (!both.empty()) result.children.emplace(element, std::move(both));
  }
  return result;
}

std::vector<std::vector<std::string>> FieldSet::members() const {
  std::vector<std::vector<std::string>> found;
  std::vector<std::string> path;
  collect(*this, path, found);
  return found;
}

std::string readable_path(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& element : path) {
    const std::string rest = element.substr(2);
    if (element.starts_with("f:")) {
      text += "." + rest;
    } else if (element.starts_with("k:")) {
      const Json keys = Json::parse(rest, nullptr, false);
      std::string inside;
      if (keys.is_object()) {
        for (const auto& [key, value] : keys.items())
          inside += (inside.empty() ? "" : ",") + key + "=" + value.dump();
      }
      text += "[" + inside + "]";
    } else {
      text += "[=" + rest + "]";
    }
  }
  return text;
}

}  // namespace mizan::store
