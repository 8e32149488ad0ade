// The dashboard's files as answers, with the headers that keep a page from being anything but ours.
#pragma once

#include <string_view>

#include "api/assets.h"
#include "api/http.h"

namespace mizan::api {

/// A file, or for a path that names none (a route of the web app) the app's page, when `accept`
/// takes pages; else a 404.
Response asset_response(const Assets& assets, std::string_view path, std::string_view accept,
                        std::string_view if_none_match);

}  // namespace mizan::api
