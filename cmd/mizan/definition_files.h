// --crd-dir: further kinds from CustomResourceDefinitions in files.
#pragma once

#include <filesystem>
#include <vector>

#include "resources/admission.h"
#include "resources/definition.h"

namespace mizan::cmd {

/// Adds what the .yaml, .yml and .json files in `dirs` define, in the order of their names; other
/// documents in them are passed over. A definition of a kind that ships with mizan takes its place,
/// and what mizan itself would check of it is not checked any more. Errors: kInvalid naming the
/// file.
Result<> add_definition_files(const std::vector<std::filesystem::path>& dirs,
                              resources::ResourceTable& table,
                              resources::AdmissionTable& admission);

}  // namespace mizan::cmd
