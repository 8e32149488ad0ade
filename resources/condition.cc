// See condition.h.
#include "resources/condition.h"

#include "resources/reading.h"

namespace mizan::resources {
namespace {

bool is_true(const Json& condition) { return text_field(condition, "status") == "True"; }

const Json& conditions_of(const Json& object) {
  return array_field(object_field(object, "status"), "conditions");
}

const Json* find_entry(const Json& conditions, std::string_view type) {
  for (const Json& entry : conditions) {
    if (text_field(entry, "type") == type) return &entry;
  }
  return nullptr;
}

}  // namespace

bool set_condition(Json& conditions, const Condition& condition, Time now) {
  if (!conditions.is_array()) conditions = Json::array();
  const std::string status = condition.status ? "True" : "False";
  const std::string time = format_rfc3339(now);
  std::string transition = time;
  if (const Json* before = find_entry(conditions, condition.type)) {
    if (text_field(*before, "status") == status) {
      // A new message alone is no change: controllers put counts and times into messages.
      if (text_field(*before, "reason") == condition.reason) return false;
      transition = text_field(*before, "lastTransitionTime", time);
    }
  }
  auto& list = conditions.get_ref<Json::array_t&>();
  std::erase_if(list,
                [&](const Json& entry) { return text_field(entry, "type") == condition.type; });
  list.push_back({{"type", condition.type},
                  {"status", status},
                  {"reason", condition.reason},
                  {"message", condition.message},
                  {"lastUpdateTime", time},
                  {"lastTransitionTime", transition}});
  return true;
}

std::optional<Condition> find_condition(const Json& object, std::string_view type) {
  const Json* entry = find_entry(conditions_of(object), type);
  if (entry == nullptr) return std::nullopt;
  return Condition{std::string(type), is_true(*entry), text_field(*entry, "reason"),
                   text_field(*entry, "message")};
}

bool has_condition(const Json& object, std::string_view type) {
  const Json* entry = find_entry(conditions_of(object), type);
  return entry != nullptr && is_true(*entry);
}

std::string last_condition_type(const Json& object) {
  const Json& conditions = conditions_of(object);
  for (auto entry = conditions.rbegin(); entry != conditions.rend(); ++entry) {
    if (is_true(*entry)) return text_field(*entry, "type");
  }
  return "";
}

}  // namespace mizan::resources
