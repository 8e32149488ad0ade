// Boost.URL checks the grammar; what it leaves open (empty and dot segments, '+' in queries) is
// decided here.
#include "api/target.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace mizan::api {
namespace {

int digit(char d) { return d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10; }

/// `text` has well-formed escapes: Boost.URL has seen to it.
std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string_view view_of(boost::urls::pct_string_view text) { return {text.data(), text.size()}; }

}  // namespace

bool Query::has(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return true;
  }
  return false;
}

std::string_view Query::get(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return {};
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

bool Query::flag(std::string_view name) const {
  if (!has(name)) return false;
  const std::string_view value = get(name);
  return value != "0" && value != "false" && value != "False" && value != "FALSE";
}

Result<Target> parse_target(std::string_view raw) {
  const auto parsed =
      boost::urls::parse_origin_form(boost::urls::string_view(raw.data(), raw.size()));
  if (!parsed)
    return fail(Code::kBadRequest, "the request's target is not a path with an optional query");
  const auto& view = *parsed;

  Target target;
  const auto segments = view.encoded_segments();
  std::size_t index = 0;
  for (const auto& encoded : segments) {
    const bool last = ++index == segments.size();
    std::string segment = decode(view_of(encoded), false);
    if (segment.empty() && last) break;  // a trailing slash means nothing
    if (segment.empty() || segment == "." || segment == ".." ||
        segment.find('\0') != std::string::npos) {
      return fail(Code::kBadRequest, "the path has an empty segment, a dot segment or a NUL");
    }
    target.path += "/" + segment;
    target.segments.push_back(std::move(segment));
  }
  if (target.path.empty()) target.path = "/";
  for (const auto& param : view.encoded_params()) {
    target.query.add(decode(view_of(param.key), true),
                     param.has_value ? decode(view_of(param.value), true) : std::string());
  }
  return target;
}

std::string encode_component(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace mizan::api
