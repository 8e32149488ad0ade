// Every draw of an Experiment once more, from what its Trials record of it: draw index, what was
// pending, and a digest of all that it depended on.
//
// A draw is a pure function of that, so the same point must come out. Where it doesn't, something
// was changed since: a result, a setting, the algorithm itself.
#pragma once

#include <string>
#include <vector>

#include "suggestion/draw_setup.h"

namespace mizan::suggestion {

enum class Replayed {
  kSame,       // the same point
  kDifferent,  // from the same knowledge another point: the algorithm isn't what it was
  kChanged,    // what it knew then can't be had any more: a result was edited, a trial deleted
  kUnknown,    // the trial has no record of a draw
};

struct ReplayedDraw {
  std::uint64_t draw = 0;
  std::string trial;
  Replayed outcome = Replayed::kUnknown;
  std::vector<resources::Assignment> recorded, now;  // now: empty when it wasn't drawn
};

/// By draw. Pure, and takes as long as all the draws took. Errors: those of set_up_draws.
Result<std::vector<ReplayedDraw>> replay(
    const resources::Experiment& experiment,
    const std::vector<std::shared_ptr<const resources::Trial>>& trials, const TrialsOf& trials_of,
    const ObjectiveOf& objective_of);

/// The numbers of "17-20,23"; nothing when the text is none such.
std::vector<std::uint64_t> numbers_of_ranges(std::string_view text);

}  // namespace mizan::suggestion
