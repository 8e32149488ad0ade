// An ObjectStore whose calls fail when a test wants them to: before they reach the store, or after
// (the write was made, its answer was lost). It counts what went through, so that tests can say how
// many writes something costs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "store/object_store.h"

namespace mizan::testing {

class FlakyStore : public store::ObjectStore {
 public:
  struct Call {
    std::string verb;  // get, list, create, update, patch, delete, watch
    resources::ResourceId id;
    std::string ns, name, subresource;
    int number = 0;  // of this verb, from 1
  };
  struct Fault {
    Error error;
    bool after = false;  // the call is made, and then its answer is lost
  };
  using Plan = std::function<std::optional<Fault>(const Call&)>;

  explicit FlakyStore(store::ObjectStore& inner) : inner_(inner) {}

  /// Asked before every call. nullptr: nothing fails.
  void set_plan(Plan plan) { plan_ = std::move(plan); }

  /// Every `nth` write fails with kUnavailable, by turns before and after it was made.
  void fail_every(int nth) {
    auto count = std::make_shared<int>(0);
    plan_ = [nth, count](const Call& call) -> std::optional<Fault> {
      const bool writes = call.verb == "create" || call.verb == "update" || call.verb == "patch" ||
                          call.verb == "delete";
      if (!writes || ++*count % nth != 0) return std::nullopt;
      return Fault{{Code::kUnavailable, "the test made this fail", {}}, (*count / nth) % 2 == 0};
    };
  }

  int count(const std::string& verb) const {
    auto found = counts_.find(verb);
    return found == counts_.end() ? 0 : found->second;
  }
  int writes() const {
    return count("create") + count("update") + count("patch") + count("delete");
  }
  void reset_counts() { counts_.clear(); }

  Task<Result<store::ObjectPtr>> get(store::Key key) override {
    const auto fault = next("get", key.id, key.ns, key.name, "");
    if (fault) co_return fail(fault->error);
    co_return co_await inner_.get(std::move(key));
  }
  Task<Result<store::Page>> list(store::Selection selection, store::ListOptions options) override {
    const auto fault = next("list", selection.id, selection.ns, "", "");
    if (fault) co_return fail(fault->error);
    co_return co_await inner_.list(std::move(selection), std::move(options));
  }
  Task<Result<store::Written>> create(resources::ResourceId id, std::string ns, Json object,
                                      store::WriteOptions options) override {
    const auto fault = next("create", id, ns, string_at(object, "metadata.name"), "");
    if (fault && !fault->after) co_return fail(fault->error);
    auto made =
        co_await inner_.create(std::move(id), std::move(ns), std::move(object), std::move(options));
    if (fault) co_return fail(fault->error);
    co_return made;
  }
  Task<Result<store::Written>> update(store::Key key, std::string subresource, Json object,
                                      store::WriteOptions options) override {
    const auto fault = next("update", key.id, key.ns, key.name, subresource);
    if (fault && !fault->after) co_return fail(fault->error);
    auto made = co_await inner_.update(std::move(key), std::move(subresource), std::move(object),
                                       std::move(options));
    if (fault) co_return fail(fault->error);
    co_return made;
  }
  Task<Result<store::Written>> patch(store::Key key, std::string subresource, store::Patch patch,
                                     store::WriteOptions options) override {
    const auto fault = next("patch", key.id, key.ns, key.name, subresource);
    if (fault && !fault->after) co_return fail(fault->error);
    auto made = co_await inner_.patch(std::move(key), std::move(subresource), std::move(patch),
                                      std::move(options));
    if (fault) co_return fail(fault->error);
    co_return made;
  }
  Task<Result<store::Removed>> remove(store::Key key, store::RemoveOptions options) override {
    const auto fault = next("delete", key.id, key.ns, key.name, "");
    if (fault && !fault->after) co_return fail(fault->error);
    auto removed = co_await inner_.remove(std::move(key), std::move(options));
    if (fault) co_return fail(fault->error);
    co_return removed;
  }
  Task<Result<std::unique_ptr<store::Watch>>> watch(store::Selection selection,
                                                    store::WatchOptions options) override {
    const auto fault = next("watch", selection.id, selection.ns, "", "");
    if (fault) co_return fail(fault->error);
    co_return co_await inner_.watch(std::move(selection), std::move(options));
  }

 private:
  std::optional<Fault> next(std::string verb, const resources::ResourceId& id,
                            const std::string& ns, const std::string& name,
                            const std::string& subresource) {
    Call call{std::move(verb), id, ns, name, subresource, 0};
    call.number = ++counts_[call.verb];
    return plan_ ? plan_(call) : std::nullopt;
  }

  store::ObjectStore& inner_;
  Plan plan_;
  std::map<std::string, int> counts_;
};

}  // namespace mizan::testing
