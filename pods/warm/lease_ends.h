// The first half of a pool's plan: what came of the leases that are given, and which pods are free
// for another. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pods/warm/pool_plan.h"
#include "pods/warm/pool_slot.h"
#include "pods/warm/warm_job.h"

namespace mizan::pods {

class LeaseEnds {
 public:
  LeaseEnds(const PoolView& view, PoolPlan& plan) : view_(view), plan_(plan) {}

  /// Concludes, cancels, gives up, and marks what is free.
  void look_at(std::vector<PoolSlot>& slots);

  /// Uids of Jobs that run on a pod, or that this plan has written: no lease for them now.
  const std::set<std::string>& busy_jobs() const { return busy_; }
  /// The end of the pod is not written down yet.
  bool holds(const PoolSlot& slot) const {
    return slot.has_trial() && busy_.contains(slot.lease->job_uid);
  }

 private:
  void look_at(PoolSlot& slot);
  void running(PoolSlot& slot, const PoolView::Object& job);
  void concluded(PoolSlot& slot, const PoolView::Object& job, const resources::WarmResult& result);
  void attempt_failed(PoolSlot& slot, const PoolView::Object& job, WarmAttempt attempt,
                      bool for_good);
  void tell_trial(const PoolSlot& slot, const PoolView::Object& job,
                  const resources::WarmResult& result);
  void cancel(PoolSlot& slot);
  void remove(PoolSlot& slot, const char* reason, const std::string& message);
  bool is_settled(const PoolSlot& slot, const PoolView::Object& job, bool recorded) const;
  std::string container_of(const resources::WarmLease& lease) const;

  const PoolView& view_;
  PoolPlan& plan_;
  std::set<std::string> busy_;
};

}  // namespace mizan::pods
