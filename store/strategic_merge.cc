// The merge, driven by a table of list fields: their names mean the same wherever the built-in
// kinds use them.
#include "store/strategic_merge.h"

#include <map>
#include <string>
#include <string_view>

namespace mizan::store {
namespace {

/// Lists whose elements are objects merged by a key. `parent` tells the few apart that share a
/// field name.
struct ListRule {
  std::string_view field;
  std::string_view parent;  // empty: anywhere
  std::string_view key;
};
constexpr ListRule kMergedLists[] = {
    {"containers", "", "name"},
    {"initContainers", "", "name"},
    {"ephemeralContainers", "", "name"},
    {"volumes", "", "name"},
    {"env", "", "name"},
    {"volumeMounts", "", "mountPath"},
    {"volumeDevices", "", "devicePath"},
    {"ports", "", "containerPort"},
    {"imagePullSecrets", "", "name"},
    {"hostAliases", "", "ip"},
    {"topologySpreadConstraints", "", "topologyKey"},
    {"conditions", "status", "type"},
    {"addresses", "status", "type"},
    {"podIPs", "status", "ip"},
    {"hostIPs", "status", "ip"},
    {"ownerReferences", "metadata", "uid"},
    {"resourceClaims", "spec", "name"},
    {"secrets", "", "name"},
    {"schedulingGates", "spec", "name"},
};
/// Lists of plain values that are merged as sets.
constexpr std::string_view kMergedSets[] = {"finalizers", "podCIDRs"};

std::string_view merge_key(std::string_view parent, std::string_view field) {
  for (const ListRule& rule : kMergedLists) {
    if (rule.field == field && (rule.parent.empty() || rule.parent == parent)) return rule.key;
  }
  return {};
}

bool is_set(std::string_view field) {
  return std::ranges::find(kMergedSets, field) != std::end(kMergedSets);
}

std::unexpected<Error> malformed(std::string why) {
  return fail(Code::kBadRequest, "invalid strategic merge patch: " + std::move(why));
}

constexpr std::string_view kOrder = "$setElementOrder/";
constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";

Result<> merge_object(Json& target, const Json& patch, std::string_view name);

/// A patch put where nothing was: directives are taken out, nulls mean nothing.
Result<Json> fresh(const Json& patch, std::string_view parent, std::string_view field) {
  if (patch.is_object()) {
    Json made = Json::object();
    if (auto merged = merge_object(made, patch, field); !merged)
      return fail(std::move(merged).error());
    return made;
  }
  if (!patch.is_array() || merge_key(parent, field).empty()) return patch;
  Json made = Json::array();
  for (const Json& element : patch) {
    if (element.is_object() && string_at(element, "$patch") == "delete") continue;
    if (element.is_object() && element.contains("$patch") && element.size() == 1) continue;
    TRY(Json one, fresh(element, field, ""));
    made.push_back(std::move(one));
  }
  return made;
}

Result<> merge_keyed(Json& target, const Json& patch, std::string_view key,
                     std::string_view field) {
  const std::string by(key);
  for (const Json& element : patch) {
    if (element.is_object() && string_at(element, "$patch") == "replace") {
      TRY(target, fresh(patch, "", field));
      return {};
    }
  }
  for (const Json& element : patch) {
    if (!element.is_object() || !element.contains(by)) {
      return malformed("an element of " + std::string(field) + " has no " + by +
                       ", by which it is merged");
    }
    const auto same = [&](const Json& other) {
      return other.is_object() && other.value(by, Json()) == element[by];
    };
    auto found = std::ranges::find_if(target, same);
    if (string_at(element, "$patch") == "delete") {
      if (found != target.end()) target.erase(found);
    } else if (found != target.end()) {
      if (auto merged = merge_object(*found, element, field); !merged) return merged;
    } else {
      TRY(Json one, fresh(element, field, ""));
      target.push_back(std::move(one));
    }
  }
  return {};
}

void merge_set(Json& target, const Json& patch) {
  for (const Json& element : patch) {
    if (std::ranges::find(target, element) == target.end()) target.push_back(element);
  }
}

/// Puts what `order` names into that order; the rest keeps its place behind its predecessor.
void set_order(Json& list, const Json& order, std::string_view key) {
  const std::string by(key);
  const auto place = [&](const Json& element) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      const bool same = by.empty() ? order[i] == element
                                   : order[i].is_object() && element.is_object() &&
                                         order[i].value(by, Json()) == element.value(by, Json());
      if (same) return static_cast<std::ptrdiff_t>(i);
    }
    return std::ptrdiff_t{-1};
  };
  std::vector<std::pair<std::ptrdiff_t, std::size_t>> placed;  // wanted place, present place
  std::ptrdiff_t last = -1;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::ptrdiff_t own = place(list[i]);
    if (own >= 0) last = own;
    placed.emplace_back(last, i);
  }
  std::ranges::sort(placed);
  Json ordered = Json::array();
  for (const auto& [wanted, present] : placed) ordered.push_back(std::move(list[present]));
  list = std::move(ordered);
}

Result<> merge_field(Json& target, const std::string& field, const Json& patch,
                     std::string_view parent) {
  if (patch.is_null()) {
    target.erase(field);
    return {};
  }
  auto found = target.find(field);
  if (found == target.end() || found->type() != patch.type()) {
    TRY(Json made, fresh(patch, parent, field));
    target[field] = std::move(made);
    return {};
  }
  if (patch.is_object()) return merge_object(*found, patch, field);
  if (patch.is_array()) {
    if (is_set(field)) {
      merge_set(*found, patch);
      return {};
    }
    if (const std::string_view key = merge_key(parent, field); !key.empty()) {
      return merge_keyed(*found, patch, key, field);
    }
  }
  *found = patch;
  return {};
}

Result<> merge_object(Json& target, const Json& patch, std::string_view name) {
  const std::string directive = string_at(patch, "$patch");
  if (directive == "replace" || directive == "delete") target = Json::object();
  if (directive == "delete") return {};
  if (auto retain = patch.find("$retainKeys"); retain != patch.end() && retain->is_array()) {
    for (auto it = target.begin(); it != target.end();) {
      it = std::ranges::find(*retain, Json(it.key())) == retain->end() ? target.erase(it)
                                                                       : std::next(it);
    }
  }
  for (const auto& [field, value] : patch.items()) {
    if (field.starts_with(kDelete) && value.is_array()) {
      Json& list = target[field.substr(kDelete.size())];
      if (!list.is_array()) list = Json::array();
      for (const Json& gone : value)
        list.erase(std::remove(list.begin(), list.end(), gone), list.end());
    }
  }
  for (const auto& [field, value] : patch.items()) {
    if (field.starts_with('$')) continue;
    if (auto merged = merge_field(target, field, value, name); !merged) return merged;
  }
  for (const auto& [field, value] : patch.items()) {
    if (!field.starts_with(kOrder) || !value.is_array()) continue;
    const std::string list = field.substr(kOrder.size());
    if (auto found = target.find(list); found != target.end() && found->is_array()) {
      set_order(*found, value, merge_key(name, list));
    }
  }
  return {};
}

}  // namespace

Result<Json> strategic_merge(const Json& object, const Json& patch) {
  Json next = object;
  if (auto merged = merge_object(next, patch, ""); !merged) return fail(std::move(merged).error());
  return next;
}

}  // namespace mizan::store
