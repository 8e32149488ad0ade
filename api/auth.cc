// Tokens are kept and compared as SHA-256 digests: equal length, and nothing to learn from timing.
#include "api/auth.h"

#include <fmt/format.h>

#include <cassert>
#include <charconv>
#include <chrono>

#include "api/digest.h"

namespace mizan::api {
namespace {

constexpr std::chrono::hours kSessionLength{24 * 30};

std::string from_hex(std::string_view digits) {
  std::string text;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    text += static_cast<char>(value);
  }
  return text;
}

std::int64_t seconds_of(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kNone:
      return "none";
    case Role::kViewer:
      return "viewer";
    case Role::kEditor:
      return "editor";
    case Role::kAdmin:
      return "admin";
  }
  return "none";
}

std::optional<Role> role_of(std::string_view name) {
  for (const Role role : {Role::kViewer, Role::kEditor, Role::kAdmin}) {
    if (to_string(role) == name) return role;
  }
  return std::nullopt;
}

void TokenTable::add(std::string_view token, User user) {
  assert(token.size() >= 16);
  rows_.push_back({sha256(token), std::move(user)});
}

std::optional<User> TokenTable::authenticate(std::string_view token) const {
  const std::string digest = sha256(token);
  const User* found = nullptr;
  for (const Row& row : rows_) {  // no early end: the position of a match doesn't show either
    if (equal_in_constant_time(row.digest, digest)) found = &row.user;
  }
  if (found == nullptr) return std::nullopt;
  return *found;
}

Sessions::Sessions(std::string secret, const Clock& clock)
    : secret_(secret.empty() ? random_bytes(32) : std::move(secret)), clock_(clock) {}

std::string Sessions::sign(std::string_view statement) const {
  return hex(hmac_sha256(secret_, fmt::format("mizan session {}", statement)));
}

std::string Sessions::issue(const User& user) {
  const std::int64_t ends = seconds_of(clock_.now() + kSessionLength);
  const std::string nonce = hex(random_bytes(8));
  const std::string statement = fmt::format("{}.{}.{}.{}.{}", ends, to_string(user.role), nonce,
                                            hex(user.name), hex(user.ns));
  return fmt::format("{}.{}", statement, sign(statement));
}

std::optional<User> Sessions::check(std::string_view cookie) const {
  const auto dot = cookie.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view statement = cookie.substr(0, dot);
  const std::string_view signature = cookie.substr(dot + 1);
  if (!equal_in_constant_time(sign(statement), signature) || ended_.contains(signature))
    return std::nullopt;

  std::vector<std::string_view> parts;
  for (std::string_view rest = statement;;) {
    const auto at = rest.find('.');
    parts.push_back(rest.substr(0, at));
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + 1);
  }
  if (parts.size() != 5) return std::nullopt;
  std::int64_t ends = 0;
  std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), ends);
  const auto role = role_of(parts[1]);
  if (!role || ends <= seconds_of(clock_.now())) return std::nullopt;

  User user;
  user.name = from_hex(parts[3]);
  user.ns = from_hex(parts[4]);
  user.role = *role;
  user.by_cookie = true;
  return user;
}

void Sessions::end(std::string_view cookie) {
  if (!check(cookie)) return;
  const Time now = clock_.now();
  std::erase_if(ended_, [&](const auto& entry) { return entry.second < now; });
  ended_.emplace(std::string(cookie.substr(cookie.rfind('.') + 1)), now + kSessionLength);
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = header.find(';');
    std::string_view pair = header.substr(0, end);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return pair.substr(equals + 1);
    if (end == std::string_view::npos) break;
    header.remove_prefix(end + 1);
  }
  return {};
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() < scheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if ((authorization[i] | ' ') != scheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(scheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  while (!authorization.empty() && authorization.back() == ' ') authorization.remove_suffix(1);
  return authorization;
}

}  // namespace mizan::api
