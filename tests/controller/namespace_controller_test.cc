// Namespaces that go, with all that is in them.
#include "controller/namespace_controller.h"

#include <gtest/gtest.h>

#include "resources/known_resources.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_until.h"

namespace mizan::controller {
namespace {

using resources::kConfigMaps;
using resources::kNamespaces;
using resources::kSecrets;

class NamespaceControllerTest : public ::testing::Test {
 protected:
  NamespaceControllerTest() { memory.add_namespace("doomed"); }
  ~NamespaceControllerTest() override { memory.run(controller.stop()); }

  void make(const resources::ResourceId& id, const std::string& ns, const std::string& name,
            const Json& finalizers = Json::array()) {
    Json object = {{"metadata", {{"name", name}, {"finalizers", finalizers}}}};
    auto made = memory.run(memory.store.create(id, ns, std::move(object), {}));
    if (!made) throw std::runtime_error(made.error().message);
  }
  bool exists(const resources::ResourceId& id, const std::string& ns, const std::string& name) {
    return memory.run(memory.store.get(store::Key(id, ns, name))).has_value();
  }
  void remove_namespace() {
    if (!memory.run(memory.store.remove(store::Key(kNamespaces, "", "doomed"), {})))
      throw std::runtime_error("remove");
  }

  testing::MemoryStore memory;
  NamespaceController controller{memory.io.get_executor(), memory.store, memory.table};
};

TEST_F(NamespaceControllerTest, EmptiesANamespaceAndLetsItGo) {
  for (int i = 0; i < 600; ++i) make(kConfigMaps, "doomed", std::to_string(i));
  make(kSecrets, "doomed", "s");
  make(kSecrets, "default", "s");
  memory.run(controller.start());

  remove_namespace();
  testing::run_until(memory.io, [&] { return !exists(kNamespaces, "", "doomed"); });

  EXPECT_FALSE(exists(kSecrets, "doomed", "s"));
  EXPECT_TRUE(exists(kSecrets, "default", "s"));
}

TEST_F(NamespaceControllerTest, WaitsForWhatAFinalizerHolds) {
  make(kSecrets, "doomed", "held", {"test/holds"});
  memory.run(controller.start());

  remove_namespace();
  testing::run_until(memory.io, [&] {
    auto held = memory.run(memory.store.get(store::Key(kSecrets, "doomed", "held")));
    return held && (**held)["metadata"].contains("deletionTimestamp");
  });
  EXPECT_TRUE(exists(kNamespaces, "", "doomed"));
  Json releases = {{"metadata", {{"finalizers", Json::array()}}}};
  ASSERT_TRUE(memory.run(memory.store.patch(store::Key(kSecrets, "doomed", "held"), "",
                                            store::Patch(store::PatchType::kMerge, releases), {})));

  testing::run_until(memory.io, [&] { return !exists(kNamespaces, "", "doomed"); });
}

TEST_F(NamespaceControllerTest, FinishesWhatBeganBeforeItStarted) {
  make(kSecrets, "doomed", "s");
  remove_namespace();

  memory.run(controller.start());

  testing::run_until(memory.io, [&] { return !exists(kNamespaces, "", "doomed"); });
}

}  // namespace
}  // namespace mizan::controller
