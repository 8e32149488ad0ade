// Lines and commas.
#include "cmd/mizan/token_file.h"

#include <fmt/format.h>

namespace mizan::cmd {
namespace {

constexpr std::size_t kShortest = 16;

std::string_view take_until(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  std::string_view front = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  while (!front.empty() && (front.front() == ' ' || front.front() == '\t')) front.remove_prefix(1);
  while (!front.empty() && (front.back() == ' ' || front.back() == '\t' || front.back() == '\r'))
    front.remove_suffix(1);
  return front;
}

}  // namespace

Result<std::vector<KnownToken>> parse_token_file(std::string_view text) {
  std::vector<KnownToken> known;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = take_until(text, '\n');
    if (line.empty() || line.starts_with('#')) continue;
    const auto wrong = [&](std::string_view why) {
      return fail(Code::kInvalid, fmt::format("line {} of the token file: {}; a line is "
                                              "TOKEN,NAME,ROLE or TOKEN,NAME,ROLE,NAMESPACE",
                                              number, why));
    };
    KnownToken one;
    one.token = take_until(line, ',');
    one.user.name = take_until(line, ',');
    const auto role = api::role_of(take_until(line, ','));
    one.user.ns = take_until(line, ',');
    if (one.token.size() < kShortest)
      return wrong(fmt::format("the token is shorter than {} characters", kShortest));
    if (one.user.name.empty()) return wrong("the name is empty");
    if (!role) return wrong("the role is none of viewer, editor, admin");
    if (!line.empty()) return wrong("there are more than four parts");
    one.user.role = *role;
    known.push_back(std::move(one));
  }
  return known;
}

}  // namespace mizan::cmd
