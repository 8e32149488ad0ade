// A live copy of one kind, kept by list and watch: what controllers read instead of listing.
//
// Objects are decoded once into T. An index groups them (Trials by experiment). Handlers run on each change, after
// the copy has it. On 410 or a broken watch it lists again and tells handlers the difference.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

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

  /// `decode` reads an object; `index` names the group it is in ("" for none), e.g. "ns/experiment".
  Informer(store::ObjectStore& store, store::Selection selection, std::function<T(const Json&)> decode,
           std::function<std::string(const T&)> index = {});
  ~Informer();

  void on_change(std::function<void(const Event&)> handler);  // before run()

  Ptr get(const std::string& ns, const std::string& name) const;  // null: not there
  /// Those of one index group, by name.
  std::vector<Ptr> group(const std::string& index) const;
  std::vector<Ptr> all() const;
  bool synced() const;                    // the first list is in
  Task<> wait_until_synced();
  /// Puts in what a write just returned, so that the writer reads its own write; older versions are ignored.
  void observe(const store::ObjectPtr& object);

  /// Lists and watches until cancelled. Never fails: errors are logged and retried with backoff.
  Task<> run();
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mizan::controller
