// Events to lines.
#include "api/watch_stream.h"

#include <fmt/format.h>

#include "api/digest.h"
#include "api/status.h"

namespace mizan::api {
namespace {

constexpr std::chrono::seconds kDefaultTimeout{1800};

std::string_view name_of(store::WatchEvent::Type type) {
  switch (type) {
    case store::WatchEvent::Type::kAdded:
      return "ADDED";
    case store::WatchEvent::Type::kModified:
      return "MODIFIED";
    case store::WatchEvent::Type::kDeleted:
      return "DELETED";
    case store::WatchEvent::Type::kBookmark:
      return "BOOKMARK";
  }
  return "BOOKMARK";
}

std::chrono::seconds spread() {
  return std::chrono::seconds(static_cast<unsigned char>(random_bytes(1)[0]) * 7);
}

}  // namespace

/// Shared with the timer, which may fire after the stream is gone.
struct WatchStream::Ending {
  store::Watch* watch = nullptr;
  bool time_is_up = false;
};

WatchStream::WatchStream(const boost::asio::any_io_executor& io,
                         std::unique_ptr<store::Watch> watch, Rendering rendering,
                         const Clock& clock, Options options)
    : watch_(std::move(watch)),
      rendering_(std::move(rendering)),
      clock_(&clock),
      options_(std::move(options)),
      ending_(std::make_shared<Ending>()),
      timer_(io) {
  ending_->watch = watch_.get();
  timer_.expires_after(options_.timeout.count() > 0 ? options_.timeout
                                                    : kDefaultTimeout + spread());
  timer_.async_wait([ending = ending_](boost::system::error_code cancelled) {
    if (cancelled || ending->watch == nullptr) return;
    ending->time_is_up = true;
    ending->watch->cancel();
  });
}

WatchStream::WatchStream(const boost::asio::any_io_executor& io, Error error)
    : error_(std::move(error)), timer_(io) {}

WatchStream::~WatchStream() {
  if (ending_) ending_->watch = nullptr;
  timer_.cancel();
}

Task<Result<std::string>> WatchStream::next() {
  if (done_) co_return std::string();
  if (error_) {
    done_ = true;
    co_return error_line(*error_);
  }
  auto event = co_await watch_->next();
  if (event) {
    if (event->initial_end) {
      Json object = *event->object;
      object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
      co_return line("BOOKMARK", object);
    }
    co_return line(name_of(event->type), *event->object);
  }
  done_ = true;
  if (event.error().code == Code::kExpired) co_return error_line(event.error());
  if (ending_->time_is_up && options_.bookmark_at_end) {
    if (const auto last = watch_->bookmark()) co_return line("BOOKMARK", *last->object);
  }
  if (ending_->time_is_up) co_return std::string();
  co_return fail(event.error());
}

void WatchStream::cancel() {
  done_ = true;
  if (watch_) watch_->cancel();
}

std::string WatchStream::line(std::string_view type, const Json& object) {
  std::string shown;
  switch (rendering_->form.form) {
    case Form::kTable:
      shown = compact(rendering_->tabulator->table(object, clock_->now(), !columns_sent_));
      columns_sent_ = true;
      break;
    case Form::kPartial:
      shown = compact(partial_metadata(object, rendering_->form.version));
      break;
    case Form::kObject:
    case Form::kDiscovery:
      shown = compact(object);
      break;
  }
  return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, shown);
}

std::string WatchStream::error_line(const Error& error) {
  return fmt::format("{{\"type\":\"ERROR\",\"object\":{}}}\n", compact(status_of(error)));
}

}  // namespace mizan::api
