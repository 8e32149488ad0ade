// Kinds that users bring: served once their definition is stored, gone with their objects when it
// goes.
#include "controller/definition_controller.h"

#include <gtest/gtest.h>

#include "resources/known_resources.h"
#include "tests/support/memory_store.h"
#include "tests/support/object_store_conformance.h"
#include "tests/support/run_until.h"

namespace mizan::controller {
namespace {

using testing::a_widget;
using testing::kWidgets;
using testing::MemoryStore;
using testing::widget_crd;

using resources::kDefinitions;

class DefinitionControllerTest : public ::testing::Test {
 protected:
  DefinitionControllerTest() { memory_.run(definitions_.start()); }
  ~DefinitionControllerTest() override { memory_.run(definitions_.stop()); }

  void apply(Json crd) {
    auto made = memory_.run(store().create(kDefinitions, "", std::move(crd)));
    ASSERT_TRUE(made) << made.error().message;
  }
  Json stored(const std::string& name) {
    auto found = memory_.run(store().get(store::Key(kDefinitions, "", name)));
    return found ? **found : Json();
  }
  template <class Condition>
  void eventually(Condition condition) {
    testing::run_until(memory_.io, condition);
  }
  bool established(const std::string& name) {
    const Json* conditions = nullptr;
    const Json crd = stored(name);
    conditions = find(crd, "status.conditions");
    return conditions != nullptr && conditions->size() == 2;
  }

  store::ObjectStore& store() { return memory_.store; }

  MemoryStore memory_;
  DefinitionController definitions_{memory_.io.get_executor(), memory_.store, memory_.table,
                                    memory_.clock};
};

TEST_F(DefinitionControllerTest, ServesAKindThatWasApplied) {
  apply(widget_crd());
  eventually([&] { return memory_.table.find(kWidgets) != nullptr; });
  eventually([&] { return established("widgets.example.org"); });
  EXPECT_EQ(string_at(stored("widgets.example.org"), "status.acceptedNames.listKind"),
            "WidgetList");
  auto made = memory_.run(store().create(kWidgets, "default", a_widget("a")));
  EXPECT_TRUE(made) << made.error().message;
}

TEST_F(DefinitionControllerTest, TakesTheObjectsAwayWithTheirKind) {
  apply(widget_crd());
  eventually([&] { return established("widgets.example.org"); });
  ASSERT_TRUE(memory_.run(store().create(kWidgets, "default", a_widget("a"))));

  ASSERT_TRUE(memory_.run(store().remove(store::Key(kDefinitions, "", "widgets.example.org"))));

  eventually([&] { return memory_.table.find(kWidgets) == nullptr; });
  EXPECT_TRUE(stored("widgets.example.org").is_null());
  apply(widget_crd());
  eventually([&] { return memory_.table.find(kWidgets) != nullptr; });
  EXPECT_FALSE(memory_.run(store().get(store::Key(kWidgets, "default", "a"))));
}

TEST_F(DefinitionControllerTest, LeavesTheKindsThatShipWithItAlone) {
  Json crd = widget_crd();
  crd["metadata"]["name"] = "experiments.kubeflow.org";
  crd["spec"]["group"] = "kubeflow.org";
  crd["spec"]["names"] = {{"plural", "experiments"}, {"kind", "Experiment"}};
  const auto* before = memory_.table.find({"kubeflow.org", "experiments"});

  apply(crd);

  eventually([&] { return established("experiments.kubeflow.org"); });
  EXPECT_EQ(memory_.table.find({"kubeflow.org", "experiments"}), before);
}

}  // namespace
}  // namespace mizan::controller
