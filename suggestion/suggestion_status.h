// A Suggestion's status as the controller writes it: conditions in Katib's order and words, and the
// bounded list of draws. Pure; the reconciler does the I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/time.h"
#include "resources/experiment.h"
#include "resources/suggestion.h"
#include "suggestion/draw.h"

namespace mizan::suggestion {

/// Of draws that are Trials already, so many of the newest stay in the list.
inline constexpr std::size_t kKeptDraws = 10;

/// Where the list of draws may not grow beyond (an object must stay under 1 MiB).
inline constexpr std::size_t kMaxListBytes = 640 * 1024;

/// How many draws may be added now so that those without a Trial stay within the object's size and
/// 1,000. Deleted Trials' draws don't count.
std::size_t room_for_draws(const resources::Suggestion& suggestion,
                           const algorithms::SearchSpace& space,
                           const std::function<bool(const std::string&)>& is_settled);

/// The status fields to merge in after a draw. `is_settled`: the draw of that name is a Trial
/// already, or was one; `is_gone`: its Trial was deleted.
Json status_after_draw(const resources::Suggestion& suggestion, const Drawn& drawn,
                       const std::vector<resources::NamedSetting>& settings,
                       const std::function<bool(const std::string&)>& is_settled,
                       const std::function<bool(const std::string&)>& is_gone, Time now);

/// Created, DeploymentReady and Running; null when they hold already. Also takes a succeeded
/// Suggestion up again.
Json status_running(const resources::Suggestion& suggestion, Time now);

/// Failed, with Katib's reason; null when it is so already.
Json status_failed(const resources::Suggestion& suggestion, const std::string& message, Time now);

/// The end of the Experiment: Succeeded as its resumePolicy says; null when there is nothing to
/// change.
Json status_ended(const resources::Suggestion& suggestion, resources::ResumePolicy policy,
                  Time now);

}  // namespace mizan::suggestion
