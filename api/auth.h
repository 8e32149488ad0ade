// Who is calling, and may they: tokens, the dashboard's session cookie, and three roles.
//
// A session cookie is a signed statement (user, role, end) and not an entry in a table, so that a
// browser stays logged in over a restart; ending a session remembers its signature until it would
// have expired.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace mizan::api {

enum class Role {
  kNone,  // anonymous: sees health and the dashboard's files
  kViewer,
  kEditor,
  kAdmin
};

struct User {
  std::string name = "system:anonymous";
  Role role = Role::kNone;
  bool by_cookie = false;      // a browser's session: writes must come from our own pages
  std::string ns = {};         // the one namespace that the role is for; empty: all
  std::string train_job = {};  // "NAMESPACE/NAME/UID" whose status alone may be told; empty: none
  bool operator==(const User&) const = default;
};

std::string_view to_string(Role role);
/// nullopt for any other word than viewer, editor, admin.
std::optional<Role> role_of(std::string_view name);

/// Thread: io.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// The user that `token` belongs to; nullopt for an unknown one. Takes the same time for every
  /// wrong token.
  virtual std::optional<User> authenticate(std::string_view token) const = 0;
};

/// A fixed table, compared by hash in constant time.
class TokenTable final : public Authenticator {
 public:
  void add(std::string_view token,
           User user);  // tokens shorter than 16 bytes are a programmer's mistake
  std::optional<User> authenticate(std::string_view token) const override;

 private:
  struct Row {
    std::string digest;
    User user;
  };
  std::vector<Row> rows_;
};

/// Thread: io.
class Sessions {
 public:
  /// `secret` signs the cookies; the same secret takes back cookies of an earlier run. Empty: a
  /// random one.
  Sessions(std::string secret, const Clock& clock);

  std::string issue(const User& user);                       // a cookie's value
  std::optional<User> check(std::string_view cookie) const;  // nullopt: not ours, expired or ended
  void end(std::string_view cookie);

 private:
  std::string sign(std::string_view statement) const;

  std::string secret_;
  const Clock& clock_;
  std::map<std::string, Time, std::less<>> ended_;  // signature -> when it would have expired
};

inline constexpr std::string_view kSessionCookie = "mizan-session";

/// The value of cookie `name` in a Cookie header, "" when absent.
std::string_view cookie_value(std::string_view header, std::string_view name);

/// The token of "Bearer TOKEN"; nullopt when the header is absent or of another scheme.
std::optional<std::string_view> bearer_token(std::string_view authorization);

}  // namespace mizan::api
