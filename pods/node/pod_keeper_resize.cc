// The pod keeper's part that resizes running pods: asks the state machine, has it done, tells of
// it.
//
// What was granted is on disk before a cgroup changes, and a server that takes pods back makes sure
// of what is in force: after kill -9 at any moment status and cgroups agree again.
#include <algorithm>

#include "core/executors.h"
#include "core/log.h"
#include "pods/node/actuation.h"
#include "pods/node/pod_local.h"
#include "pods/node/pod_resources.h"
#include "pods/node/pod_status.h"
#include "resources/meta.h"

namespace mizan::pods {

using std::chrono::steady_clock;

bool PodKeeper::wants_resize(const Json& pod, const Local& local) const {
  if (local.considered != resources::generation_of(pod)) return true;
  if (local.room_made && local.resize.is_deferred()) return true;
  if (!local.restarting.empty()) return local.changed;
  return !local.resize.is_settled() && steady_clock::now() >= local.retry_resize;
}

controller::RequeueAfter PodKeeper::resize_due(const Local& local) {
  if (local.resize.is_settled() || !local.restarting.empty()) return {};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(local.retry_resize -
                                                                          steady_clock::now());
  return controller::RequeueAfter{std::max(left, std::chrono::milliseconds(0)) +
                                  std::chrono::milliseconds(1)};
}

void PodKeeper::account(const Json& pod, const LocalPtr& local) {
  ledger_.take_anyway(local->uid, held_amounts(pod, local->resize));
  if (local->resize.is_deferred()) {
    ledger_.defer(local->uid, local->key, deferred_rank(pod, local->resize), pod_requests(pod));
  } else {
    ledger_.stop_deferring(local->uid);
  }
}

ResizeState::Change PodKeeper::grant(const Json& pod, const LocalPtr& local) {
  using Change = ResizeState::Change;
  local->room_made = false;
  const auto room = [&](const PodSize&) { return ledger_.room_for(local->uid, pod_requests(pod)); };
  const bool waited = local->resize.is_deferred();
  const Change change = local->resize.consider(wanted_size(pod), resources::generation_of(pod),
                                               room, world_.clock.now());
  local->considered = resources::generation_of(pod);
  account(pod, local);
  if (change == Change::kConditions && local->resize.is_pending()) {
    const char* reason = local->resize.is_deferred() ? "ResizeDeferred" : "ResizeInfeasible";
    world_.recorder.record(pod, controller::EventType::kWarning, reason,
                           local->resize.pending_message());
  }
  if (change != Change::kNone && (waited || change == Change::kConditions)) wake_waiting();
  return change;
}

Task<Result<bool>> PodKeeper::resize(PodPtr pod, LocalPtr local, PodReport report) {
  bool news = local->considered != resources::generation_of(*pod);
  const ResizeState::Change change = grant(*pod, local);
  news = news || change != ResizeState::Change::kNone;
  if (change == ResizeState::Change::kAllocated) {
    local->retry_resize = {};
    auto keep = [folder = local->folder, allocated = local->resize.allocated()] {
      return keep_allocation(folder, allocated);
    };
    auto kept = co_await run_on(world_.files, std::move(keep));
    if (!kept) co_return fail(kept.error());
  }
  if (local->resize.is_settled()) {
    // Taken back to what is in force before that was reached: there is nothing left to do.
    const bool clean = local->restarting.empty() && change != ResizeState::Change::kAllocated;
    if (clean) co_return news;
  }
  if (steady_clock::now() < local->retry_resize) co_return news;
  auto done = co_await bring_into_force(pod, local, std::move(report));
  if (!done) co_return fail(done.error());
  co_return news || *done;
}

Task<Result<bool>> PodKeeper::bring_into_force(PodPtr pod, LocalPtr local, PodReport report) {
  const std::vector<std::string> names = local->resize.needing_restart(*pod);
  const bool some_run = std::ranges::any_of(report.containers, [&](const ContainerReport& each) {
    return each.state == ContainerReport::State::kRunning &&
           std::ranges::find(names, each.name) != names.end();
  });
  if (some_run && !local->restarting.empty()) co_return false;  // they are still ending
  if (some_run) co_return co_await restart_for_resize(pod, local, std::move(report), names);

  Actuation actuation{*pod,   local->folder, local->resize.actual(), local->resize.allocated(),
                      report, names,         world_.cgroups};
  auto actuate_it = [actuation = std::move(actuation)] { return actuate(actuation); };
  auto done = co_await run_on(world_.files, std::move(actuate_it));
  if (!done) {
    local->retry_resize = steady_clock::now() + config_.retry_resize;
    const bool news = local->resize.failed(done.error().message);
    if (news)
      world_.recorder.record(*pod, controller::EventType::kWarning, "ResizeError",
                             done.error().message);
    co_return news;
  }
  local->restarting.clear();
  if (done->ordered && local->pidfd) send_orders(local->pidfd->native_handle());
  if (local->resize.is_in_progress()) {
    const StatusFacts facts{world_.clock.now(), local->started};
    auto written =
        co_await write_status(pod, status_from_report(*pod, facts, report, local->resize));
    if (!written) co_return fail(written.error());
  }
  if (local->resize.actuated())
    world_.recorder.record(*pod, controller::EventType::kNormal, "ResizeCompleted",
                           completed_message(with_size(*pod, local->resize.actual())));
  account(*pod, local);
  wake_waiting();
  co_return true;
}

Task<Result<bool>> PodKeeper::restart_for_resize(PodPtr pod, LocalPtr local, PodReport report,
                                                 std::vector<std::string> names) {
  auto hold = [folder = local->folder, report = std::move(report), names] {
    return hold_containers(folder, report, names);
  };
  auto held = co_await run_on(world_.files, std::move(hold));
  if (!held) co_return fail(held.error());
  local->restarting = std::move(names);
  if (local->pidfd) send_orders(local->pidfd->native_handle());
  for (const std::string& name : local->restarting)
    world_.recorder.record(*pod, controller::EventType::kNormal, "Killing",
                           "Container " + name + " resize requires restart");
  co_return true;
}

Task<> PodKeeper::recover_size(PodPtr pod, LocalPtr local) {
  auto read = [folder = local->folder, otherwise = size_in_force(*pod, wanted_size(*pod))] {
    return kept_allocation(folder, otherwise);
  };
  PodSize allocated = co_await run_on(world_.files, std::move(read));
  local->resize = ResizeState::recover(*pod, std::move(allocated), world_.clock.now());
  if (world_.cgroups != nullptr) {
    auto look = [pod, cgroups = world_.cgroups, believed = local->resize.actual()] {
      return size_the_kernel_has(*pod, *cgroups, believed);
    };
    local->resize.found_in_force(co_await run_on(world_.files, std::move(look)));
  }
  account(*pod, local);
}

}  // namespace mizan::pods
