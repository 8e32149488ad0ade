// A watch over the API: one JSON object a line, read as it comes.
#pragma once

#include <memory>
#include <string>

#include "kubernetes/https_client.h"
#include "store/object_store.h"

namespace mizan::kubernetes {

/// Errors: kExpired when the revision is too old; what the server said otherwise.
Task<Result<std::unique_ptr<store::Watch>>> open_watch(HttpsClient& client, std::string path,
                                                       store::Selection selection,
                                                       store::WatchOptions options);

}  // namespace mizan::kubernetes
