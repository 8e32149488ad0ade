// The one file that includes zlib.
#include "api/gzip.h"

#include <zlib.h>

#include <stdexcept>

namespace mizan::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool has_zero_weight(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view weight = trimmed(parameters.substr(at + 2));
  return weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto comma = accept_encoding.find(',');
    const std::string_view item = trimmed(accept_encoding.substr(0, comma));
    const auto semicolon = item.find(';');
    const std::string_view coding = trimmed(item.substr(0, semicolon));
    const bool refused =
        semicolon != std::string_view::npos && has_zero_weight(item.substr(semicolon));
    if ((coding == "gzip" || coding == "*") && !refused) return true;
    if (comma == std::string_view::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  return false;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipWrapper = 16;
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + kGzipWrapper, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib can't begin");
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  // zlib's interface predates const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) throw std::runtime_error("zlib didn't finish");
  return out;
}

}  // namespace mizan::api
