// Hiding the data directory where no mount namespace is to be had.
//
// Landlock can only take away and then give back: everything is refused, then each part of the tree
// that is not on the way to a closed directory is allowed again. So files made later right beside
// such a directory stay refused.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace mizan::pods {

struct LandlockRules {
  std::vector<std::string> closed;  // nothing in them may be seen, e.g. the data directory
  std::vector<std::string>
      read_only;  // shared scratch directories: reading only, so that nothing is shared by writing
  std::vector<std::string> open;  // allowed although they lie below a closed one
};

bool landlock_available();
/// For the calling process and all it starts, for good. Errors: kInternal.
Result<> restrict_with_landlock(const LandlockRules& rules);

}  // namespace mizan::pods
