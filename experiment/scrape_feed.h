// Collects metrics from a trial's Prometheus endpoint, once a second while its container runs.
//
// An endpoint that is not there yet, hangs, or says nonsense is asked again; what it says counts
// when it differs from what it said before.
#pragma once

#include "experiment/metrics_feed.h"

namespace mizan::experiment {

/// Errors: kInvalid for an endpoint that can't be asked: no port, HTTPS, no address.
Result<std::unique_ptr<MetricsFeed>> open_scrape(
    boost::asio::any_io_executor executor, const Clock& clock, FeedTarget target,
    std::chrono::milliseconds interval = std::chrono::seconds(1));

}  // namespace mizan::experiment
