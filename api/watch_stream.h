// A watch as the body of an answer: one JSON object a line, until the time is up or the store says
// it is too old.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "api/http.h"
#include "api/render.h"
#include "core/time.h"
#include "store/object_store.h"

namespace mizan::api {

/// Thread: io.
class WatchStream final : public BodyStream {
 public:
  struct Options {
    std::chrono::seconds timeout{
        0};  // 0: half an hour and a bit, spread so that clients don't come back all at once
    bool bookmark_at_end = false;
    std::shared_ptr<void> place =
        nullptr;  // among the watches that may be open; given up with the stream
  };

  WatchStream(const boost::asio::any_io_executor& io, std::unique_ptr<store::Watch> watch,
              Rendering rendering, const Clock& clock, Options options);
  /// A stream of one ERROR event.
  WatchStream(const boost::asio::any_io_executor& io, Error error);
  ~WatchStream() override;

  Task<Result<std::string>> next() override;
  void cancel() override;

 private:
  struct Ending;
  std::string line(std::string_view type, const Json& object);
  std::string error_line(const Error& error);

  std::unique_ptr<store::Watch> watch_;
  std::optional<Rendering> rendering_;
  const Clock* clock_ = nullptr;
  Options options_;
  std::optional<Error> error_;
  bool columns_sent_ = false;
  bool done_ = false;
  std::shared_ptr<Ending> ending_;
  boost::asio::steady_timer timer_;
};

}  // namespace mizan::api
