// A live copy of one kind, kept by list and watch: what controllers read instead of listing.
//
// Objects are decoded once into T. An index groups them (Trials by experiment). Handlers run on
// each change, after the copy has it. On 410 or a broken watch it lists again and tells handlers
// the difference.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "controller/informer_core.h"
#include "controller/reconciler.h"
#include "store/object_store.h"

namespace mizan::controller {

/// Thread: io. Owns nothing of the store; the store outlives it.
template <class T>
class Informer {
 public:
  using Ptr = std::shared_ptr<const T>;
  struct Event {
    Ptr before;  // null: the object is new
    Ptr after;   // null: it is gone
  };

  /// `decode` reads an object; `index` names the group it is in ("" for none), e.g.
  /// "ns/experiment".
  Informer(store::ObjectStore& store, store::Selection selection,
           std::function<T(const Json&)> decode, std::function<std::string(const T&)> index = {})
      : core_(std::make_shared<InformerCore>(
            store, std::move(selection),
            [decode = std::move(decode)](const store::ObjectPtr& object) -> InformerCore::Decoded {
              // An informer of plain Json shares the store's object unless it is told to change it.
              if constexpr (std::is_same_v<T, Json>) {
                if (!decode) return object;
              }
              return std::make_shared<const T>(decode(*object));
            },
            erase(std::move(index)))) {}

  void on_change(std::function<void(const Event&)> handler) {  // before run()
    core_->on_change([handler = std::move(handler)](const InformerCore::Decoded& before,
                                                    const InformerCore::Decoded& after) {
      handler(Event{cast(before), cast(after)});
    });
  }

  Ptr get(const std::string& ns, const std::string& name) const {
    return cast(core_->get(ns, name));
  }  // null: not there
  /// Those of one index group, by name.
  std::vector<Ptr> group(const std::string& index) const { return cast(core_->group(index)); }
  std::vector<Ptr> all() const { return cast(core_->all()); }  // by namespace and name
  std::size_t size() const { return core_->size(); }
  bool synced() const { return core_->synced(); }  // the first list is in
  Task<> wait_until_synced() { return InformerCore::wait_until_synced(core_); }
  /// Puts in what a write just returned, so that the writer reads its own write; older versions are
  /// ignored.
  void observe(const store::ObjectPtr& object) { core_->observe(object); }

  /// Lists and watches until stop(). Never fails: errors are logged and retried with backoff.
  Task<> run() { return InformerCore::run(core_); }
  void stop() { core_->stop(); }

  const std::shared_ptr<InformerCore>& core() const { return core_; }  // for Manager

 private:
  static Ptr cast(const InformerCore::Decoded& object) {
    return std::static_pointer_cast<const T>(object);
  }
  static std::vector<Ptr> cast(const std::vector<InformerCore::Decoded>& objects) {
    std::vector<Ptr> typed;
    typed.reserve(objects.size());
    for (const InformerCore::Decoded& object : objects) typed.push_back(cast(object));
    return typed;
  }
  static InformerCore::Index erase(std::function<std::string(const T&)> index) {
    if (!index) return {};
    return [index = std::move(index)](const void* object) {
      return index(*static_cast<const T*>(object));
    };
  }

  std::shared_ptr<InformerCore> core_;
};

}  // namespace mizan::controller
