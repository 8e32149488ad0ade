// The rules of a running pod: growth first, then the boost's end, then giving back.
#include "pods/tuner/pod_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pods/tuner/readable.h"

namespace mizan::pods {
namespace {

using std::chrono::seconds;

constexpr double kFull = 0.85;       // a container this full grows
constexpr double kSoon = 0.5;        // seconds, two looks: or one that will be full so soon,
constexpr double kLookAhead = 2.0;   // or so soon when it grows steadily: a resize may have to wait
constexpr double kShortest = 0.1;    // seconds between two looks that tell a pace
constexpr double kGrowth = 1.3;      // of what is used
constexpr double kMostAtOnce = 1.5;  // of the limit: it is looked at again soon
constexpr double kNearly = 0.97;     // of the prediction: a limit that is meant to be it

constexpr seconds kPace{10};             // between two shrinks, and before the first
constexpr std::size_t kPredictable = 8;  // finished trials before a prediction takes memory away
constexpr double kFarBelow = 0.75;       // of the limit: what is left must be worth the resize
constexpr double kHeadRoom = 1.3;        // above what was used at most

constexpr double kThrottled = 0.25;  // share of periods from which on a pod is held back
constexpr int kInARow = 2;           // windows
constexpr double kCpuGrowth = 1.5;
constexpr std::size_t kQuietWindows = 20;  // 10 s
constexpr double kIdle = 0.5;              // of the limit: less is used

std::int64_t scaled(std::int64_t amount, double factor) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(amount) * factor));
}

}  // namespace

std::optional<std::int64_t> grown(std::int64_t used, const MemoryPace& pace, std::int64_t limit,
                                  const SizingPolicy& policy) {
  if (limit <= 0 || policy.requests_only) return std::nullopt;
  const double soon =
      static_cast<double>(used) + std::max(pace.last * kSoon, pace.steady * kLookAhead);
  if (static_cast<double>(used) < kFull * static_cast<double>(limit) &&
      soon < static_cast<double>(limit))
    return std::nullopt;
  const double most = static_cast<double>(limit) * kMostAtOnce;
  const double wanted = std::max({static_cast<double>(used) * kGrowth, std::min(soon * 1.1, most),
                                  static_cast<double>(limit) * 1.2});
  const std::int64_t bytes = bounded_memory(wanted, policy);
  return bytes > limit ? std::optional(bytes) : std::nullopt;
}

MemoryPace PodWatch::pace_at(const PodLook& look) {
  if (before_) {
    const double seconds = std::chrono::duration<double>(look.at - before_->at).count();
    // An event may bring a look at once after another: too soon to tell a pace.
    if (seconds < kShortest) return pace_;
    const double slope = std::max(static_cast<double>(look.used - before_->used) / seconds, 0.0);
    pace_ = {slope, std::min(slope, pace_.last)};
  }
  before_ = Before{look.at, look.used};
  return pace_;
}

PodStep PodWatch::look(const PodLook& look, const SizingPolicy& policy) {
  if (!before_) last_change_ = look.at;
  const std::optional<CpuWindow> window = cpu_.add(look.at, look.cpu, !is_boosted(look));
  if (window) held_back_ = window->throttled > kThrottled ? held_back_ + 1 : 0;
  peak_ = std::max(peak_, look.used);
  const MemoryPace pace = pace_at(look);

  if (policy.mode != SizingMode::kInPlace) return {};  // only measured
  PodStep step = follow_wish(look, policy);
  if (step.action != PodStep::Action::kNone) return step;
  if (auto next = next_wish(look, pace, window, policy)) {
    ask(look, *next);
    next->news = step.news;
    return *std::move(next);
  }
  return step;
}

bool PodWatch::is_boosted(const PodLook& look) const {
  return boost_.from > 0 && look.wished.cpu == boost_.to;
}

