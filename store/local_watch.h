// One subscription of LocalStore: what there is first, then the change log up to now, then live,
// without a gap or a repeat where they meet.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "store/watch_hub.h"

namespace mizan::store {

class LocalWatch final : public Watch {
 public:
  struct Start {
    Revision revision = 0;           // events are those after this one
    std::vector<ObjectPtr> initial;  // ADDED first
    bool initial_end = false;        // the bookmark behind them
    bool bookmarks = false;
    std::chrono::milliseconds bookmark_interval{60'000};
    std::string api_version, kind;  // of bookmarks
  };

  LocalWatch(std::shared_ptr<WatchHub> hub, const boost::asio::any_io_executor& io,
             Selection selection, Start start);
  ~LocalWatch() override;

  Task<Result<WatchEvent>> next() override;
  void cancel() override;
  std::optional<WatchEvent> bookmark() const override;

 private:
  struct State;
  static Task<Result<WatchEvent>> next_of(std::shared_ptr<State> state);
  static Task<Result<>> catch_up(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;  // a next() in flight keeps it
};

}  // namespace mizan::store
