// deploy/crds/*.yaml and resources/builtin/*.yaml as the build put them into the binary.
//
// resources/embed_definitions.cc writes the other half: YAML is read once, at build time, so that a
// start costs a JSON parse only.
#pragma once

#include <string>
#include <vector>

namespace mizan::resources {

/// Each a CustomResourceDefinition in JSON.
std::vector<std::string> definition_files();

}  // namespace mizan::resources
