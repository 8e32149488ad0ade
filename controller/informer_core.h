// The part of an Informer that doesn't depend on what it holds, so that it is compiled once.
//
// Lists, watches, lists again when the watch can't go on, and tells handlers each difference.
// Objects are kept decoded, as shared_ptr<const void>; informer.h puts the type back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/signal.h"
#include "store/object_store.h"

namespace mizan::controller {

/// Thread: io.
class InformerCore {
 public:
  using Decoded = std::shared_ptr<const void>;
  using Decode = std::function<Decoded(const store::ObjectPtr&)>;
  using Index = std::function<std::string(const void*)>;  // may be empty
  using Handler = std::function<void(const Decoded& before, const Decoded& after)>;

  InformerCore(store::ObjectStore& store, store::Selection selection, Decode decode, Index index);

  void on_change(Handler handler) { handlers_.push_back(std::move(handler)); }
  Decoded get(const std::string& ns, const std::string& name) const;
  std::vector<Decoded> group(const std::string& index) const;
  std::vector<Decoded> all() const;
  std::size_t size() const { return objects_.size(); }
  bool synced() const { return synced_; }
  void observe(const store::ObjectPtr& object);
  void stop();

  /// Keep the core alive while they run.
  static Task<> run(std::shared_ptr<InformerCore> self);
  static Task<> wait_until_synced(std::shared_ptr<InformerCore> self);
  static Task<> start(std::shared_ptr<InformerCore> self);   // spawns run(), waits until synced
  static Task<> finish(std::shared_ptr<InformerCore> self);  // stop(), waits for the end of run()

 private:
  struct Slot {
    Decoded object;
    std::uint64_t revision = 0;
    std::string index;
  };
  using Objects = std::map<std::string, Slot>;  // by "ns/name"

  Task<Result<>> list_and_watch();
  Task<Result<std::uint64_t>> relist();
  Task<Result<>> follow(std::uint64_t revision);
  void put(const std::string& key, std::uint64_t revision, const store::ObjectPtr& object);
  void drop(Objects::iterator slot);
  void apply(const store::WatchEvent& event);
  void tell(const Decoded& before, const Decoded& after);

  store::ObjectStore& store_;
  store::Selection selection_;
  Decode decode_;
  Index index_;
  std::vector<Handler> handlers_;
  Objects objects_;
  std::map<std::string, std::map<std::string, Decoded>> groups_;  // index -> key -> object
  std::uint64_t seen_ = 0;         // the watch has told everything up to here
  store::Watch* watch_ = nullptr;  // while follow() reads it
  bool synced_ = false;
  bool stopped_ = false;
  bool running_ = false;
  Signal changed_;  // synced_, stopped_ or running_
};

}  // namespace mizan::controller
