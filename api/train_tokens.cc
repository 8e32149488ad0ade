// trainjob.NAMESPACE.NAME.UID.SIGNATURE; a namespace, a name and a uid hold no dot here.
#include "api/train_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/digest.h"

namespace mizan::api {
namespace {

constexpr std::string_view kPrefix = "trainjob.";

}  // namespace

TrainTokens::TrainTokens(std::string secret, const Authenticator& others)
    : secret_(std::move(secret)), others_(others) {}

std::string TrainTokens::sign(std::string_view statement) const {
  return hex(hmac_sha256(secret_, fmt::format("mizan training {}", statement)));
}

std::string TrainTokens::issue(std::string_view ns, std::string_view name,
                               std::string_view uid) const {
  const std::string statement = fmt::format("{}.{}.{}", ns, name, uid);
  return fmt::format("{}{}.{}", kPrefix, statement, sign(statement));
}

std::optional<User> TrainTokens::authenticate(std::string_view token) const {
  if (!token.starts_with(kPrefix)) return others_.authenticate(token);
  token.remove_prefix(kPrefix.size());
  const auto dot = token.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string statement(token.substr(0, dot));
  if (!equal_in_constant_time(sign(statement), token.substr(dot + 1))) return std::nullopt;
  std::ranges::replace(statement, '.', '/');
  User user;
  user.name = "training:" + statement;
  user.train_job = std::move(statement);
  return user;
}

}  // namespace mizan::api
