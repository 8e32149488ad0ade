// Base64 without padding, as the API server writes it, around a small JSON object.
#include "store/page_token.h"

#include <openssl/evp.h>

#include "core/json.h"

namespace mizan::store {
namespace {

std::string to_base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string padded(text);
  for (char& c : padded) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (padded.ends_with('=')) padded.pop_back();
  const std::size_t padding = (4 - padded.size() % 4) % 4;
  padded.append(padding, '=');
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(padded.data()),
                                     static_cast<int>(padded.size()));
  if (length < 0 || padding == 3) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

std::unexpected<Error> invalid(std::string_view why) {
  return fail(Code::kBadRequest, "invalid continue token: " + std::string(why));
}

}  // namespace

std::string format_page_token(const PageToken& token) {
  // Written by hand to keep the order of fields that every real token has.
  return to_base64("{\"v\":\"meta.k8s.io/v1\",\"rv\":" + std::to_string(token.revision) +
                   ",\"start\":" + Json("/" + token.after + '\0').dump() + "}");
}

Result<PageToken> parse_page_token(std::string_view text) {
  if (text.size() > 4096) return invalid("continue key is too long");
  const auto bytes = from_base64(text);
  if (!bytes) return invalid("continue key is not valid: it is no base64");
  const Json token = Json::parse(*bytes, nullptr, /*allow_exceptions=*/false);
  if (!token.is_object()) return invalid("continue key is not valid: it holds no JSON object");
  if (string_at(token, "v") != "meta.k8s.io/v1") {
    return invalid("server does not recognize the encoded continue token version");
  }
  const Json* revision = find(token, "rv");
  std::string start = string_at(token, "start");
  if (revision == nullptr || !revision->is_number_unsigned() || revision->get<Revision>() == 0) {
    return invalid("continue key is not valid: rv must be a positive revision");
  }
  if (!start.starts_with('/')) return invalid("continue key is not valid: start must begin with /");
  start.erase(0, 1);
  if (start.ends_with('\0')) start.pop_back();
  return PageToken{revision->get<Revision>(), std::move(start)};
}

}  // namespace mizan::store
