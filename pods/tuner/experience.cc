// Each trial is learned once, when it says what it used.
#include "pods/tuner/experience.h"

#include <algorithm>
#include <cmath>

#include "pods/tuner/sized_note.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

constexpr double kHeldBack = 0.1;  // of its time: then what it used is not all that it needs
constexpr double kMore = 1.3;

}  // namespace

std::int64_t cpu_needed(const Json& resources) {
  const std::int64_t used = read_trial_size(resources::object_field(resources, "peak")).cpu;
  if (used <= 0) return 0;
  const double seconds = resources::number_field(resources, "seconds").value_or(0);
  if (resources::number_field(resources, "throttledSeconds").value_or(0) <= kHeldBack * seconds)
    return used;
  const std::int64_t limit = read_trial_size(resources::object_field(resources, "allocated")).cpu;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(std::max(used, limit)) * kMore));
}

void Experience::put(const resources::Experiment& experiment, const resources::Trial& trial) {
  if (resources::is_completed(trial.state) || trial.imported) {
    active_.erase(trial.name);
  } else {
    active_.insert(trial.name);
  }
  const Json* known = find(trial.raw, "status.resources");
  if (known == nullptr || !known->is_object()) return;
  if (savings_.put(trial.uid, *known)) savings_changed = true;
  const std::int64_t peak = read_trial_size(resources::object_field(*known, "peak")).memory;
  if (peak > 0 && learned_memory_.insert(trial.uid).second)
    memory_.add(point_of(experiment, trial), static_cast<double>(peak));
  // What a trial used that was stopped or failed says little of what it would have.
  if (trial.state != resources::TrialState::kSucceeded) return;
  const std::int64_t cpu = cpu_needed(*known);
  if (cpu > 0 && learned_cpu_.insert(trial.uid).second)
    cpu_.add(point_of(experiment, trial), static_cast<double>(cpu));
}

}  // namespace mizan::pods
