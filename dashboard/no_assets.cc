// What stands in for the dashboard where it is not built (MIZAN_DASHBOARD=OFF): no files.
#include "dashboard/assets.h"

namespace mizan::dashboard {

std::span<const Asset> assets() { return {}; }

}  // namespace mizan::dashboard
