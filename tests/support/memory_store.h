// An ObjectStore for tests: LocalStore on a MemoryBackend with every kind that ships with mizan,
// the namespaces `default` and `kubeflow`, and a clock that the test moves.
//
//   mizan::testing::MemoryStore memory;
//   auto trial = memory.run(memory.store.get(key));
#pragma once

#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "resources/admission.h"
#include "resources/definition.h"
#include "store/local_store.h"
#include "store/memory_backend.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run_task.h"

namespace mizan::testing {

struct MemoryStore {
  explicit MemoryStore(resources::AdmissionTable admission_ = {},
                       resources::ResourceTable table_ = builtin_table(),
                       store::LocalStoreOptions options = {})
      : table(std::move(table_)),
        admission(std::move(admission_)),
        store(io.get_executor(), backend, table, admission, clock, std::move(options)) {
    add_namespace("default");
    add_namespace("kubeflow");
  }

  static resources::ResourceTable builtin_table() {
    static const auto table =
        resources::ResourceTable::builtin();  // reading the schemas takes a while
    if (!table) throw std::runtime_error(table.error().message);
    return *table;
  }

  template <class T>
  T run(Task<T> task) {
    return run_task(io, std::move(task));
  }
  /// Runs what is ready: controllers, watches, posted work.
  void run_ready() { testing::run_ready(io); }

  void add_namespace(const std::string& name) {
    Json object = {{"metadata", {{"name", name}}}};
    auto made = run(store.create({"", "namespaces"}, "", std::move(object), {}));
    if (!made) throw std::runtime_error(made.error().message);
  }

  boost::asio::io_context io;
  ManualClock clock;
  store::MemoryBackend backend;
  resources::ResourceTable table;
  resources::AdmissionTable admission;
  store::LocalStore store;
};

}  // namespace mizan::testing
