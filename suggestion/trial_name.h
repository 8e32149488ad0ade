// What a drawn trial is called.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mizan::suggestion {

/// `<experiment>-<8 letters>`: a hash of (uid, draw), so that the same draw has the same name in
/// every attempt to record it. `is_taken` moves on to another name, deterministically.
std::string trial_name(std::string_view experiment, std::string_view uid, std::uint64_t draw,
                       const std::function<bool(const std::string&)>& is_taken);

}  // namespace mizan::suggestion
