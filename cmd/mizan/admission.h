// The table of admission, filled from every room that has a say.
#pragma once

#include "resources/admission.h"
#include "resources/definition.h"

namespace mizan::cmd {

resources::AdmissionTable admission_for(const resources::ResourceTable& table);

}  // namespace mizan::cmd
