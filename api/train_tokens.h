// Tokens of trainings: each is good for telling the status of one TrainJob, and for nothing else.
//
// A token is a signed statement (namespace, name, uid), so none is stored but in the Secret that
// its pods mount, and the same secret takes tokens of an earlier run back.
#pragma once

#include <string>
#include <string_view>

#include "api/auth.h"

namespace mizan::api {

/// Thread: io.
class TrainTokens final : public Authenticator {
 public:
  /// `others` knows all other tokens and outlives this.
  TrainTokens(std::string secret, const Authenticator& others);

  std::string issue(std::string_view ns, std::string_view name, std::string_view uid) const;
  /// Of a training: a user without a role, whose `train_job` is "NAMESPACE/NAME/UID".
  std::optional<User> authenticate(std::string_view token) const override;

 private:
  std::string sign(std::string_view statement) const;

  std::string secret_;
  const Authenticator& others_;
};

}  // namespace mizan::api
