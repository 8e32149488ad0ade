// Static files.
#include "api/asset_response.h"

#include <string>

namespace mizan::api {
namespace {

// Scripts, styles and connections from here only; no frames, no plugins, no inline script. Styles
// may be inline: charts position their tooltips so.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
    "blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'";

/// "/experiments/default/v1.2" is a route of the app; "/assets/x.js" and "/robots.txt" would be
/// files.
bool is_route(std::string_view path) {
  if (path.starts_with("/assets/")) return false;
  const bool at_the_top = path.rfind('/') == 0;
  return !at_the_top || path.find('.') == std::string_view::npos;
}

/// Programs that ask for JSON and the like get no page in its place.
bool takes_pages(std::string_view accept) {
  return accept.empty() || accept.find("text/html") != std::string_view::npos ||
         accept.find("*/*") != std::string_view::npos;
}

}  // namespace

Response asset_response(const Assets& assets, std::string_view path, std::string_view accept,
                        std::string_view if_none_match) {
  const Asset* asset = path == "/" ? nullptr : assets.find(path);
  if (asset == nullptr && is_route(path) && takes_pages(accept)) asset = assets.find("/index.html");
  if (asset == nullptr) return page_not_found();

  Response response;
  response.headers.set("Content-Type", std::string(asset->content_type));
  response.headers.set("Cache-Control",
                       asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (!asset->etag.empty()) response.headers.set("ETag", std::string(asset->etag));
  response.headers.set("Content-Security-Policy", std::string(kContentSecurityPolicy));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (!asset->etag.empty() && if_none_match == asset->etag) {
    response.status = 304;
  } else {
    response.body = asset->bytes;
  }
  return response;
}

}  // namespace mizan::api
