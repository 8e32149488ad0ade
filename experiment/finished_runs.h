// Which run objects of finished trials are kept: the newest of each experiment, so that `kubectl
// logs` works. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/time.h"

namespace mizan::experiment {

class FinishedRuns {
 public:
  explicit FinishedRuns(std::size_t keep) : keep_(keep) {}

  /// A trial that has finished and still has its run object; again does nothing. Returns those that
  /// are too many now, the oldest first: they stay known as such until remove().
  std::vector<std::string> add(const std::string& experiment, Time completed,
                               const std::string& trial);
  bool is_surplus(const std::string& experiment, const std::string& trial) const;
  void remove(const std::string& experiment, const std::string& trial);

 private:
  struct Group {
    std::set<std::pair<Time, std::string>> kept;
    std::map<std::string, Time> times;  // of all in `kept`
    std::set<std::string> surplus;
  };
  std::size_t keep_;
  std::map<std::string, Group> groups_;
};

}  // namespace mizan::experiment
