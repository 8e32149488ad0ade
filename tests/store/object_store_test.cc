// LocalStore on both backends against the suite of the object store.
#include "store/local_store.h"
#include "store/memory_backend.h"
#include "store/sqlite_backend.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/object_store_conformance.h"
#include "tests/support/object_store_list_conformance.h"
#include "tests/support/object_store_removal_conformance.h"
#include "tests/support/object_store_writes_conformance.h"
#include "tests/support/temp_dir.h"

namespace mizan::testing {
namespace {

class MemoryStoreHarness final : public StoreHarness {
 public:
  MemoryStoreHarness() {
    for (const char* ns : {"one", "two"}) {
      run_task(io, store_.create({"", "namespaces"}, "", {{"metadata", {{"name", ns}}}}, {}))
          .value();
    }
  }
  store::ObjectStore& store() override { return store_; }

 private:
  ManualClock clock_;
  resources::AdmissionTable admission_;
  resources::ResourceTable table_ = table_with_widgets();
  store::MemoryBackend backend_;
  store::LocalStore store_{io.get_executor(), backend_, table_, admission_, clock_};
};

class SqliteStoreHarness final : public StoreHarness {
 public:
  SqliteStoreHarness() {
    for (const char* ns : {"one", "two"}) {
      run_task(io, store_.create({"", "namespaces"}, "", {{"metadata", {{"name", ns}}}}, {}))
          .value();
    }
  }
  store::ObjectStore& store() override { return store_; }

 private:
  TempDir dir_;
  ManualClock clock_;
  resources::AdmissionTable admission_;
  resources::ResourceTable table_ = table_with_widgets();
  std::unique_ptr<store::SqliteDatabase> database_ =
      store::SqliteDatabase::open(dir_ / "mizan.db", io.get_executor()).value();
  store::SqliteBackend backend_{*database_};
  store::LocalStore store_{io.get_executor(), backend_, table_, admission_, clock_};
};

std::unique_ptr<StoreHarness> local_on_memory() { return std::make_unique<MemoryStoreHarness>(); }
std::unique_ptr<StoreHarness> local_on_sqlite() { return std::make_unique<SqliteStoreHarness>(); }

const auto kStores =
    ::testing::Values(StoreKind{"Memory", local_on_memory}, StoreKind{"Sqlite", local_on_sqlite});
INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreWrites, kStores, name_of_store);
INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreRemoval, kStores, name_of_store);
INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreLists, kStores, name_of_store);

}  // namespace
}  // namespace mizan::testing
