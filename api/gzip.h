// gzip for large answers, as kube-apiserver does from 128 KiB on.
#pragma once

#include <string>
#include <string_view>

namespace mizan::api {

bool accepts_gzip(std::string_view accept_encoding);  // "gzip;q=0" does not
std::string gzip(std::string_view bytes);             // fast rather than small

}  // namespace mizan::api
