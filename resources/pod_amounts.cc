// Amounts of pods: reading, defaults, checks, and the rules of the resize subresource.
#include "resources/pod_amounts.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/reading.h"

namespace mizan::resources {
namespace {

constexpr const char* kLists[] = {"containers", "initContainers"};
constexpr const char* kOnlyThese = "only cpu and memory resources are mutable";

bool is_placeholder(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find("${") != std::string::npos;
}

const Json* named(const Json& list, const std::string& name) {
  for (const Json& element : list) {
    if (text_field(element, "name") == name) return &element;
  }
  return nullptr;
}

const Json& amounts_field(const Json& container, const char* which) {
  return object_field(object_field(container, "resources"), which);
}

void check_amount(const Json& value, const std::string& path, std::vector<FieldError>& errors) {
  if (is_placeholder(value)) return;
  if (!value.is_string() && !value.is_number()) {
    errors.push_back(invalid(path, value, "must be an amount such as 500m, 2, 64Mi or 1.5Gi"));
    return;
  }
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  const Result<Quantity> amount = Quantity::parse(text);
  if (!amount) {
    errors.push_back(invalid(path, text, amount.error().message));
  } else if (amount->is_negative()) {
    errors.push_back(invalid(path, text, "must be greater than or equal to 0"));
  }
}

void check_container(const Json& container, const std::string& path, bool never_restarts,
                     std::vector<FieldError>& errors) {
  const Json& requests = amounts_field(container, "requests");
  const Json& limits = amounts_field(container, "limits");
  for (const auto& [name, value] : limits.items())
    check_amount(value, fmt::format("{}.resources.limits[{}]", path, name), errors);
  for (const auto& [name, value] : requests.items())
    check_amount(value, fmt::format("{}.resources.requests[{}]", path, name), errors);
  const auto upper = container_amounts(container, "limits");
  for (const auto& [name, request] : container_amounts(container, "requests")) {
    const auto limit = upper.find(name);
    if (limit != upper.end() && request > limit->second)
      errors.push_back(invalid(
          path + ".resources.requests", request.text(),
          fmt::format("must be less than or equal to {} limit of {}", name, limit->second.text())));
  }
  for (const Json& policy : array_field(container, "resizePolicy")) {
    const std::string restart = text_field(policy, "restartPolicy");
    const std::string at = path + ".resizePolicy";
    if (restart != "NotRequired" && restart != "RestartContainer") {
      static const std::vector<std::string> kPolicies = {"NotRequired", "RestartContainer"};
      errors.push_back(not_supported(at, restart, kPolicies));
    } else if (never_restarts && restart == "RestartContainer") {
      errors.push_back(
          invalid(at, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
  }
}

Json without_sizes(Json resources) {
  for (const char* which : {"requests", "limits"}) {
    if (!resources.is_object() || !resources.contains(which)) continue;
    Json& amounts = resources[which];
    if (amounts.is_object()) {
      amounts.erase("cpu");
      amounts.erase("memory");
    }
    if (amounts.empty()) resources.erase(which);
  }
  return resources.is_null() ? Json::object() : resources;
}

/// The old names that the new ones lack.
bool lacks(const Json& before, const Json& after) {
  return std::ranges::any_of(before.items(),
                             [&](const auto& item) { return !after.contains(item.key()); });
}

void canonicalise(Json& amounts) {
  if (!amounts.is_object()) return;
  for (auto& [name, value] : amounts.items()) {
    if (is_placeholder(value)) continue;
    if (const auto amount = Quantity::from_json(value)) value = amount->text();
  }
}

class Resizing {
 public:
  Resizing(const Json& current, const Json& wanted) : current_(current), wanted_(wanted) {
    result_.pod = current;
  }

  ResizedPod run() {
    for (const char* list : kLists) resize_list(list);
    default_pod_amounts(result_.pod["spec"]);
    for (const char* list : kLists) check_removed(list);
    std::vector<FieldError> wrong = check_pod_amounts(result_.pod["spec"], "spec");
    const bool readable = wrong.empty();
    result_.errors.insert(result_.errors.begin(), wrong.begin(), wrong.end());
    if (policy_changed_) forbid(kOnlyThese);
    if (const std::string before = qos_class(current_);
        readable && qos_class(result_.pod) != before)
      result_.errors.push_back(
          invalid("spec", before, "Pod QOS Class may not change as a result of resizing"));
    return std::move(result_);
  }

 private:
  void forbid(const char* why) {
    const auto said = [&](const FieldError& error) {
      return error.message.find(why) != std::string::npos;
    };
    if (std::ranges::none_of(result_.errors, said))
      result_.errors.push_back(forbidden("spec", why));
  }

  void resize_list(const char* list) {
    const Json& theirs = array_field(object_field(wanted_, "spec"), list);
    Json& spec = result_.pod["spec"];
    const std::size_t there = spec.contains(list) ? spec[list].size() : 0;
    bool same_set = theirs.size() == there;
    for (std::size_t i = 0; i < theirs.size(); ++i) {
      const Json& other = theirs[i];
      if (there > 0 && named(spec[list], text_field(other, "name")) != nullptr) continue;
      same_set = false;
      if (text_field(other, "image").empty())
        result_.errors.push_back(required(fmt::format("spec.{}[{}].image", list, i)));
    }
    if (!same_set)
      result_.errors.push_back(forbidden(fmt::format("spec.{}", list),
                                         "containers may not be added or removed on resize"));
    if (there == 0) return;
    const bool init = std::string_view(list) == "initContainers";
    for (Json& container : spec[list]) {
      const Json* other = named(theirs, text_field(container, "name"));
      if (other != nullptr) take_resources(container, *other, init);
    }
  }

  void take_resources(Json& container, const Json& other, bool init) {
    const Json before = object_field(container, "resources");
    Json after = object_field(other, "resources");
    if (other.contains("resizePolicy") &&
        array_field(other, "resizePolicy") != array_field(container, "resizePolicy")) {
      container["resizePolicy"] = other["resizePolicy"];
      policy_changed_ = true;
    }
    for (const char* which : {"requests", "limits"}) {
      if (after.contains(which)) canonicalise(after[which]);
    }
    if (after == before) return;
    if (without_sizes(after) != without_sizes(before)) return forbid(kOnlyThese);
    if (init && text_field(container, "restartPolicy") != "Always")
      return forbid("resources for non-sidecar init containers are immutable");
    container["resources"] = std::move(after);
  }

  /// After defaults: a request that fell away where a limit is, is the limit.
  void check_removed(const char* list) {
    const Json& now = array_field(object_field(result_.pod, "spec"), list);
    const Json& was = array_field(object_field(current_, "spec"), list);
    for (std::size_t i = 0; i < now.size() && i < was.size(); ++i) {
      const std::string path = fmt::format("spec.{}[{}].resources", list, i);
      if (lacks(amounts_field(was[i], "requests"), amounts_field(now[i], "requests")))
        result_.errors.push_back(
            forbidden(path + ".requests", "resource requests cannot be removed"));
      if (lacks(amounts_field(was[i], "limits"), amounts_field(now[i], "limits")))
        result_.errors.push_back(forbidden(path + ".limits", "resource limits cannot be removed"));
    }
  }

  const Json& current_;
  const Json& wanted_;
  ResizedPod result_;
  bool policy_changed_ = false;
};

/// The spec without what an update may change.
Json frozen_part(const Json& pod) {
  Json spec = object_field(pod, "spec");
  for (const char* field :
       {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"})
    spec.erase(field);
  for (const char* list : kLists) {
    if (!spec.contains(list) || !spec[list].is_array()) continue;
    for (Json& container : spec[list]) {
      if (container.is_object()) container.erase("image");
    }
  }
  default_pod_amounts(spec);
  return spec;
}

}  // namespace

std::map<std::string, Quantity> container_amounts(const Json& container, const char* which) {
  std::map<std::string, Quantity> amounts;
  for (const auto& item : amounts_field(container, which).items()) {
    if (const auto amount = Quantity::from_json(item.value()); amount && !amount->is_negative())
      amounts[item.key()] = *amount;
  }
  return amounts;
}

std::map<std::string, Quantity> effective_requests(const Json& container) {
  auto amounts = container_amounts(container, "requests");
  for (const auto& [name, limit] : container_amounts(container, "limits"))
    amounts.try_emplace(name, limit);
  return amounts;
}

std::string qos_class(const Json& pod) {
  bool any = false, guaranteed = true;
  for (const char* list : kLists) {
    for (const Json& container : array_field(object_field(pod, "spec"), list)) {
      const auto requests = effective_requests(container),
                 limits = container_amounts(container, "limits");
      for (const char* name : {"cpu", "memory"}) {
        const auto request = requests.find(name), limit = limits.find(name);
        const bool asked = request != requests.end() && !request->second.is_zero();
        any = any || asked;
        guaranteed =
            guaranteed && asked && limit != limits.end() && limit->second == request->second;
      }
    }
  }
  return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

void default_pod_amounts(Json& pod_spec) {
  if (!pod_spec.is_object()) return;
  for (const char* list : kLists) {
    const auto found = pod_spec.find(list);
    if (found == pod_spec.end() || !found->is_array()) continue;
    for (Json& container : *found) {
      if (!container.is_object() || !container.contains("resources")) continue;
      Json& resources = container["resources"];
      if (!resources.is_object()) continue;
      for (const char* which : {"requests", "limits"}) {
        if (resources.contains(which)) canonicalise(resources[which]);
      }
      const Json limits = object_field(resources, "limits");
      if (limits.empty()) continue;
      Json& requests = resources["requests"];
      if (!requests.is_object()) requests = Json::object();
      for (const auto& [name, value] : limits.items()) {
        if (!requests.contains(name)) requests[name] = value;
      }
    }
  }
}

std::vector<FieldError> check_pod_amounts(const Json& pod_spec, const std::string& path) {
  std::vector<FieldError> errors;
  const bool never_restarts = text_field(pod_spec, "restartPolicy") == "Never";
  for (const char* list : kLists) {
    const Json& containers = array_field(pod_spec, list);
    for (std::size_t i = 0; i < containers.size(); ++i)
      check_container(containers[i], fmt::format("{}.{}[{}]", path, list, i), never_restarts,
                      errors);
  }
  return errors;
}

std::vector<FieldError> check_pod_update(const Json& current, const Json& next) {
  const Json before = frozen_part(current);
  Json after = frozen_part(next);
  // Whoever binds a pod may do so in one update with other things.
  if (text_field(before, "nodeName").empty()) after.erase("nodeName");
  if (before == after) return {};
  return {forbidden(
      "spec",
      "pod updates may not change fields other than "
      "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
      "`spec.tolerations` (only additions to existing tolerations),"
      "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
      "negative); the resources of a running pod are changed by its subresource resize")};
}

ResizedPod resize_pod(const Json& current, const Json& wanted) {
  return Resizing(current, wanted).run();
}

}  // namespace mizan::resources
