// What changed between two versions of a pod, as entries.
#include "pods/tuner/resize_history.h"

#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::field;
using resources::integer_field;
using resources::object_field;
using resources::text_field;

std::string key_of(const Json& pod) {
  return resources::namespace_of(pod) + "/" + resources::name_of(pod);
}

const Json& containers_in_spec(const Json& pod) {
  return array_field(object_field(pod, "spec"), "containers");
}
const Json& containers_in_status(const Json& pod) {
  return array_field(object_field(pod, "status"), "containerStatuses");
}

const Json* resources_of(const Json& containers, const std::string& name) {
  for (const Json& container : containers) {
    if (text_field(container, "name") == name) return field(container, "resources");
  }
  return nullptr;
}

/// Those that have other resources than before. One that had none before has just come into being.
Json changed(const Json& before, const Json& after) {
  Json list = Json::array();
  for (const Json& container : after) {
    const std::string name = text_field(container, "name");
    const Json* from = resources_of(before, name);
    const Json* to = field(container, "resources");
    if (from != nullptr && to != nullptr && *from != *to)
      list.push_back({{"name", name}, {"from", *from}, {"to", *to}});
  }
  return list;
}

const Json* condition_of(const Json& pod, std::string_view type) {
  for (const Json& condition : array_field(object_field(pod, "status"), "conditions")) {
    if (text_field(condition, "type") == type) return &condition;
  }
  return nullptr;
}

/// Reason and message of a condition that wasn't so before.
std::optional<std::pair<std::string, std::string>> news_of(const Json& before, const Json& after,
                                                           std::string_view type) {
  const Json* now = condition_of(after, type);
  if (now == nullptr) return std::nullopt;
  const Json* then = condition_of(before, type);
  std::pair<std::string, std::string> said{text_field(*now, "reason"), text_field(*now, "message")};
  if (then != nullptr && text_field(*then, "reason") == said.first &&
      integer_field(*then, "observedGeneration") == integer_field(*now, "observedGeneration"))
    return std::nullopt;
  return said;
}

/// Who resized last, by metadata.managedFields; "" where that isn't kept.
std::string last_manager(const Json& pod) {
  std::string manager, time;
  for (const Json& entry : array_field(object_field(pod, "metadata"), "managedFields")) {
    if (text_field(entry, "subresource") != "resize" || text_field(entry, "time") < time) continue;
    time = text_field(entry, "time");
    manager = text_field(entry, "manager");
  }
  return manager;
}

}  // namespace

void ResizeHistory::add(const Json& pod, Json entry) {
  entry["time"] = format_rfc3339_micro(clock_.now());
  Json& entries = stories_[key_of(pod)].entries;
  entries.push_back(std::move(entry));
  if (entries.size() > kMostEntries) entries.erase(entries.begin());
}

void ResizeHistory::pod_changed(const Json* before, const Json* after) {
  if (after == nullptr) {
    if (before == nullptr) return;
    const std::string key = key_of(*before);
    const auto story = stories_.find(key);
    if (story == stories_.end()) return;
    if (story->second.entries.empty()) {
      stories_.erase(story);
      return;
    }
    story->second.gone = true;
    gone_.emplace_back(key, story->second.uid);
    if (gone_.size() <= kMostGone) return;
    const auto oldest = stories_.find(gone_.front().first);
    if (oldest != stories_.end() && oldest->second.gone &&
        oldest->second.uid == gone_.front().second)
      stories_.erase(oldest);
    gone_.pop_front();
    return;
  }
  Story& story = stories_[key_of(*after)];
  if (story.uid != resources::uid_of(*after)) story = {.uid = resources::uid_of(*after)};
  if (before == nullptr || resources::uid_of(*before) != story.uid) return;

  Json wanted = changed(containers_in_spec(*before), containers_in_spec(*after));
  if (!wanted.empty()) {
    Json entry{{"state", "Requested"},
               {"generation", resources::generation_of(*after)},
               {"containers", std::move(wanted)}};
    if (std::string by = last_manager(*after); !by.empty()) entry["by"] = std::move(by);
    add(*after, std::move(entry));
  }
  if (const auto pending = news_of(*before, *after, "PodResizePending"))
    add(*after, {{"state", pending->first}, {"message", pending->second}});
  if (const auto progress = news_of(*before, *after, "PodResizeInProgress");
      progress && progress->first == "Error")
    add(*after, {{"state", "Error"}, {"message", progress->second}});
  Json got = changed(containers_in_status(*before), containers_in_status(*after));
  if (!got.empty())
    add(*after, {{"state", "Resized"},
                 {"generation",
                  integer_field(object_field(*after, "status"), "observedGeneration").value_or(0)},
                 {"containers", std::move(got)}});
}

std::optional<Json> ResizeHistory::of(const std::string& ns, const std::string& pod) const {
  const auto story = stories_.find(ns + "/" + pod);
  if (story == stories_.end()) return std::nullopt;
  return Json{{"pod", pod}, {"uid", story->second.uid}, {"resizes", story->second.entries}};
}

}  // namespace mizan::pods
