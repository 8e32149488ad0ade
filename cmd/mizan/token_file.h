// --token-file: who else may use the server, beside the two tokens that it makes itself.
//
// A line for each: TOKEN,NAME,ROLE or TOKEN,NAME,ROLE,NAMESPACE; empty lines and those that begin
// with # are passed over. Roles are viewer, editor, admin.
#pragma once

#include <string_view>
#include <vector>

#include "api/auth.h"
#include "core/result.h"

namespace mizan::cmd {

struct KnownToken {
  std::string token;
  api::User user;
};

/// Errors: kInvalid naming the line.
Result<std::vector<KnownToken>> parse_token_file(std::string_view text);

}  // namespace mizan::cmd
