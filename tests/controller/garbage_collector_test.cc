// Owner references: background, foreground, orphan, and owners that never were.
#include "controller/garbage_collector.h"

#include <gtest/gtest.h>

#include "resources/known_resources.h"
#include "resources/meta.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_until.h"

namespace mizan::controller {
namespace {

using resources::kConfigMaps;
using resources::kSecrets;

Json reference_to(const Json& owner, bool block = true) {
  Json reference = {{"apiVersion", "v1"},
                    {"kind", string_at(owner, "kind")},
                    {"name", resources::name_of(owner)},
                    {"uid", resources::uid_of(owner)}};
  if (block) reference["blockOwnerDeletion"] = true;
  return reference;
}

class GarbageCollectorTest : public ::testing::Test {
 protected:
  ~GarbageCollectorTest() override { memory.run(collector.stop()); }

  void start() { memory.run(collector.start()); }
  Json make(const resources::ResourceId& id, const std::string& name,
            const Json& owners = Json::array()) {
    Json object = {{"apiVersion", "v1"},
                   {"kind", id == kSecrets ? "Secret" : "ConfigMap"},
                   {"metadata", {{"name", name}, {"ownerReferences", owners}}}};
    auto made = memory.run(memory.store.create(id, "default", std::move(object), {}));
    if (!made) throw std::runtime_error(made.error().message);
    return *made->object;
  }
  std::optional<Json> get(const resources::ResourceId& id, const std::string& name) {
    auto found = memory.run(memory.store.get(store::Key(id, "default", name)));
    return found ? std::optional(**found) : std::nullopt;
  }
  void remove(const resources::ResourceId& id, const std::string& name,
              store::Propagation propagation = store::Propagation::kBackground) {
    store::RemoveOptions options;
    options.propagation = propagation;
    if (!memory.run(memory.store.remove(store::Key(id, "default", name), options)))
      throw std::runtime_error("remove");
  }
  void run_until_gone(const resources::ResourceId& id, const std::string& name) {
    testing::run_until(memory.io, [&] { return !get(id, name); });
  }
  void settle() {
    for (int i = 0; i < 50; ++i) memory.run_ready();
  }

