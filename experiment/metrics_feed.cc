// Output and files as feeds; endpoints are in scrape_feed.
#include "experiment/metrics_feed.h"

#include <fmt/format.h>

#include <map>
#include <variant>

#include "experiment/event_metrics.h"
#include "experiment/json_metrics.h"
#include "experiment/scrape_feed.h"
#include "experiment/text_metrics.h"

namespace mizan::experiment {
namespace {

using store::Measurement;

class LogFeed final : public MetricsFeed {
 public:
  LogFeed(std::unique_ptr<store::LogStream> stream, TextMetricsParser parser)
      : stream_(std::move(stream)), parser_(std::move(parser)) {}

  Task<Result<FeedBatch>> next() override {
    CO_TRY(const std::string bytes, co_await stream_->next());
    FeedBatch batch;
    batch.end = bytes.empty();
    if (batch.end) {
      parser_.finish(batch.rows);
    } else {
      parser_.feed(bytes, batch.rows);
    }
    co_return batch;
  }
  void cancel() override { stream_->cancel(); }
  const MetricsNotes& notes() const override { return parser_.notes(); }

 private:
  std::unique_ptr<store::LogStream> stream_;
  TextMetricsParser parser_;
};

/// A file of lines, text or JSON.
class FileFeed final : public MetricsFeed {
 public:
  using Parser = std::variant<TextMetricsParser, JsonMetricsParser>;
  FileFeed(std::unique_ptr<store::FileStream> stream, Parser parser, std::string path)
      : stream_(std::move(stream)), parser_(std::move(parser)), path_(std::move(path)) {}

  Task<Result<FeedBatch>> next() override {
    CO_TRY(const std::vector<store::FilePiece> pieces, co_await stream_->next());
    FeedBatch batch;
    batch.end = pieces.empty();
    std::visit(
        [&](auto& parser) {
          for (const store::FilePiece& piece : pieces) {
            // Another file in its place: the last line of the one before is over.
            if (piece.begins) parser.finish(batch.rows);
            parser.feed(piece.bytes, batch.rows);
          }
          if (batch.end) parser.finish(batch.rows);
          notes_ = parser.notes();
        },
        parser_);
    any_ = any_ || !pieces.empty();
    if (!any_) notes_.damage = fmt::format("there was nothing in {}", path_);
    co_return batch;
  }
  void cancel() override { stream_->cancel(); }
  const MetricsNotes& notes() const override { return notes_; }

 private:
  std::unique_ptr<store::FileStream> stream_;
  Parser parser_;
  std::string path_;
  MetricsNotes notes_;
  bool any_ = false;
};

/// A directory of event files.
class EventsFeed final : public MetricsFeed {
 public:
  EventsFeed(std::unique_ptr<store::FileStream> stream, FeedTarget target)
      : stream_(std::move(stream)), target_(std::move(target)) {}

  Task<Result<FeedBatch>> next() override {
    CO_TRY(const std::vector<store::FilePiece> pieces, co_await stream_->next());
    FeedBatch batch;
    batch.end = pieces.empty();
    for (const store::FilePiece& piece : pieces) take(piece, batch.rows);
    if (batch.end && files_.empty())
      notes_.damage = fmt::format("there was no event file below {}", target_.collector.path);
    co_return batch;
  }
  void cancel() override { stream_->cancel(); }
  const MetricsNotes& notes() const override { return notes_; }

 private:
  void take(const store::FilePiece& piece, std::vector<Measurement>& rows) {
    const std::size_t slash = piece.name.rfind('/');
    const std::string_view leaf = std::string_view(piece.name).substr(slash + 1);
    if (leaf.find("tfevents") == std::string_view::npos) return;
    if (piece.begins) files_.erase(piece.name);
    const std::string below = slash == std::string::npos ? "" : "/" + piece.name.substr(0, slash);
    auto [file, fresh] =
        files_.try_emplace(piece.name, target_.collector.path + below, target_.metrics);
    file->second.feed(piece.bytes, rows);
    const MetricsNotes& notes = file->second.notes();
    for (const std::string& name : notes.other_names) notes_.add_other(name);
    if (!notes.damage.empty()) notes_.damage = fmt::format("{}: {}", piece.name, notes.damage);
  }

  std::unique_ptr<store::FileStream> stream_;
  FeedTarget target_;
  std::map<std::string, EventMetricsParser> files_;
  MetricsNotes notes_;
};

Result<TextMetricsParser> text_parser(const FeedTarget& target, bool stamped) {
  TextMetricsOptions options;
  options.metrics = target.metrics;
  options.filters = target.collector.filters;
  options.stamped_lines = stamped;
  return TextMetricsParser::create(std::move(options));
}

}  // namespace

MetricsFeeds::MetricsFeeds(boost::asio::any_io_executor executor, store::PodLogs& logs,
                           store::PodFiles* files, const Clock& clock)
    : executor_(std::move(executor)), logs_(logs), files_(files), clock_(clock) {}

bool MetricsFeeds::follows(const std::string& kind) {
  return kind == "StdOut" || kind == "Custom" || kind == "File" || kind == "TensorFlowEvent" ||
         kind == "PrometheusMetric";
}

Replay MetricsFeeds::replay(const std::string& kind) {
  if (kind == "Custom") return Replay::kBeside;
  if (kind == "TensorFlowEvent") return Replay::kWhole;
  return kind == "PrometheusMetric" ? Replay::kNever : Replay::kInOrder;
}

Task<Result<std::unique_ptr<MetricsFeed>>> MetricsFeeds::open(FeedTarget target) {
  const std::string& kind = target.collector.kind;
  if (kind == "PrometheusMetric") co_return open_scrape(executor_, clock_, std::move(target));
  if (kind == "File" || kind == "TensorFlowEvent") co_return co_await open_files(std::move(target));
  co_return co_await open_log(std::move(target));
}

Task<Result<std::unique_ptr<MetricsFeed>>> MetricsFeeds::open_log(FeedTarget target) {
  CO_TRY(TextMetricsParser parser, text_parser(target, true));
  store::LogOptions options;
  options.container = target.container;
  options.follow = true;
  options.timestamps = true;
  options.trial = target.lease;
  options.since_time = target.since;
  CO_TRY(std::unique_ptr<store::LogStream> stream,
         co_await logs_.open(target.ns, target.pod, std::move(options)));
  co_return std::make_unique<LogFeed>(std::move(stream), std::move(parser));
}

Task<Result<std::unique_ptr<MetricsFeed>>> MetricsFeeds::open_files(FeedTarget target) {
  if (files_ == nullptr) {
    co_return fail(Code::kInvalid,
                   fmt::format("collector {} can't read files of pods on this cluster; print the "
                               "metrics (StdOut) or report them over REST (Push)",
                               target.collector.kind));
  }
  const bool events = target.collector.kind == "TensorFlowEvent";
  const bool json = target.collector.format == "JSON";
  std::optional<TextMetricsParser> text;
  if (!events && !json) {
    CO_TRY(text, text_parser(target, false));
  }
  store::FileRequest request{target.container, target.collector.path, events};
  CO_TRY(std::unique_ptr<store::FileStream> stream,
         co_await files_->open(target.ns, target.pod, std::move(request)));
  if (events) co_return std::make_unique<EventsFeed>(std::move(stream), std::move(target));
  FileFeed::Parser parser = json ? FileFeed::Parser(JsonMetricsParser(target.metrics))
                                 : FileFeed::Parser(*std::move(text));
  co_return std::make_unique<FileFeed>(std::move(stream), std::move(parser), target.collector.path);
}

}  // namespace mizan::experiment
