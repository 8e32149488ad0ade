// The dashboard's files, from dashboard/ to the HTTP front.
#pragma once

#include <map>
#include <string_view>

#include "api/assets.h"

namespace mizan::cmd {

class DashboardAssets final : public api::Assets {
 public:
  DashboardAssets();
  const api::Asset* find(std::string_view path) const override;

 private:
  std::map<std::string_view, api::Asset> by_path_;
};

}  // namespace mizan::cmd
