// Hashes, as OpenSSL computes them and as the API shows them.
#pragma once

#include <string>
#include <string_view>

namespace mizan::api {

std::string sha256(std::string_view bytes);      // 32 raw bytes
std::string sha512_hex(std::string_view bytes);  // 128 upper-case digits: ETags, hashes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes
std::string random_bytes(std::size_t count);                            // from the operating system
bool equal_in_constant_time(std::string_view a, std::string_view b);
std::string hex(std::string_view bytes);  // lower-case
std::string base64(std::string_view bytes);
std::string sha1(std::string_view bytes);  // 20 raw bytes; what the WebSocket handshake asks for

}  // namespace mizan::api
