// A map of callbacks; dropping the handle takes one out.
#include "store/append_observers.h"

namespace mizan::store {

std::shared_ptr<void> AppendObservers::add(Observe observe) {
  const std::uint64_t id = next_++;
  observers_->emplace(id, std::make_shared<const Observe>(std::move(observe)));
  std::weak_ptr<Observers> weak = observers_;
  // An owner of nothing whose end takes the observer out.
  return std::shared_ptr<void>(nullptr, [weak, id](void*) {
    if (auto observers = weak.lock()) observers->erase(id);
  });
}

void AppendObservers::tell(const std::string& trial_uid,
                           const std::vector<Measurement>& rows) const {
  std::vector<std::shared_ptr<const Observe>> present;
  for (const auto& [id, observe] : *observers_) present.push_back(observe);
  for (const auto& observe : present) (*observe)(trial_uid, rows);
}

}  // namespace mizan::store
