// An index over the built-in files.
#include "cmd/mizan/dashboard_assets.h"

#include "dashboard/assets.h"

namespace mizan::cmd {

DashboardAssets::DashboardAssets() {
  for (const dashboard::Asset& file : dashboard::assets()) {
    by_path_.emplace(file.path, api::Asset{.bytes = file.bytes,
                                           .content_type = file.content_type,
                                           .etag = file.etag,
                                           .immutable = file.immutable});
  }
}

const api::Asset* DashboardAssets::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

}  // namespace mizan::cmd
