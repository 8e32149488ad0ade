// Splits host and port.
#include "cmd/mizan/address.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace mizan::cmd {

Result<ListenAddress> parse_listen(const std::string& text) {
  const auto wrong = [&text](std::string_view why) {
    return fail(Code::kInvalid,
                fmt::format("--listen {}: {}; it looks like 127.0.0.1:8080", text, why));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong("has no port");
  const std::string_view port_text = std::string_view(text).substr(colon + 1);
  unsigned port = 0;
  const auto [end, bad] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (bad != std::errc{} || end != port_text.data() + port_text.size() || port > 65535) {
    return wrong("the port is not a number from 0 to 65535");
  }
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return wrong("the host is no IP address");
  return ListenAddress{host, static_cast<std::uint16_t>(port), address.is_loopback()};
}

}  // namespace mizan::cmd
