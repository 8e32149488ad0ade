// Lists and watches: pages of one snapshot, selectors, revisions, and that a watch misses and
// repeats nothing.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "tests/support/object_store_conformance.h"

namespace mizan::testing {

class ObjectStoreLists : public ObjectStoreSuite {
 protected:
  store::Page list(Selection selection, ListOptions options = {}) {
    auto page = run(store().list(std::move(selection), std::move(options)));
    EXPECT_TRUE(page) << page.error().message;
    return page ? *page : store::Page();
  }
  static std::vector<std::string> names(const store::Page& page) {
    std::vector<std::string> found;
    for (const ObjectPtr& object : page.items) found.push_back(string_at(*object, "metadata.name"));
    return found;
  }
  static Selection labelled(const std::string& text, const std::string& ns = "one") {
    Selection selection(kWidgets, ns);
    selection.labels = store::parse_label_selector(text).value();
    return selection;
  }
  static Selection with_fields(const std::string& text, const std::string& ns = "one") {
    Selection selection(kWidgets, ns);
    selection.fields = store::parse_field_selector(text).value();
    return selection;
  }
  std::unique_ptr<store::Watch> watch(Selection selection, WatchOptions options) {
    auto made = run(store().watch(std::move(selection), std::move(options)));
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  WatchEvent next(store::Watch& watch) {
    auto event = run(watch.next());
    EXPECT_TRUE(event) << event.error().message;
    return event ? *event : WatchEvent();
  }
  /// "ADDED a", "BOOKMARK", …
  std::string told(const WatchEvent& event) {
    static const char* const kNames[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK"};
    const std::string name = string_at(*event.object, "metadata.name");
    return kNames[static_cast<std::size_t>(event.type)] + (name.empty() ? "" : " " + name);
  }
  static WatchOptions from(const std::string& version) {
    WatchOptions options;
    options.resource_version = version;
    return options;
  }
};

using Names = std::vector<std::string>;

TEST_P(ObjectStoreLists, ListsANamespaceOrAllOfThem) {
  create(a_widget("b"));
  create(a_widget("a"));
  create(a_widget("c"), "two");

  EXPECT_EQ(names(list(Selection(kWidgets, "one"))), (Names{"a", "b"}));
  EXPECT_EQ(names(list(Selection(kWidgets))), (Names{"a", "b", "c"}));
  EXPECT_EQ(names(list(Selection(kWidgets, "nosuchns"))), Names{});
}

TEST_P(ObjectStoreLists, ListsPagesOfOneSnapshot) {
  for (const char* name : {"a", "b", "c", "d", "e"}) create(a_widget(name));
  ListOptions options;
  options.limit = 2;

  const store::Page first = list(Selection(kWidgets, "one"), options);
  run(store().remove(widget("c"), {})).value();
  create(a_widget("f"));
  options.continue_token = first.continue_token;
  const store::Page second = list(Selection(kWidgets, "one"), options);
  options.continue_token = second.continue_token;
  const store::Page third = list(Selection(kWidgets, "one"), options);

  EXPECT_EQ(names(first), (Names{"a", "b"}));
  EXPECT_EQ(first.remaining, 3U);
  EXPECT_EQ(names(second), (Names{"c", "d"}));
  EXPECT_EQ(names(third), Names{"e"});
  EXPECT_EQ(third.continue_token, "");
  EXPECT_EQ(second.resource_version, first.resource_version);
  EXPECT_EQ(third.resource_version, first.resource_version);
}

TEST_P(ObjectStoreLists, GivesAPageAsTextThatSaysTheSame) {
  for (const char* name : {"a", "b", "c", "d"}) create(a_widget(name));
  Json odd = a_widget("e");
  odd["metadata"]["annotations"] = {{"said", "\"metadata\":{\"uid\":[\\"}, {"uid", "{}"}};
  create(odd);
  ListOptions options;
  for (const std::size_t limit : {0UZ, 3UZ}) {
    options.limit = limit;
    options.as_text = false;
    const store::Page objects = list(Selection(kWidgets, "one"), options);
    Json expected = Json::array();
    for (const ObjectPtr& object : objects.items) expected.push_back(*object);

    options.as_text = true;
    const store::Page page = list(Selection(kWidgets, "one"), options);

    if (page.text) {
      EXPECT_EQ(Json::parse("[" + *page.text + "]"), expected);
      EXPECT_TRUE(page.items.empty());
    } else {
      EXPECT_EQ(names(page), names(objects));
    }
    EXPECT_EQ(page.continue_token, objects.continue_token);
    EXPECT_EQ(page.remaining, objects.remaining);
    EXPECT_EQ(page.resource_version, objects.resource_version);
  }
}

TEST_P(ObjectStoreLists, RefusesATokenThatIsNone) {
  ListOptions options;
  options.continue_token = "zzz";

  const Error error = run(store().list(Selection(kWidgets, "one"), options)).error();

  EXPECT_EQ(error.code, Code::kBadRequest);
  EXPECT_TRUE(error.message.starts_with("invalid continue token")) << error.message;
}

TEST_P(ObjectStoreLists, SelectsByLabels) {
  for (const auto& [name, labels] :
       std::map<std::string, Json>{{"a", {{"tier", "one"}}},
                                   {"b", {{"tier", "two"}}},
                                   {"c", {{"tier", "two"}, {"gone", "yes"}}},
                                   {"d", Json()}}) {
    Json wanted = a_widget(name);
    wanted["metadata"]["labels"] = labels;
    create(wanted);
  }

  EXPECT_EQ(names(list(labelled("tier=two"))), (Names{"b", "c"}));
  EXPECT_EQ(names(list(labelled("tier!=two"))), (Names{"a", "d"}));
  EXPECT_EQ(names(list(labelled("tier in (one,two),!gone"))), (Names{"a", "b"}));
  EXPECT_EQ(names(list(labelled("!tier"))), Names{"d"});
}

TEST_P(ObjectStoreLists, FillsAPageAlthoughFewMatch) {
  for (int i = 0; i < 40; ++i) {
    Json wanted = a_widget("w" + std::to_string(100 + i));
    if (i % 10 == 0) wanted["metadata"]["labels"] = {{"pick", "me"}};
    create(wanted);
  }
  ListOptions options;
  options.limit = 3;

  const store::Page first = list(labelled("pick=me"), options);
  options.continue_token = first.continue_token;
  const store::Page second = list(labelled("pick=me"), options);

  EXPECT_EQ(names(first), (Names{"w100", "w110", "w120"}));
  EXPECT_EQ(names(second), Names{"w130"});
  EXPECT_EQ(second.continue_token, "");
}

TEST_P(ObjectStoreLists, SelectsByTheFieldsThatTheKindOffers) {
  create(a_widget("a"));
  Json blue = a_widget("b");
  blue["spec"]["color"] = "blue";
  create(blue);
  create(a_widget("a"), "two");

  EXPECT_EQ(names(list(with_fields("metadata.name=a"))), Names{"a"});
  EXPECT_EQ(names(list(with_fields("metadata.name=a", ""))), (Names{"a", "a"}));
  EXPECT_EQ(names(list(with_fields("spec.color=blue", ""))), Names{"b"});
  EXPECT_EQ(names(list(with_fields("metadata.namespace=two,spec.color!=blue", ""))), Names{"a"});
  const Error error = run(store().list(with_fields("spec.size=1"), {})).error();
  EXPECT_EQ(error.code, Code::kBadRequest);
  EXPECT_EQ(error.message, "field label not supported: spec.size");
}

TEST_P(ObjectStoreLists, ShowsAnOlderRevisionWhenAskedExactly) {
  create(a_widget("a"));
  const store::Page then = list(Selection(kWidgets, "one"));
  create(a_widget("b"));
  ListOptions exact;
  exact.resource_version = then.resource_version;
  exact.match = ListOptions::Match::kExact;
  ListOptions at_least = exact;
  at_least.match = ListOptions::Match::kNotOlderThan;

  const store::Page old = list(Selection(kWidgets, "one"), exact);

  EXPECT_EQ(names(old), Names{"a"});
  EXPECT_EQ(old.resource_version, then.resource_version);
  EXPECT_EQ(names(list(Selection(kWidgets, "one"), at_least)), (Names{"a", "b"}));
}

TEST_P(ObjectStoreLists, RefusesRevisionsThatAreNone) {
  ListOptions word;
  word.resource_version = "abc";
  ListOptions future;
  future.resource_version = "99999999";

  EXPECT_EQ(run(store().list(Selection(kWidgets, "one"), word)).error().code, Code::kBadRequest);
  EXPECT_EQ(run(store().list(Selection(kWidgets, "one"), future)).error().code, Code::kTimeout);
}

TEST_P(ObjectStoreLists, WatchesWhatChangesAfterAList) {
  create(a_widget("a"));
  const store::Page page = list(Selection(kWidgets, "one"));
  auto seen = watch(Selection(kWidgets, "one"), from(page.resource_version));

  create(a_widget("b"));
  create(a_widget("elsewhere"), "two");
  merge(widget("a"), {{"spec", {{"size", 2}}}});
  run(store().remove(widget("b"), {})).value();

  EXPECT_EQ(told(next(*seen)), "ADDED b");
  const WatchEvent modified = next(*seen);
  EXPECT_EQ(told(modified), "MODIFIED a");
  EXPECT_EQ(*modified.object, get(widget("a")));
  const WatchEvent deleted = next(*seen);
  EXPECT_EQ(told(deleted), "DELETED b");
  EXPECT_GT(std::stoull(version_of(*deleted.object)), std::stoull(version_of(*modified.object)))
      << "the revision of the delete";
}

TEST_P(ObjectStoreLists, WatchesFromWhatIsThereWhenNoRevisionIsNamed) {
  create(a_widget("a"));
  auto seen = watch(Selection(kWidgets, "one"), {});

  create(a_widget("b"));

  EXPECT_EQ(told(next(*seen)), "ADDED a");
  EXPECT_EQ(told(next(*seen)), "ADDED b");
}

TEST_P(ObjectStoreLists, EndsInitialEventsWithABookmark) {
  create(a_widget("a"));
  WatchOptions options;
  options.send_initial_events = true;
  options.bookmarks = true;
  auto seen = watch(Selection(kWidgets, "one"), options);

  EXPECT_EQ(told(next(*seen)), "ADDED a");
  const WatchEvent end = next(*seen);
  EXPECT_EQ(told(end), "BOOKMARK");
  EXPECT_TRUE(end.initial_end);
  EXPECT_EQ((*end.object)["kind"], "Widget");
  EXPECT_EQ((*end.object)["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
  EXPECT_GE(std::stoull(version_of(*end.object)), std::stoull(version_of(get(widget("a")))));
}

TEST_P(ObjectStoreLists, TellsOfObjectsThatStartAndCeaseToMatch) {
  create(a_widget("a"));
  const store::Page page = list(Selection(kWidgets, "one"));
  auto live = watch(labelled("pick=me"), from(page.resource_version));

  merge(widget("a"), {{"metadata", {{"labels", {{"pick", "me"}}}}}});
  merge(widget("a"), {{"spec", {{"size", 2}}}});
  const Json last = merge(widget("a"), {{"metadata", {{"labels", {{"pick", nullptr}}}}}});
  merge(widget("a"), {{"spec", {{"size", 3}}}});
  auto replayed = watch(labelled("pick=me"), from(page.resource_version));

  for (store::Watch* seen : {live.get(), replayed.get()}) {
    EXPECT_EQ(told(next(*seen)), "ADDED a");
    EXPECT_EQ(told(next(*seen)), "MODIFIED a");
    const WatchEvent deleted = next(*seen);
    EXPECT_EQ(told(deleted), "DELETED a");
    EXPECT_EQ((*deleted.object)["metadata"]["labels"]["pick"], "me")
        << "the last state that matched";
    EXPECT_EQ(version_of(*deleted.object), version_of(last)) << "with the revision of the change";
  }
}

TEST_P(ObjectStoreLists, ReplaysFromARevisionAndGoesOnLive) {
  const std::string before = version_of(create(a_widget("a")));
  create(a_widget("b"));
  run(store().remove(widget("a"), {})).value();
  auto seen = watch(Selection(kWidgets, "one"), from(before));

  EXPECT_EQ(told(next(*seen)), "ADDED b");
  EXPECT_EQ(told(next(*seen)), "DELETED a");
  create(a_widget("c"));
  EXPECT_EQ(told(next(*seen)), "ADDED c");
}

TEST_P(ObjectStoreLists, ResumesACancelledNextWithCancelled) {
  auto seen = watch(Selection(kWidgets, "one"), {});
  boost::asio::post(harness_->io, [&] { seen->cancel(); });

  EXPECT_EQ(run(seen->next()).error().code, Code::kCancelled);
}

TEST_P(ObjectStoreLists, MissesAndRepeatsNothingWhereReplayMeetsLive) {
  // Writers never pause while watches begin at every revision that they pass: each must see exactly
  // what follows.
  constexpr int kWriters = 4;
  constexpr int kWrites = 60;
  const std::string start = version_of(create(a_widget("start")));
  std::vector<std::string> began = {start};
  const auto writer = [](store::ObjectStore& target, int number,
                         std::vector<std::string>& versions) -> Task<> {
    for (int i = 0; i < kWrites; ++i) {
      const std::string name = "w" + std::to_string(number) + "-" + std::to_string(i);
      const auto made = co_await target.create(kWidgets, "one", a_widget(name), {});
      if (i % 20 == 7) versions.push_back(version_of(*made->object));
      if (i % 3 == 0) co_await target.remove(Key(kWidgets, "one", name), {});
    }
  };
  using Seen = std::vector<std::pair<std::uint64_t, std::string>>;
  const auto reader = [](store::ObjectStore& target, std::string version, Seen& seen,
                         std::size_t wanted) -> Task<> {
    WatchOptions options;
    options.resource_version = version;
    auto opened = co_await target.watch(Selection(kWidgets, "one"), options);
    while (seen.size() < wanted) {
      const auto event = co_await (*opened)->next();
      if (!event) {
        ADD_FAILURE() << event.error().message;
        co_return;
      }
      seen.emplace_back(std::stoull(version_of(*event->object)),
                        string_at(*event->object, "metadata.name"));
    }
  };
  constexpr std::size_t kEvents = kWriters * (kWrites + kWrites / 3);
  Seen whole;
  boost::asio::co_spawn(harness_->io, reader(store(), start, whole, kEvents),
                        boost::asio::detached);
  for (int i = 0; i < kWriters; ++i) {
    boost::asio::co_spawn(harness_->io, writer(store(), i, began), boost::asio::detached);
  }
  std::vector<std::pair<std::string, Seen>> later;
  later.reserve(64);
  harness_->io.restart();
  while (whole.size() < kEvents && harness_->io.run_one() > 0) {
    // A watch from each newly seen revision, while the writers go on.
    while (later.size() < began.size()) {
      auto& [version, seen] = later.emplace_back(began[later.size()], Seen());
      const std::uint64_t base = std::stoull(version) - std::stoull(start);
      boost::asio::co_spawn(harness_->io, reader(store(), version, seen, kEvents - base),
                            boost::asio::detached);
    }
  }
  harness_->io.run();

  ASSERT_EQ(whole.size(), kEvents);
  for (std::size_t i = 1; i < whole.size(); ++i) EXPECT_EQ(whole[i].first, whole[i - 1].first + 1);
  EXPECT_GT(later.size(), 8U);
  for (const auto& [version, seen] : later) {
    const std::size_t base = std::stoull(version) - std::stoull(start);
    EXPECT_EQ(seen, Seen(whole.begin() + static_cast<std::ptrdiff_t>(base), whole.end()))
        << "from " << version;
  }
}

}  // namespace mizan::testing
