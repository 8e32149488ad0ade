// What to do about the warm pods of one experiment: which Jobs have ended, which pod runs which
// trial next, at which size, and which pods come and go. A pure function of the objects and the
// time.
//
// Nothing is remembered between two plans: leases and results stand on the Pods, failed attempts on
// the Jobs. A server that is killed and started again goes on where it was.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "pods/job/job_plan.h"
#include "pods/warm/warm_pod.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::pods {

struct PoolTiming {
  JobTiming job;
  std::chrono::seconds silence{90};        // a runner that says nothing for so long hangs
  std::chrono::seconds stop_patience{30};  // beyond its grace, until it says that it has stopped
  std::size_t keep_ended = 10;             // pods that have ended, for their logs
};

/// What the tuner says of the next trial on a pod.
struct WantedSize {
  Json resources;    // of the primary container; null: as the template says
  std::string note;  // kSizedAnnotation of the pod; empty: none
};

struct PoolView {
  using Object = std::shared_ptr<const Json>;
  using TrialPtr = std::shared_ptr<const resources::Trial>;

  const resources::Experiment& experiment;
  ObjectList jobs;  // the experiment's warm Jobs that have not finished
  ObjectList pods;  // those of its pool
  std::function<Object(const std::string& name)> job;  // finished ones too; null: none
  std::function<TrialPtr(const std::string& name)> trial;
  std::function<int(const Json& job)> oom_retries;
  /// false: no size would do, and the trial is being ended.
  std::function<bool(const Json& job)> admits;
  /// `pod`: what it would be for that Job.
  std::function<WantedSize(const Json& job, std::int64_t attempt, const Json& pod)> size;
  /// How long the runner of a pod has said nothing, as far as this server knows.
  std::function<std::chrono::seconds(const std::string& pod_uid)> silent_for;
  WarmPodFacts facts;
  PoolTiming timing;
  Time now{};
};

struct PoolPlan {
  struct JobWrite {
    PoolView::Object job;
    std::string attempts;  // the annotation; empty: as it is
    Json status;           // null: as it is
  };
  struct TrialWrite {
    PoolView::TrialPtr trial;
    Json resources;  // status.resources
  };
  struct PodWrite {
    PoolView::Object pod;
    Json metadata;  // a merge patch
  };
  struct Resize {
    PoolView::Object pod;
    std::string container;
    Json resources;
  };
  struct Event {
    Json about;  // apiVersion, kind, metadata of the object
    bool warning = false;
    std::string reason, message;
  };
  // Applied in this order; each may be repeated.
  std::vector<TrialWrite> trials;
  std::vector<JobWrite> jobs;
  std::vector<Resize> resizes;
  std::vector<PodWrite> pods;
  std::vector<Json> create;
  std::vector<PoolView::Object> remove;
  std::vector<Event> events;
  std::optional<std::chrono::milliseconds> look_again;

  void again_in(std::chrono::milliseconds time) {
    if (!look_again || *look_again > time) look_again = time;
  }
};

/// Thread: any.
PoolPlan plan_pool(const PoolView& view);

}  // namespace mizan::pods
