// A live copy: complete, in order, and true again after whatever breaks the watch.
#include "controller/informer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "resources/known_resources.h"
#include "resources/meta.h"
#include "tests/controller/breaking_watches.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_until.h"

namespace mizan::controller {
namespace {

using resources::kConfigMaps;

struct Note {
  std::string name, text, group;
};

Note read_note(const Json& object) {
  return {resources::name_of(object), string_at(object, "data.text"),
          string_at(object, "data.group")};
}

class InformerTest : public ::testing::Test {
 protected:
  InformerTest()
      : informer(store, store::Selection(kConfigMaps), read_note,
                 [](const Note& note) { return note.group; }) {
    informer.on_change([this](const Informer<Note>::Event& event) {
      if (!event.before) {
        told.push_back("+" + event.after->name + "=" + event.after->text);
      } else if (!event.after) {
        told.push_back("-" + event.before->name);
      } else {
        told.push_back(event.before->name + ":" + event.before->text + ">" + event.after->text);
      }
    });
  }
  ~InformerTest() override { memory.run(InformerCore::finish(informer.core())); }

  void start() { memory.run(InformerCore::start(informer.core())); }
  store::ObjectPtr put(const std::string& name, const std::string& text,
                       const std::string& group = "") {
    Json object = {{"apiVersion", "v1"},
                   {"kind", "ConfigMap"},
                   {"metadata", {{"name", name}}},
                   {"data", {{"text", text}, {"group", group}}}};
    auto made = memory.run(memory.store.create(kConfigMaps, "default", object, {}));
    if (!made)
      made =
          memory.run(memory.store.update(store::Key(kConfigMaps, "default", name), "", object, {}));
    if (!made) throw std::runtime_error(made.error().message);
    return made->object;
  }
  void drop(const std::string& name) {
    if (!memory.run(memory.store.remove(store::Key(kConfigMaps, "default", name), {})))
      throw std::runtime_error("remove");
  }
  void settle() {
    for (int i = 0; i < 20; ++i) memory.run_ready();
  }

  testing::MemoryStore memory;
  testing::BreakingWatches store{memory.store};
  Informer<Note> informer;
  std::vector<std::string> told;
};

TEST_F(InformerTest, HoldsWhatWasThereAndFollowsWhatChanges) {
  put("a", "1");
  start();
  EXPECT_TRUE(informer.synced());
  ASSERT_TRUE(informer.get("default", "a"));

  put("b", "1");
  put("a", "2");
  drop("b");
  settle();

  EXPECT_EQ(told, (std::vector<std::string>{"+a=1", "+b=1", "a:1>2", "-b"}));
  EXPECT_EQ(informer.get("default", "a")->text, "2");
  EXPECT_EQ(informer.get("default", "b"), nullptr);
  EXPECT_EQ(informer.all().size(), 1U);
}

TEST_F(InformerTest, ListsMoreThanOnePage) {
  for (int i = 0; i < 1203; ++i) put(std::to_string(i), "x");

  start();

  EXPECT_EQ(informer.size(), 1203U);
}

TEST_F(InformerTest, GroupsFollowTheirIndex) {
  put("a", "1", "red");
  put("b", "1", "red");
  start();
  EXPECT_EQ(informer.group("red").size(), 2U);

  put("a", "1", "blue");
  drop("b");
  settle();

  EXPECT_TRUE(informer.group("red").empty());
  ASSERT_EQ(informer.group("blue").size(), 1U);
  EXPECT_EQ(informer.group("blue").front()->name, "a");
}

TEST_F(InformerTest, ReadsItsOwnWritesAtOnce) {
  start();

  informer.observe(put("a", "1"));

  ASSERT_TRUE(informer.get("default", "a"));
  settle();
  EXPECT_EQ(told, (std::vector<std::string>{
                      "+a=1"}));  // the watch's event of the same version tells nothing new
}

TEST_F(InformerTest, DoesNotGoBackToAnOlderVersion) {
  start();
  const store::ObjectPtr old = put("a", "1");
  put("a", "2");
  settle();

  informer.observe(old);

  EXPECT_EQ(informer.get("default", "a")->text, "2");
}

TEST_F(InformerTest, DoesNotBringBackWhatWasDeletedSince) {
  start();
  const store::ObjectPtr written = put("a", "1");
  drop("a");
  settle();

  informer.observe(written);

  EXPECT_EQ(informer.get("default", "a"), nullptr);
}

TEST_F(InformerTest, ListsAgainWhenItsRevisionIsGoneAndTellsTheDifference) {
  put("stays", "1");
  put("goes", "1");
  put("changes", "1");
  start();
  settle();
  told.clear();
  const int lists = store.count("list");
  store.set_plan([](const testing::FlakyStore::Call&) {
    return testing::FlakyStore::Fault{{Code::kUnavailable, "not now", {}}};
  });
  store.break_watches(Code::kExpired);
  settle();

  drop("goes");
  put("changes", "2");
  put("comes", "1");
  store.set_plan(nullptr);
  testing::run_until(memory.io, [&] { return informer.get("default", "comes") != nullptr; });

  EXPECT_GT(store.count("list"), lists);
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (std::vector<std::string>{"+comes=1", "-goes", "changes:1>2"}));
}

TEST_F(InformerTest, GoesOnWithoutListingWhenAWatchMerelyEnds) {
  start();
  put("a", "1");
  settle();
  const int lists = store.count("list");

  store.break_watches(Code::kUnavailable);
  settle();
  put("b", "1");
  testing::run_until(memory.io, [&] { return informer.get("default", "b") != nullptr; });

  EXPECT_EQ(store.count("list"), lists);
  EXPECT_EQ(told, (std::vector<std::string>{"+a=1", "+b=1"}));
}

TEST_F(InformerTest, OfPlainJsonSharesTheStoresObjects) {
  const store::ObjectPtr written = put("a", "1");
  Informer<Json> plain(store, store::Selection(kConfigMaps), {});

  memory.run(InformerCore::start(plain.core()));

  EXPECT_EQ(string_at(*plain.get("default", "a"), "data.text"), "1");
  memory.run(InformerCore::finish(plain.core()));
}

}  // namespace
}  // namespace mizan::controller
