// ClientSilence: a time for each open trial.
#include "experiment/client_silence.h"

#include <algorithm>

namespace mizan::experiment {
namespace {

bool is_taken(const resources::Trial& trial) {
  return trial.run_spec.is_null() && !resources::is_completed(trial.state) &&
         trial.annotations.contains(std::string(resources::kClientIdAnnotation));
}

}  // namespace

ClientSilence::ClientSilence(store::ObservationLog& observations, const Clock& clock)
    : clock_(clock) {
  subscription_ = observations.subscribe(
      [this](const std::string& uid, const std::vector<store::Measurement>&) {
        if (const auto known = heard_.find(uid); known != heard_.end())
          known->second = clock_.now();
      });
}

void ClientSilence::trial_changed(const resources::Trial* before, const resources::Trial* after) {
  if (before != nullptr && (after == nullptr || after->uid != before->uid))
    heard_.erase(before->uid);
  if (after == nullptr) return;
  if (is_taken(*after)) {
    heard_.try_emplace(after->uid, clock_.now());
  } else {
    heard_.erase(after->uid);
  }
}

ClientSilence::Silent ClientSilence::among(
    const std::vector<std::shared_ptr<const resources::Trial>>& trials,
    std::chrono::seconds patience) const {
  Silent silent;
  for (const auto& trial : trials) {
    const auto heard = heard_.find(trial->uid);
    if (heard == heard_.end()) continue;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(heard->second + patience - clock_.now());
    if (left.count() <= 0) {
      silent.names.push_back(trial->name);
    } else {
      silent.next = silent.next ? std::min(*silent.next, left) : left;
    }
  }
  return silent;
}

}  // namespace mizan::experiment
