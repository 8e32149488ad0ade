// ScrapeFeed: ask, compare, wait.
#include "experiment/scrape_feed.h"

#include <fmt/format.h>

#include <map>

#include "controller/signal.h"
#include "experiment/prometheus_text.h"
#include "experiment/scrape_client.h"
#include "resources/reading.h"

namespace mizan::experiment {
namespace {

class ScrapeFeed final : public MetricsFeed {
 public:
  ScrapeFeed(boost::asio::any_io_executor executor, const Clock& clock, ScrapeEndpoint endpoint,
             std::vector<std::string> metrics, std::chrono::milliseconds interval)
      : executor_(std::move(executor)),
        clock_(clock),
        endpoint_(std::move(endpoint)),
        metrics_(std::move(metrics)),
        interval_(interval) {}

  Task<Result<FeedBatch>> next() override {
    while (true) {
      if (asked_ && !cancelled_ && !over_) (void)co_await changed_.wait_for(interval_);
      if (cancelled_) co_return fail(Code::kCancelled, "the scraping was ended");
      if (over_) co_return last();
      asked_ = true;
      const Result<std::string> text = co_await scrape(executor_, endpoint_);
      if (text) {
        FeedBatch batch{changes(*text), false};
        if (!batch.rows.empty()) co_return batch;
      } else if (!answered_) {
        notes_.damage = text.error().message;
      }
    }
  }
  void cancel() override {
    cancelled_ = true;
    changed_.notify_all();
  }
  void container_ended() override {
    over_ = true;
    changed_.notify_all();
  }
  const MetricsNotes& notes() const override { return notes_; }

 private:
  FeedBatch last() {
    if (!asked_) notes_.damage = "it ended before its endpoint could be asked";
    return FeedBatch{{}, true};
  }

  std::vector<store::Measurement> changes(const std::string& text) {
    answered_ = true;
    notes_.damage.clear();
    std::vector<store::Measurement> rows;
    for (auto& [metric, sample] : read_prometheus(text, metrics_, notes_)) {
      PrometheusSample& before = said_[metric];
      if (before == sample) continue;
      before = sample;
      rows.push_back({metric, sample.value, sample.time.value_or(clock_.now()), std::nullopt});
    }
    return rows;
  }

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  ScrapeEndpoint endpoint_;
  std::vector<std::string> metrics_;
  std::chrono::milliseconds interval_;
  std::map<std::string, PrometheusSample> said_;
  MetricsNotes notes_;
  bool asked_ = false, answered_ = false, over_ = false, cancelled_ = false;
  controller::Signal changed_;
};

Result<ScrapeEndpoint> read_endpoint(const FeedTarget& target) {
  const Json& get = target.collector.http_get;
  ScrapeEndpoint endpoint;
  if (resources::text_field(get, "scheme") == "HTTPS")
    return fail(Code::kInvalid,
                "httpGet.scheme HTTPS isn't supported; serve the metrics over HTTP");
  endpoint.host = resources::text_field(get, "host");
  if (endpoint.host.empty()) endpoint.host = target.address;
  if (endpoint.host.empty()) return fail(Code::kUnavailable, "its pod has no address yet");
  const Json* port = resources::field(get, "port");
  if (port != nullptr) endpoint.port = port->is_string() ? port->get<std::string>() : port->dump();
  if (endpoint.port.empty()) return fail(Code::kInvalid, "httpGet.port is not set");
  endpoint.path = resources::text_field(get, "path", "/metrics");
  for (const Json& header : resources::array_field(get, "httpHeaders")) {
    endpoint.headers.emplace_back(resources::text_field(header, "name"),
                                  resources::text_field(header, "value"));
  }
  return endpoint;
}

}  // namespace

Result<std::unique_ptr<MetricsFeed>> open_scrape(boost::asio::any_io_executor executor,
                                                 const Clock& clock, FeedTarget target,
                                                 std::chrono::milliseconds interval) {
  TRY(ScrapeEndpoint endpoint, read_endpoint(target));
  return std::make_unique<ScrapeFeed>(std::move(executor), clock, std::move(endpoint),
                                      std::move(target.metrics), interval);
}

}  // namespace mizan::experiment
