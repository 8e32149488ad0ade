// Who wants to hear of appended measurements: shared by both observation logs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/observation_log.h"

namespace mizan::store {

/// Thread: io. A handle may outlive this.
class AppendObservers {
 public:
  using Observe = std::function<void(const std::string&, const std::vector<Measurement>&)>;

  std::shared_ptr<void> add(Observe observe);
  /// Observers may come and go while they are told.
  void tell(const std::string& trial_uid, const std::vector<Measurement>& rows) const;

 private:
  using Observers = std::map<std::uint64_t, std::shared_ptr<const Observe>>;
  std::shared_ptr<Observers> observers_ = std::make_shared<Observers>();
  std::uint64_t next_ = 0;
};

}  // namespace mizan::store
