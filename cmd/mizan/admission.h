// The table of admission, filled from every room that has a say.
#pragma once

#include <optional>

#include "resources/admission.h"
#include "resources/definition.h"

namespace mizan::cmd {

/// `host_paths`: whether pods may mount directories of this host; absent: others run them.
resources::AdmissionTable admission_for(const resources::ResourceTable& table,
                                        std::optional<bool> host_paths = std::nullopt);

}  // namespace mizan::cmd
