// JSON's own notation of scalars is YAML too; only the nesting is drawn differently.
#include "api/yaml_writer.h"

#include <algorithm>

namespace mizan::api {
namespace {

/// A key that YAML 1.1 reads as a string without quotes: letters first, and none of its booleans
/// and nulls.
bool is_plain_key(const std::string& key) {
  static constexpr std::string_view kSpecial[] = {"y",   "n",    "yes",   "no",  "on",
                                                  "off", "true", "false", "null"};
  std::string lower = key;
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  if (key.empty() || std::ranges::find(kSpecial, lower) != std::end(kSpecial)) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return letter(key[0]) && std::ranges::all_of(key, [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-' ||
                  c == '_';
         });
}

std::string scalar(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void write(const Json& value, std::size_t indent, bool after_dash, std::string& out) {
  if (!value.is_structured() || value.empty()) {
    out += scalar(value) + "\n";
    return;
  }
  bool first = after_dash;  // the first entry stands on the dash's own line
  const auto margin = [&] {
    if (!first) out.append(indent, ' ');
    first = false;
  };
  if (value.is_array()) {
    for (const Json& item : value) {
      margin();
      out += "- ";
      write(item, indent + 2, true, out);
    }
    return;
  }
  for (const auto& [key, item] : value.items()) {
    margin();
    out += is_plain_key(key) ? key : scalar(key);
    out += ":";
    const bool nested = item.is_structured() && !item.empty();
    out += nested ? "\n" : " ";
    write(item, item.is_array() ? indent : indent + 2, false, out);
  }
}

}  // namespace

std::string to_yaml(const Json& value) {
  std::string out;
  write(value, 0, false, out);
  return out;
}

}  // namespace mizan::api
