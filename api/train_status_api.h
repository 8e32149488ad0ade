// Trainings that tell how far they are: POST …/trainjobs/NAME/status of
// trainer.kubeflow.org/v1alpha1, in the form of Kubeflow Trainer's status server.
//
// What is told becomes status.trainerStatus of the TrainJob; when the TrainJob runs a Trial,
// metrics that its experiment asks for are measurements of that Trial, too.
#pragma once

#include "api/auth.h"
#include "api/router.h"
#include "api/server.h"

namespace mizan::api {

/// Thread: io.
class TrainStatusApi {
 public:
  explicit TrainStatusApi(const Services& services) : services_(services) {}

  static bool is_meant(const ResourceRequest& wanted);
  /// 200 with what was told. Errors: kForbidden, kNotFound; kInvalid at the field that is wrong.
  Task<Result<Response>> handle(ResourceRequest wanted, std::string body, User user);

 private:
  Task<Result<>> measure(Json train_job, Json told);

  Services services_;
};

}  // namespace mizan::api
