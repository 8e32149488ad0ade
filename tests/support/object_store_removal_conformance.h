// Deleting objects: finalizers, preconditions, propagation, the grace of pods, namespaces.
#pragma once

#include "tests/support/object_store_conformance.h"

namespace mizan::testing {

class ObjectStoreRemoval : public ObjectStoreSuite {
 protected:
  store::Removed remove(const Key& key, RemoveOptions options = {}) {
    auto removed = run(store().remove(key, std::move(options)));
    EXPECT_TRUE(removed) << removed.error().message;
    return removed ? *removed : store::Removed();
  }
  Json with_finalizer(const std::string& name) {
    Json wanted = a_widget(name);
    wanted["metadata"]["finalizers"] = {"example.org/cleanup"};
    return create(wanted);
  }
  /// A pod that a node has taken.
  void create_running_pod(const std::string& name) {
    create_pod(a_pod(name));
    merge(pod(name), {{"spec", {{"nodeName", "n1"}}}});
    merge(pod(name), {{"status", {{"phase", "Running"}}}}, "status");
  }
};

TEST_P(ObjectStoreRemoval, RemovesAtOnceWhatNothingHolds) {
  const Json object = create(a_widget("a"));

  const store::Removed removed = remove(widget("a"));

  EXPECT_TRUE(removed.gone);
  EXPECT_EQ((*removed.object)["metadata"]["uid"], object["metadata"]["uid"]);
  EXPECT_FALSE(exists(widget("a")));
  EXPECT_EQ(run(store().remove(widget("a"), {})).error().code, Code::kNotFound);
}

TEST_P(ObjectStoreRemoval, WaitsForFinalizers) {
  with_finalizer("a");

  const store::Removed removed = remove(widget("a"));
  const store::Removed again = remove(widget("a"));

  EXPECT_FALSE(removed.gone);
  EXPECT_TRUE((*removed.object)["metadata"].contains("deletionTimestamp"));
  EXPECT_EQ((*removed.object)["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(generation_of(*removed.object), 2);
  EXPECT_EQ(*again.object, *removed.object) << "a second delete changes nothing";

  const Json last = merge(widget("a"), {{"metadata", {{"finalizers", Json::array()}}}});
  EXPECT_FALSE(last["metadata"].contains("finalizers"));
  EXPECT_FALSE(exists(widget("a")));
}

TEST_P(ObjectStoreRemoval, TakesNoNewFinalizersOnADyingObject) {
  with_finalizer("a");
  remove(widget("a"));

  const Error error =
      merge_error(widget("a"), {{"metadata", {{"finalizers", {"example.org/cleanup", "a.b/c"}}}}});

  EXPECT_EQ(error.code, Code::kInvalid);
  EXPECT_EQ(error.message,
            "Widget.example.org \"a\" is invalid: metadata.finalizers: Forbidden: no new "
            "finalizers can be added if the "
            "object is being deleted, found new finalizers []string{\"a.b/c\"}");
}

TEST_P(ObjectStoreRemoval, MarksForTheGarbageCollectorWhatItIsToldTo) {
  create(a_widget("f"));
  create(a_widget("o"));
  RemoveOptions foreground;
  foreground.propagation = store::Propagation::kForeground;
  RemoveOptions orphan;
  orphan.propagation = store::Propagation::kOrphan;

  const store::Removed first = remove(widget("f"), foreground);
  const store::Removed second = remove(widget("o"), orphan);

  EXPECT_FALSE(first.gone);
  EXPECT_EQ((*first.object)["metadata"]["finalizers"], Json({"foregroundDeletion"}));
  EXPECT_FALSE(second.gone);
  EXPECT_EQ((*second.object)["metadata"]["finalizers"], Json({"orphan"}));
}

TEST_P(ObjectStoreRemoval, HonoursPreconditions) {
  const Json object = create(a_widget("a"));
  RemoveOptions other;
  other.uid = "11111111-1111-1111-1111-111111111111";
  RemoveOptions stale;
  stale.resource_version = "1";
  RemoveOptions right;
  right.uid = string_at(object, "metadata.uid");
  right.resource_version = version_of(object);

  const Error wrong_uid = run(store().remove(widget("a"), other)).error();
  const Error wrong_version = run(store().remove(widget("a"), stale)).error();

  EXPECT_EQ(wrong_uid.code, Code::kConflict);
  EXPECT_EQ(
      wrong_uid.message,
      "Operation cannot be fulfilled on Widget.example.org \"a\": the UID in the precondition "
      "(11111111-1111-1111-1111-111111111111) does not match the UID in record (" +
          string_at(object, "metadata.uid") +
          "). The object might have been deleted and then recreated");
  EXPECT_EQ(wrong_version.code, Code::kConflict);
  EXPECT_TRUE(remove(widget("a"), right).gone);
}

TEST_P(ObjectStoreRemoval, ChangesNothingInADryRun) {
  create(a_widget("a"));
  RemoveOptions options;
  options.dry_run = true;

  EXPECT_TRUE(remove(widget("a"), options).gone);

  EXPECT_TRUE(exists(widget("a")));
}

TEST_P(ObjectStoreRemoval, RemovesAPodWithoutANodeAtOnce) {
  create_pod(a_pod("p"));

  EXPECT_TRUE(remove(pod("p")).gone);
}

TEST_P(ObjectStoreRemoval, GivesARunningPodItsGraceUntilTheNodeRemovesIt) {
  create_running_pod("p");
  RemoveOptions asked;
  asked.grace_period_seconds = 12;

  const store::Removed marked = remove(pod("p"), asked);
  RemoveOptions longer;
  longer.grace_period_seconds = 60;
  const store::Removed not_longer = remove(pod("p"), longer);
  RemoveOptions shorter;
  shorter.grace_period_seconds = 5;
  const store::Removed is_shorter = remove(pod("p"), shorter);
  RemoveOptions now;
  now.grace_period_seconds = 0;
  const store::Removed removed = remove(pod("p"), now);

  EXPECT_FALSE(marked.gone);
  EXPECT_EQ((*marked.object)["metadata"]["deletionGracePeriodSeconds"], 12);
  EXPECT_EQ((*not_longer.object)["metadata"]["deletionGracePeriodSeconds"], 12)
      << "a grace can't grow";
  EXPECT_EQ((*is_shorter.object)["metadata"]["deletionGracePeriodSeconds"], 5);
  EXPECT_TRUE(removed.gone);
  EXPECT_FALSE(exists(pod("p")));
}

TEST_P(ObjectStoreRemoval, GivesAPodTheGraceOfItsSpecWhenNoneIsAsked) {
  Json wanted = a_pod("p");
  wanted["spec"]["terminationGracePeriodSeconds"] = 7;
  create_pod(wanted);
  merge(pod("p"), {{"spec", {{"nodeName", "n1"}}}});

  EXPECT_EQ((*remove(pod("p")).object)["metadata"]["deletionGracePeriodSeconds"], 7);
}

TEST_P(ObjectStoreRemoval, RemovesAFinishedPodAtOnce) {
  create_running_pod("p");
  merge(pod("p"), {{"status", {{"phase", "Succeeded"}}}}, "status");

  EXPECT_TRUE(remove(pod("p")).gone);
}

TEST_P(ObjectStoreRemoval, HoldsANamespaceUntilItIsFinalized) {
  const Key key({"", "namespaces"}, "", "three");
  ASSERT_TRUE(run(store().create({"", "namespaces"}, "", {{"metadata", {{"name", "three"}}}}, {})));
  create(a_widget("a"), "three");

  const store::Removed removed = remove(key);
  const auto refused = run(store().create(kWidgets, "three", a_widget("b"), {}));

  EXPECT_FALSE(removed.gone);
  EXPECT_EQ((*removed.object)["status"]["phase"], "Terminating");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kForbidden);
  EXPECT_EQ(refused.error().message,
            "widgets.example.org \"b\" is forbidden: unable to create new content in namespace "
            "three because it is being "
            "terminated");
  remove(Key(kWidgets, "three", "a"));
  merge(key, {{"spec", {{"finalizers", Json::array()}}}}, "finalize");
  EXPECT_FALSE(exists(key));
}

}  // namespace mizan::testing
