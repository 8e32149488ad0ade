// See asha.h.
#include "algorithms/stopping/asha.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace mizan::algorithms {
namespace {

constexpr std::array kAshaSettings = {
    int_setting("min_resource", 1, 1e9, "1", "should be greater than zero",
                "the first rung: steps that every trial may take"),
    int_setting("eta", 2, 1e6, "3", "should be greater than or equal to two",
                "one of so many goes on from each rung; the next rung lies so many times further"),
};

class Asha final : public StoppingRule {
 public:
  StoppingVerdict judge(const StoppingQuery& query) const override {
    StoppingVerdict verdict;
    const auto eta = static_cast<double>(query.settings.integer("eta"));
    const auto rung = rung_just_reached(
        query.candidate, static_cast<double>(query.settings.integer("min_resource")), eta);
    if (!rung) return verdict;
    constexpr double kNothing = std::numeric_limits<double>::infinity();
    verdict.step = *rung;
    verdict.value = query.candidate.best_until(query.candidate.last_step()).value_or(kNothing);
    std::vector<double> values = {verdict.value};
    for (const Curve* peer : query.peers) {
      if (!peer->empty() && peer->last_step() >= *rung)
        values.push_back(peer->best_until(*rung).value_or(kNothing));
    }
    // With fewer than eta at the rung, the first to come would be stopped for being early.
    if (static_cast<double>(values.size()) < eta) return verdict;
    const auto kept = static_cast<std::size_t>(static_cast<double>(values.size()) / eta);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(kept - 1);
    std::nth_element(values.begin(), last, values.end());
    verdict.bound = *last;
    verdict.peers = values.size() - 1;
    verdict.bound_is = "the worst that goes on among it and";
    verdict.stop = verdict.value > verdict.bound;
    return verdict;
  }
};

}  // namespace

std::span<const SettingSpec> asha_settings() { return kAshaSettings; }

const StoppingRule& asha() {
  static const Asha kRule;
  return kRule;
}

std::optional<double> rung_just_reached(const Curve& curve, double min_resource, double eta) {
  std::optional<double> reached;
  for (double rung = min_resource; rung <= curve.last_step(); rung *= eta) {
    if (rung > curve.step_before()) reached = rung;
  }
  return reached;
}

}  // namespace mizan::algorithms
