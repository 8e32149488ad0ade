// Host and Origin.
#include "api/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace mizan::api {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_ours(const std::string& host, const std::vector<std::string>& names) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  if (std::ranges::find(names, host) != names.end()) return true;
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  return !not_an_address;
}

}  // namespace

std::string_view host_of(std::string_view host_and_port) {
  if (host_and_port.starts_with('[')) {
    const auto close = host_and_port.find(']');
    return close == std::string_view::npos ? host_and_port : host_and_port.substr(1, close - 1);
  }
  return host_and_port.substr(0, host_and_port.find(':'));
}

Result<> check_host_and_origin(const Request& request, const std::vector<std::string>& names) {
  const std::string authority = lower(request.headers.get("Host"));
  const std::string host(host_of(authority));
  if (!is_ours(host, names)) {
    return fail(
        Code::kForbidden,
        fmt::format("the Host header names \"{}\", which is not this server: use localhost, its "
                    "IP address, or a name given to it with --host",
                    host));
  }
  const bool upgrades = request.headers.has("Upgrade");
  if (is_safe(request.method) && !upgrades) return {};
  // No page can send this header along with a WebSocket's handshake: it is a program, and Python's
  // makes up an Origin.
  if (upgrades && request.headers.has("Authorization")) return {};
  const std::string origin = lower(request.headers.get("Origin"));
  if (!origin.empty()) {
    const std::string own = (request.tls ? "https://" : "http://") + authority;
    if (origin != own) {
      return fail(Code::kForbidden,
                  fmt::format("a page of \"{}\" may not change anything on this server", origin));
    }
  } else if (const auto site = request.headers.get("Sec-Fetch-Site");
             !site.empty() && site != "same-origin" && site != "none") {
    return fail(Code::kForbidden, "a page of another site may not change anything on this server");
  }
  return {};
}

}  // namespace mizan::api
