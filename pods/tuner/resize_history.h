// The resizes of each pod in order, whoever asked for them: what a person wants to see who wonders
// why a pod has the size that it has. Kept in memory, from the server's start on.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "core/json.h"
#include "core/time.h"

namespace mizan::pods {

/// Thread: io.
class ResizeHistory {
 public:
  explicit ResizeHistory(const Clock& clock) : clock_(clock) {}

  /// A pod became `after`; null: it is new, or gone.
  void pod_changed(const Json* before, const Json* after);

  /// {"pod", "uid", "resizes": [{"time", "state": "Requested" | "Resized" | "Deferred" |
  /// "Infeasible" | "Error", "generation", "by", "message", "containers": [{"name", "from",
  /// "to"}]}]}; nullopt: there is no such pod, or none any more that is remembered.
  std::optional<Json> of(const std::string& ns, const std::string& pod) const;

  static constexpr std::size_t kMostEntries = 200;  // of a pod, the newest
  static constexpr std::size_t kMostGone = 1000;    // pods that are gone

 private:
  struct Story {
    std::string uid;
    Json entries = Json::array();
    bool gone = false;
  };
  void add(const Json& pod, Json entry);

  const Clock& clock_;
  std::map<std::string, Story> stories_;  // by namespace/name; an empty one for pods never resized
  std::deque<std::pair<std::string, std::string>> gone_;  // key, uid; oldest first
};

}  // namespace mizan::pods
