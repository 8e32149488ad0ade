// What Kubernetes itself does for its built-in kinds, beyond their schemas: the phase of a new pod
// or namespace, the selector of a job, the grace of a pod, the finalizers of a namespace, the parts
// that subresources may write.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "resources/definition.h"
#include "store/object_store.h"

namespace mizan::store {

bool is_core(const resources::ResourceDefinition& definition, std::string_view plural);

/// Sets what a new object of a built-in kind begins with. The object has its name and uid.
void start_builtin(const resources::ResourceDefinition& definition, Json& object);

/// What a built-in kind refuses beyond its schema, at creation (`current` null) or at an update of
/// the main resource: amounts of pods and of jobs' templates, fields of a pod that can't change.
std::vector<FieldError> check_builtin(const resources::ResourceDefinition& definition,
                                      const Json& object, const Json* current);

/// Seconds that a delete leaves the object: for pods that run, what was asked for or the pod's own;
/// else 0.
struct Grace {
  std::int64_t seconds = 0;
  bool asked = false;  // explicitly, or because nothing runs: may shorten a grace that is running
};
Grace grace_of(const resources::ResourceDefinition& definition, const Json& object,
               const RemoveOptions& options);

/// A namespace whose spec.finalizers are not empty.
bool has_spec_finalizers(const resources::ResourceDefinition& definition, const Json& object);

/// `current` with what the subresource may write taken from `wanted`: "status", "finalize",
/// "resize", "scale", and "binding" of pods (spec.nodeName together with status). Errors: kNotFound
/// when the kind has no such subresource; kInvalid for what a resize may not change.
Result<Json> with_subresource(const resources::ResourceDefinition& definition, const Json& current,
                              std::string_view subresource, const Json& wanted);

}  // namespace mizan::store