std::optional<PodStep> PodWatch::next_wish(const PodLook& look, const MemoryPace& pace,
                                           const std::optional<CpuWindow>& window,
                                           const SizingPolicy& policy) {
  using Resize = PodLook::Resize;
  if (look.resize != Resize::kSettled && look.resize != Resize::kInProgress) return std::nullopt;
  if (policy.memory) {
    if (auto step = more_memory(look, pace, policy)) {
      has_grown_ = true;
      return step;
    }
  }
  if (asked_ || look.resize != Resize::kSettled) return std::nullopt;
  if (is_boosted(look)) {
    if (look.age < seconds(policy.boost_seconds)) return std::nullopt;
    PodStep back;
    back.action = PodStep::Action::kResize;
    back.size.cpu = boost_.from;
    back.why = fmt::format("CPU of its pod goes back to {}: the startup boost is over",
                           readable_cpu(boost_.from));
    boost_ = {};
    return back;
  }
  if (policy.requests_only) return std::nullopt;
  if (policy.cpu) {
    if (auto step = other_cpu(look, window, policy)) return step;
  }
  return policy.memory ? less_memory(look, policy) : std::nullopt;
}

void PodWatch::ask(const PodLook& look, const PodStep& step) {
  asked_ = step.size;
  last_change_ = look.at;
  waits_since_ = {};
  told_ = PodLook::Resize::kSettled;
  held_back_ = 0;
  if (step.size.cpu > 0) cpu_.forget_recent();
}

/// What became of the last wish.
PodStep PodWatch::follow_wish(const PodLook& look, const SizingPolicy& policy) {
  using Resize = PodLook::Resize;
  PodStep step;
  if (look.resize == Resize::kSettled && asked_) {
    const bool there = look.in_force == look.wished &&
                       (asked_->memory == 0 || asked_->memory == look.in_force.memory) &&
                       (asked_->cpu == 0 || asked_->cpu == look.in_force.cpu);
    if (!there) {
      // Its spec or status isn't seen yet; or somebody else had another idea.
      if (look.at - last_change_ >= kPace) asked_.reset();
      return step;
    }
    count_resize();
    waits_since_ = {};
    last_change_ = look.at;
    step.news = PodStep::News::kResized;
    return step;
  }
  if (look.resize == Resize::kSettled || look.resize == Resize::kInProgress) {
    waits_since_ = {};
    return step;
  }
  if (look.resize == Resize::kRefused) {
    // A shrink came too late: the memory is in use. The pod keeps what it has.
    shrink_refused_ = true;
    asked_.reset();
    step.action = PodStep::Action::kTakeBack;
    step.why = fmt::format("Its pod keeps its present size: {}", look.message);
    return step;
  }
  const bool infeasible = look.resize == Resize::kInfeasible;
  if (told_ != look.resize) {
    told_ = look.resize;
    step.news = infeasible ? PodStep::News::kInfeasible : PodStep::News::kDeferred;
  }
  if (waits_since_ == Time{}) waits_since_ = look.at;
  if (!infeasible && look.at - waits_since_ < seconds(policy.deferred_seconds)) return step;
  waits_since_ = {};
  asked_.reset();
  last_change_ = look.at;
  out_of_reach_ = {look.wished.memory > look.in_force.memory ? look.wished.memory : 0,
                   look.wished.cpu > look.in_force.cpu ? look.wished.cpu : 0};
  reach_again_ = infeasible ? Time::max() : look.at + kPace;
  const char* const reason =
      infeasible ? "no node has so much" : "the node had no room for it in time";
  if (policy.recreate && look.wished.memory > look.in_force.memory) {
    step.action = PodStep::Action::kRecreate;
    step.size.memory = look.wished.memory;
    step.why = fmt::format("Its pod is made anew with {} of memory: in place {}",
                           readable_bytes(look.wished.memory), reason);
    return step;
  }
  step.action = PodStep::Action::kTakeBack;
  step.why = fmt::format("The trial goes on at its present size: {}", reason);
  return step;
}

/// It has what it was predicted to need: being nearly full is what was expected, and its pace says
/// less than the prediction. Only one that is past the middle of it and goes on gets more. A warm
/// worker's pod has room for what the worker holds besides: what counts is the room that is left.
bool PodWatch::is_as_predicted(const PodLook& look, const MemoryPace& pace) {
  if (!look.memory_need || look.memory_need->evidence < kPredictable) return false;
  const NeedPrediction& need = *look.memory_need;
  const auto used = static_cast<double>(look.used),
             limit = static_cast<double>(look.in_force.memory);
  return limit >= kNearly * need.upper &&
         (limit - used >= need.upper - need.expected || used + pace.last * kSoon < limit);
}

