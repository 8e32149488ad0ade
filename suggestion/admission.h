// What algorithms have to say about an Experiment before it is stored.
#pragma once

#include "resources/admission.h"
#include "resources/experiment.h"

namespace mizan::suggestion {

/// Unknown algorithms and settings (with what exists and the nearest name), settings out of range,
/// spaces that an algorithm can't search, initial trials outside the space; warnings for what runs
/// but is odd. Pure. It also reports parameters that form no space, so a caller that validates
/// those itself should ask only when it found no fault in spec.parameters.
resources::Admission::Verdict check_algorithm(const resources::Experiment& experiment);

}  // namespace mizan::suggestion
