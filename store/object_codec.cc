// Objects to bytes and back.
#include "store/object_codec.h"

#include <charconv>
#include <stdexcept>

#include "store/refusal.h"

namespace mizan::store {
namespace {

/// Just past the string that begins at `at`, which is its opening quote.
std::size_t end_of_string(std::string_view bytes, std::size_t at) {
  while (true) {
    at = bytes.find_first_of("\"\\", at + 1);
    if (bytes[at] == '"') return at + 1;
    ++at;  // what a backslash escapes
  }
}

/// Where resourceVersion belongs in the text of an object, whose keys are in order: before the
/// first key of metadata that comes after it, else at metadata's closing brace.
std::size_t place_of_revision(std::string_view bytes) {
  int depth = 0;
  bool in_metadata = false;
  for (std::size_t at = bytes.find_first_of("{}[]\""); at != std::string_view::npos;
       at = bytes.find_first_of("{}[]\"", at)) {
    const char found = bytes[at];
    if (found == '"') {
      const std::size_t end = end_of_string(bytes, at);
      if (bytes[end] == ':') {  // so it is a key
        const std::string_view key = bytes.substr(at + 1, end - at - 2);
        if (depth == 1) in_metadata = key == "metadata";
        if (depth == 2 && in_metadata && key > "resourceVersion") return at;
      }
      at = end;
      continue;
    }
    const bool opens = found == '{' || found == '[';
    if (!opens && depth == 2 && in_metadata) return at;
    depth += opens ? 1 : -1;
    ++at;
  }
  throw std::logic_error("an object without metadata was stored");
}

}  // namespace

Result<Value> encode_object(Json& object) {
  constexpr std::size_t kMaxBytes = 3 * 1024 * 1024;
  if (auto metadata = object.find("metadata"); metadata != object.end())
    metadata->erase("resourceVersion");
  std::string text;
  try {
    text = object.dump();
  } catch (const Json::type_error&) {  // invalid UTF-8: rare enough to be read back
    text = object.dump(-1, ' ', false, Json::error_handler_t::replace);
    object = Json::parse(text);
  }
  if (text.size() > kMaxBytes) return fail(too_large());
  return std::make_shared<const std::string>(std::move(text));
}

ObjectPtr with_revision(Json object, Revision modified) {
  object["metadata"]["resourceVersion"] = std::to_string(modified);
  return std::make_shared<const Json>(std::move(object));
}

ObjectPtr decode_object(const std::string& bytes, Revision modified) {
  return with_revision(Json::parse(bytes), modified);
}

void append_object_text(std::string& text, std::string_view bytes, Revision modified) {
  const std::size_t at = place_of_revision(bytes);
  const bool last = bytes[at] == '}';
  text += bytes.substr(0, at);
  if (last && bytes[at - 1] != '{') text += ',';
  text += "\"resourceVersion\":\"" + std::to_string(modified) + "\"";
  if (!last) text += ',';
  text += bytes.substr(at);
}

std::optional<Revision> parse_revision(std::string_view text) {
  Revision revision = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), revision);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return revision;
}

}  // namespace mizan::store
