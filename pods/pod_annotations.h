// Annotations by which the tuner, warm pools and the node tell each other of a Pod.
#pragma once

namespace mizan::pods {

/// On pods that the tuner looks after; its value is a SizedNote as JSON (tuner/sized_note.h).
inline constexpr const char* kSizedAnnotation = "mizan.kubeflow.org/sized-by-tuner";
/// On pods whose anonymous memory the node shall sample.
inline constexpr const char* kSampleAnnotation = "mizan.kubeflow.org/sample-memory";
/// On a pod that is about to be replaced by a larger one: no failure of its Job.
inline constexpr const char* kReplacedAnnotation = "mizan.kubeflow.org/replaced";

}  // namespace mizan::pods
