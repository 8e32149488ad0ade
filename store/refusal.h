// What a Kubernetes API server says when it refuses, word for word: clients and people know these
// sentences.
//
// Names are those of the API: `experiments.kubeflow.org` for the resource,
// `Experiment.kubeflow.org` for the kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "resources/definition.h"
#include "store/backend.h"

namespace mizan::store {

using resources::ResourceDefinition;

std::string qualified_resource(const resources::ResourceId& id);
std::string qualified_kind(const ResourceDefinition& definition);

Error no_such_resource();
Error no_such_object(const resources::ResourceId& id, std::string_view name);
Error exists_already(const resources::ResourceId& id, std::string_view name);
/// A stale resourceVersion.
Error was_modified(const resources::ResourceId& id, std::string_view name);
/// Another conflict with what is stored; `why` ends the sentence.
Error cannot_fulfil(std::string_view what, std::string_view name, std::string_view why);
/// 422 with every field: `Experiment.kubeflow.org "a" is invalid: [path: message, path: message]`.
Error invalid_object(std::string_view what, std::string_view name, std::vector<FieldError> fields);
/// 400: `Experiment in version "v1beta1" cannot be handled as a Experiment: WHY`.
Error undecodable(const ResourceDefinition& definition, std::string_view why);
Error namespace_missing(std::string_view ns);
Error namespace_terminating(const resources::ResourceId& id, std::string_view name,
                            std::string_view ns);
Error json_patch_failed();
Error unsupported_patch(bool builtin);
Error too_large();

}  // namespace mizan::store
