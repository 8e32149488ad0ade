// A FlakyStore whose open watches a test can break.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "tests/support/flaky_store.h"

namespace mizan::testing {

class BreakingWatches final : public FlakyStore {
 public:
  using FlakyStore::FlakyStore;

  /// Ends every watch that is open with `code`.
  void break_watches(Code code) {
    for (BreakableWatch* watch : open_) watch->break_with(code);
  }

  Task<Result<std::unique_ptr<store::Watch>>> watch(store::Selection selection,
                                                    store::WatchOptions options) override {
    CO_TRY(auto inner, co_await FlakyStore::watch(std::move(selection), std::move(options)));
    co_return std::make_unique<BreakableWatch>(open_, std::move(inner));
  }

 private:
  class BreakableWatch final : public store::Watch {
   public:
    BreakableWatch(std::set<BreakableWatch*>& open, std::unique_ptr<store::Watch> inner)
        : open_(open), inner_(std::move(inner)) {
      open_.insert(this);
    }
    ~BreakableWatch() override { open_.erase(this); }
    Task<Result<store::WatchEvent>> next() override {
      auto event = co_await inner_->next();
      if (broken_) co_return fail(*broken_, "broken by the test");
      co_return event;
    }
    void cancel() override { inner_->cancel(); }
    void break_with(Code code) {
      broken_ = code;
      inner_->cancel();
    }

   private:
    std::set<BreakableWatch*>& open_;
    std::unique_ptr<store::Watch> inner_;
    std::optional<Code> broken_;
  };

  std::set<BreakableWatch*> open_;
};

}  // namespace mizan::testing
