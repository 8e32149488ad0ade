// What Kubernetes does to its own kinds on their way in, beyond their schemas: defaults of Jobs,
// texts of Secrets, the content of CustomResourceDefinitions.
#pragma once

#include "resources/admission.h"

namespace mizan::resources {

void add_builtin_admission(AdmissionTable& table);

}  // namespace mizan::resources
