// Kind by kind.
#include "cmd/mizan/admission.h"

#include "resources/builtin_admission.h"
#include "resources/validate.h"
#include "resources/validate_training.h"
#include "suggestion/admission.h"

namespace mizan::cmd {

resources::AdmissionTable admission_for(const resources::ResourceTable& table,
                                        std::optional<bool> host_paths) {
  resources::ValidationContext context = resources::context_for(table);
  context.host_paths = host_paths;
  context.check_algorithm = suggestion::check_algorithm;
  resources::AdmissionTable admission;
  admission[{"kubeflow.org/v1beta1", "Experiment"}] =
      resources::experiment_admission(std::move(context));
  resources::add_builtin_admission(admission);
  resources::add_training_admission(admission);
  return admission;
}

}  // namespace mizan::cmd