  testing::MemoryStore memory;
  GarbageCollector collector{memory.io.get_executor(), memory.store, memory.table};
};

TEST_F(GarbageCollectorTest, ADependentGoesAfterItsLastOwner) {
  start();
  const Json a = make(kConfigMaps, "a");
  const Json b = make(kConfigMaps, "b");
  make(kSecrets, "child", Json::array({reference_to(a), reference_to(b)}));

  remove(kConfigMaps, "a");
  testing::run_until(memory.io,
                     [&] { return resources::owners_of(*get(kSecrets, "child")).size() == 1; });
  EXPECT_EQ(resources::owners_of(*get(kSecrets, "child")).front().name, "b");
  remove(kConfigMaps, "b");

  run_until_gone(kSecrets, "child");
}

TEST_F(GarbageCollectorTest, WholeChainsGo) {
  start();
  Json owner = make(kConfigMaps, "c0");
  for (int i = 1; i < 5; ++i)
    owner = make(kConfigMaps, "c" + std::to_string(i), Json::array({reference_to(owner)}));

  remove(kConfigMaps, "c0");

  run_until_gone(kConfigMaps, "c4");
}

TEST_F(GarbageCollectorTest, ADependentOfAnOwnerThatNeverWasGoes) {
  start();
  const Json a = make(kConfigMaps, "a");
  Json stranger = reference_to(a);
  stranger["uid"] =
      "00000000-0000-4000-8000-000000000000";  // the name is there, but another object has it

  make(kSecrets, "child", Json::array({stranger}));

  run_until_gone(kSecrets, "child");
  EXPECT_TRUE(get(kConfigMaps, "a"));
}

TEST_F(GarbageCollectorTest, WhatLostItsOwnerWhileNobodyLookedGoesAtTheStart) {
  const Json a = make(kConfigMaps, "a");
  make(kSecrets, "child", Json::array({reference_to(a)}));
  make(kSecrets, "free");
  remove(kConfigMaps, "a");

  start();

  run_until_gone(kSecrets, "child");
  EXPECT_TRUE(get(kSecrets, "free"));
}

TEST_F(GarbageCollectorTest, InTheForegroundTheOwnerWaitsForThoseThatBlockIt) {
  start();
  const Json a = make(kConfigMaps, "a");
  Json child = make(kSecrets, "child", Json::array({reference_to(a)}));
  Json holds = {{"metadata", {{"finalizers", {"test/holds"}}}}};
  ASSERT_TRUE(memory.run(memory.store.patch(store::Key(kSecrets, "default", "child"), "",
                                            store::Patch(store::PatchType::kMerge, holds), {})));

  remove(kConfigMaps, "a", store::Propagation::kForeground);
  testing::run_until(memory.io,
                     [&] { return resources::is_being_deleted(*get(kSecrets, "child")); });
  settle();
  EXPECT_TRUE(get(kConfigMaps, "a"));
  Json releases = {{"metadata", {{"finalizers", Json::array()}}}};
  ASSERT_TRUE(memory.run(memory.store.patch(store::Key(kSecrets, "default", "child"), "",
                                            store::Patch(store::PatchType::kMerge, releases), {})));

  run_until_gone(kConfigMaps, "a");
  EXPECT_FALSE(get(kSecrets, "child"));
}

TEST_F(GarbageCollectorTest, OrphansStayWithoutTheirReference) {
  start();
  const Json a = make(kConfigMaps, "a");
  make(kSecrets, "child", Json::array({reference_to(a)}));
  settle();

  remove(kConfigMaps, "a", store::Propagation::kOrphan);
  run_until_gone(kConfigMaps, "a");
  settle();

  ASSERT_TRUE(get(kSecrets, "child"));
  EXPECT_TRUE(resources::owners_of(*get(kSecrets, "child")).empty());
}

TEST_F(GarbageCollectorTest, AnOwnerOfAnUnknownKindProvesNothing) {
  start();
  Json reference = {{"apiVersion", "example.com/v1"},
                    {"kind", "Widget"},
                    {"name", "w"},
                    {"uid", "00000000-0000-4000-8000-000000000001"}};

  make(kSecrets, "child", Json::array({reference}));
  settle();

  EXPECT_TRUE(get(kSecrets, "child"));
}

TEST_F(GarbageCollectorTest, WatchesKindsThatAreAddedLater) {
  start();
  resources::ResourceDefinition widgets = *memory.table.find(kConfigMaps);
  widgets.group = "example.com";
  widgets.version = "v1";
  widgets.plural = "widgets";
  widgets.singular = "widget";
  widgets.kind = "Widget";
  widgets.list_kind = "WidgetList";
  memory.table.add(widgets);
  memory.run(collector.refresh_kinds());
  const Json a = make(kConfigMaps, "a");
  Json widget = {
      {"apiVersion", "example.com/v1"},
      {"kind", "Widget"},
      {"metadata", {{"name", "w"}, {"ownerReferences", Json::array({reference_to(a)})}}}};
  ASSERT_TRUE(memory.run(memory.store.create(widgets.id(), "default", widget, {})));

  remove(kConfigMaps, "a");

  run_until_gone(widgets.id(), "w");
}

TEST_F(GarbageCollectorTest, CollectsAThousandDependents) {
  start();
  const Json a = make(kConfigMaps, "a");
  for (int i = 0; i < 1000; ++i)
    make(kSecrets, "child-" + std::to_string(i), Json::array({reference_to(a)}));

  remove(kConfigMaps, "a");

  testing::run_until(memory.io, [&] {
    return memory.run(memory.store.list(store::Selection(kSecrets), {}))->items.empty();
  });
}

}  // namespace
}  // namespace mizan::controller
