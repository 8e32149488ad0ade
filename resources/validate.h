// What must hold across an Experiment's fields for it to run.
//
// Refused is what can never run; what runs but is odd is taken with a warning. Everything is said
// at once, each at its field path. The schema has said before what is wrong with single fields;
// mistyped ones count as absent here.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/json.h"
#include "resources/admission.h"
#include "resources/definition.h"
#include "resources/experiment.h"

namespace mizan::resources {

/// What validation needs to know of the world. Every function may be empty: then that question
/// isn't asked. They are called on the thread that validates, must not block, and are not kept
/// beyond the call's object.
struct ValidationContext {
  /// Whether this server can run a trial as an object of that kind.
  std::function<bool(const std::string& api_version, const std::string& kind)> can_run;
  /// The definition of a kind, to check a template's fields; nullptr when unknown.
  std::function<const ResourceDefinition*(const std::string& api_version, const std::string& kind)>
      definition;
  /// Whether pods may mount directories of this host; absent: it isn't known here.
  std::optional<bool> host_paths = {};
  /// The text under a key of a ConfigMap.
  std::function<std::optional<std::string>(const ConfigMapSource& source)> config_map_text;
  /// What algorithms say about names and settings (suggestion/admission.h). Where the parameters,
  /// the initial trials or the objective are wrong, its errors about other fields than
  /// spec.algorithm and spec.earlyStopping are left out: they would say the same again.
  std::function<Admission::Verdict(const Experiment& experiment)> check_algorithm;
};

/// can_run and definition from a table: Jobs and Pods, and every kind whose
/// CustomResourceDefinition was applied. The table must outlive the context.
ValidationContext context_for(const ResourceTable& table);

/// `old` is the stored object on update, null on create. An update that leaves the spec alone is
/// always right, so that status, labels and finalizers of any stored object can be written. Pure.
/// Expects defaults to be filled in.
Admission::Verdict validate_experiment(const Json& experiment, const Json* old,
                                       const ValidationContext& context);

/// The row of the admission table for Experiments: default_experiment and validate_experiment.
Admission experiment_admission(ValidationContext context);

}  // namespace mizan::resources
