// Cuts the stream into lines and lines into events; opens it again where it ended.
//
// A server ends a watch after its own time limit without any harm: the next one begins at the last
// revision seen, so next() fails only when the caller has to list again.
#include "kubernetes/api_watch.h"

#include "kubernetes/query.h"
#include "kubernetes/status_error.h"

namespace mizan::kubernetes {
namespace {

using store::WatchEvent;

class ApiWatch final : public store::Watch {
 public:
  ApiWatch(HttpsClient& client, std::string path, store::Selection selection,
           store::WatchOptions options)
      : client_(client),
        path_(std::move(path)),
        selection_(std::move(selection)),
        revision_(std::move(options.resource_version)),
        send_initial_events_(options.send_initial_events),
        asked_for_end_(options.send_initial_events),
        bookmarks_(options.bookmarks) {}

  Task<Result<>> open() {
    Query query = selection_query(selection_);
    query.add("watch", "true");
    query.add("allowWatchBookmarks",
              "true");  // ours even if not the caller's: they keep the revision fresh
    if (!revision_.empty()) query.add("resourceVersion", revision_);
    if (send_initial_events_) {
      query.add("sendInitialEvents", "true");
      query.add("resourceVersionMatch", "NotOlderThan");
    }
    HttpRequest request{.target = path_ + query.text()};
    CO_TRY(stream_, co_await client_.open(std::move(request)));
    if (stream_->status() == 200) co_return Result<>{};
    std::string body;
    for (;;) {
      CO_TRY(const std::string bytes, co_await stream_->next());
      if (bytes.empty()) break;
      body += bytes;
    }
    const auto status = parse_json(body);
    co_return fail(error_of(stream_->status(), status ? status->value : Json(), body));
  }

  Task<Result<WatchEvent>> next() override {
    for (;;) {
      if (cancelled_) co_return fail(Code::kCancelled, "the watch was cancelled");
      if (const auto end = pending_.find('\n', scanned_); end != std::string::npos) {
        const std::string line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        scanned_ = 0;
        if (line.empty()) continue;
        CO_TRY(WatchEvent event, read_event(line));
        const bool bookmark = event.type == WatchEvent::Type::kBookmark;
        // The end of the initial events is said unasked where no version was named.
        if (!bookmark || bookmarks_ || (event.initial_end && asked_for_end_)) co_return event;
        continue;
      }
      scanned_ = pending_.size();
      CO_TRY(const std::string bytes, co_await stream_->next());
      if (!bytes.empty()) {
        pending_ += bytes;
        continue;
      }
      if (revision_.empty()) co_return fail(Code::kExpired, "the watch ended before it had begun");
      pending_.clear();
      scanned_ = 0;
      send_initial_events_ = false;
      if (auto opened = co_await open(); !opened) co_return fail(opened.error());
    }
  }

  void cancel() override {
    cancelled_ = true;
    if (stream_) stream_->cancel();
  }

 private:
  Result<WatchEvent> read_event(const std::string& line) {
    TRY(ParsedJson parsed, parse_json(line));
    Json object = parsed.value.value("object", Json::object());
    const std::string type = string_at(parsed.value, "type");
    if (type == "ERROR") return fail(error_of(object.value("code", 500), object, line));
    WatchEvent event;
    if (type == "ADDED") event.type = WatchEvent::Type::kAdded;
    if (type == "MODIFIED") event.type = WatchEvent::Type::kModified;
    if (type == "DELETED") event.type = WatchEvent::Type::kDeleted;
    if (type == "BOOKMARK") {
      event.type = WatchEvent::Type::kBookmark;
      const Json* annotations = find(object, "metadata.annotations");
      event.initial_end = annotations != nullptr && annotations->is_object() &&
                          annotations->value("k8s.io/initial-events-end", std::string()) == "true";
    }
    if (const std::string revision = string_at(object, "metadata.resourceVersion");
        !revision.empty()) {
      revision_ = revision;
    }
    event.object = std::make_shared<const Json>(std::move(object));
    return event;
  }

  HttpsClient& client_;
  std::string path_;
  store::Selection selection_;
  std::string revision_;  // the last one seen: where the next stream begins
  bool send_initial_events_;
  bool asked_for_end_;
  bool bookmarks_;  // the caller wants them
  std::unique_ptr<HttpStream> stream_;
  std::string pending_;
  std::size_t scanned_ = 0;
  bool cancelled_ = false;
};

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the client outlives all
Task<Result<std::unique_ptr<store::Watch>>> open_watch(HttpsClient& client, std::string path,
                                                       store::Selection selection,
                                                       store::WatchOptions options) {
  auto watch =
      std::make_unique<ApiWatch>(client, std::move(path), std::move(selection), std::move(options));
  if (auto opened = co_await watch->open(); !opened) co_return fail(opened.error());
  co_return std::unique_ptr<store::Watch>(std::move(watch));
}

}  // namespace mizan::kubernetes