std::optional<PodStep> PodWatch::more_memory(const PodLook& look, const MemoryPace& pace,
                                             const SizingPolicy& policy) const {
  if (is_as_predicted(look, pace)) return std::nullopt;
  const auto bytes = grown(look.used, pace, look.in_force.memory, policy);
  const std::int64_t on_the_way = std::max(asked_ ? asked_->memory : 0, look.wished.memory);
  if (!bytes || *bytes <= on_the_way) return std::nullopt;
  if (out_of_reach_.memory > 0 && *bytes >= out_of_reach_.memory && look.at < reach_again_)
    return std::nullopt;
  PodStep step;
  step.action = PodStep::Action::kResize;
  step.size.memory = *bytes;
  step.why =
      fmt::format("Memory of its pod is raised to {}: {} of {} are in use", readable_bytes(*bytes),
                  readable_bytes(look.used), readable_bytes(look.in_force.memory));
  return step;
}

bool PodWatch::may_shrink(const PodLook& look) const {
  return look.age >= kPace && look.at - last_change_ >= kPace;
}

std::optional<PodStep> PodWatch::less_memory(const PodLook& look,
                                             const SizingPolicy& policy) const {
  // One that had to grow is not as predicted.
  if (has_grown_ || shrink_refused_ || look.in_force.memory <= 0 || !may_shrink(look))
    return std::nullopt;
  if (!look.memory_need || look.memory_need->evidence < kPredictable) return std::nullopt;
  const double floor = std::max(look.memory_need->upper, static_cast<double>(peak_) * kHeadRoom);
  const std::int64_t bytes = bounded_memory(floor, policy);
  if (bytes > scaled(look.in_force.memory, kFarBelow)) return std::nullopt;
  PodStep step;
  step.action = PodStep::Action::kResize;
  step.size.memory = bytes;
  step.why = fmt::format("Memory of its pod is lowered to {}: it used at most {} of {}",
                         readable_bytes(bytes), readable_bytes(peak_),
                         readable_bytes(look.in_force.memory));
  return step;
}

std::optional<PodStep> PodWatch::other_cpu(const PodLook& look,
                                           const std::optional<CpuWindow>& window,
                                           const SizingPolicy& policy) {
  if (look.in_force.cpu <= 0 || !window) return std::nullopt;
  PodStep step;
  step.action = PodStep::Action::kResize;
  if (held_back_ >= kInARow) {
    step.size.cpu = bounded_cpu(static_cast<double>(look.in_force.cpu) * kCpuGrowth, policy);
    if (step.size.cpu <= look.in_force.cpu) return std::nullopt;
    if (out_of_reach_.cpu > 0 && step.size.cpu >= out_of_reach_.cpu && look.at < reach_again_)
      return std::nullopt;
    step.why =
        fmt::format("CPU of its pod is raised to {}: it was throttled in {:.0f}% of the time",
                    readable_cpu(step.size.cpu), 100 * window->throttled);
    return step;
  }
  const auto quiet = cpu_.quiet_peak(kQuietWindows);
  if (!quiet || *quiet > kIdle * static_cast<double>(look.in_force.cpu) || !may_shrink(look))
    return std::nullopt;
  const double need = look.cpu_need ? look.cpu_need->upper : 0;
  step.size.cpu = bounded_cpu(std::max(*quiet * kHeadRoom, need), policy);
  if (step.size.cpu > scaled(look.in_force.cpu, kFarBelow)) return std::nullopt;
  step.why = fmt::format(
      "CPU of its pod is lowered to {}: it used at most {} of {}", readable_cpu(step.size.cpu),
      readable_cpu(static_cast<std::int64_t>(*quiet)), readable_cpu(look.in_force.cpu));
  return step;
}

void PodWatch::begin_anew() {
  CpuTrack cpu = std::move(cpu_);
  cpu.begin_anew();
  *this = PodWatch();
  cpu_ = std::move(cpu);
}

}  // namespace mizan::pods
