// One running pod from look to look: when it has to grow, when it may shrink, what to do when the
// node has no room. Pure: time and readings come in, a decision goes out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "pods/tuner/cpu_track.h"
#include "pods/tuner/memory_model.h"
#include "pods/tuner/sizing_policy.h"

namespace mizan::pods {

/// What is seen of a pod's container at one time.
struct PodLook {
  using Time = std::chrono::steady_clock::time_point;
  enum class Resize { kSettled, kInProgress, kDeferred, kInfeasible, kRefused };

  Time at;
  std::chrono::milliseconds age{0};  // since the container started
  TrialSize in_force, wished;        // by its status, by its spec
  Resize resize = Resize::kSettled;
  std::string message;    // of the condition that tells of it
  std::int64_t used = 0;  // bytes that can't be dropped
  CpuCounters cpu;
  /// What its trial is expected to need, as far as that is known.
  std::optional<NeedPrediction> memory_need, cpu_need;
};

struct PodStep {
  enum class Action { kNone, kResize, kTakeBack, kRecreate };
  enum class News { kNone, kResized, kDeferred, kInfeasible };
  Action action = Action::kNone;
  TrialSize size;   // kResize, kRecreate; 0: as it is
  std::string why;  // of the action, a sentence without its end
  News news = News::kNone;
};

/// Bytes a second by which a container's use grows, never below 0: since the last look, and the
/// lesser of that and the look before, which a single burst leaves at 0.
struct MemoryPace {
  double last = 0, steady = 0;
};

/// The CPU limit while a trial starts, and what it falls back to, in thousandths of a core.
struct StartupBoost {
  std::int64_t to = 0, from = 0;  // 0: there is none
};

class PodWatch {
 public:
  explicit PodWatch(StartupBoost boost = {}) : boost_(boost) {}

  PodStep look(const PodLook& look, const SizingPolicy& policy);

  /// The pod goes on to its next trial: what was seen of this one is forgotten.
  void begin_anew();

  const CpuTrack& cpu() const { return cpu_; }
  std::int64_t peak_memory() const { return peak_; }  // bytes, of the looks
  int resizes() const { return resizes_; }
  /// A resize that was asked for and not seen in force; what it asks for.
  const std::optional<TrialSize>& asked() const { return asked_; }
  /// Seen in force after the last look, at the pod's end.
  void count_resize() {
    ++resizes_;
    asked_.reset();
  }

 private:
  using Time = PodLook::Time;
  struct Before {
    Time at;
    std::int64_t used = 0;
  };
  PodStep follow_wish(const PodLook& look, const SizingPolicy& policy);
  std::optional<PodStep> next_wish(const PodLook& look, const MemoryPace& pace,
                                   const std::optional<CpuWindow>& window,
                                   const SizingPolicy& policy);
  std::optional<PodStep> more_memory(const PodLook& look, const MemoryPace& pace,
                                     const SizingPolicy& policy) const;
  std::optional<PodStep> less_memory(const PodLook& look, const SizingPolicy& policy) const;
  std::optional<PodStep> other_cpu(const PodLook& look, const std::optional<CpuWindow>& window,
                                   const SizingPolicy& policy);
  void ask(const PodLook& look, const PodStep& step);
  bool is_boosted(const PodLook& look) const;
  static bool is_as_predicted(const PodLook& look, const MemoryPace& pace);
  MemoryPace pace_at(const PodLook& look);
  bool may_shrink(const PodLook& look) const;

  StartupBoost boost_;
  CpuTrack cpu_;
  std::optional<Before> before_;
  MemoryPace pace_;
  Time last_change_, waits_since_;
  TrialSize out_of_reach_;  // no node has so much, or had it in time
  Time reach_again_;        // when that may be tried once more
  std::int64_t peak_ = 0;
  int resizes_ = 0, held_back_ = 0;  // windows in a row that were throttled
  std::optional<TrialSize> asked_;
  PodLook::Resize told_ = PodLook::Resize::kSettled;  // what an event said of the present wish
  bool has_grown_ = false, shrink_refused_ = false;
};

/// A running container uses `used` bytes of `limit`: what its limit has to become now, if anything.
/// nullopt: it has room.
std::optional<std::int64_t> grown(std::int64_t used, const MemoryPace& pace, std::int64_t limit,
                                  const SizingPolicy& policy);

}  // namespace mizan::pods
