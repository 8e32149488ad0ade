// Objects to bytes and back.
#include "store/object_codec.h"

#include <charconv>

#include "store/refusal.h"

namespace mizan::store {

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

std::optional<Revision> parse_revision(std::string_view text) {
  Revision revision = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), revision);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return revision;
}

}  // namespace mizan::store
