// One GET of a trial's metrics endpoint, that neither hangs nor fills the memory.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/task.h"

namespace mizan::experiment {

struct ScrapeEndpoint {
  std::string host, port, path = "/metrics";
  std::vector<std::pair<std::string, std::string>> headers;
  ScrapeEndpoint() {}
};

/// The body of a 200 answer of at most 4 MiB. Errors, in words for people: kUnavailable: it can't
/// be reached or speaks no HTTP; kTimeout: not all of it came within `patience`; kTooLarge;
/// kInvalid: another status.
Task<Result<std::string>> scrape(boost::asio::any_io_executor executor, ScrapeEndpoint endpoint,
                                 std::chrono::milliseconds patience = std::chrono::seconds(2));

}  // namespace mizan::experiment
