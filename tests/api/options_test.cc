// Query parameters: what is taken, and the sentences for what isn't.
#include "api/options.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

const resources::ResourceDefinition& experiments() {
  static const resources::ResourceTable table = *resources::ResourceTable::builtin();
  return *table.find("kubeflow.org", "v1beta1", "experiments");
}

Query query(const std::string& text) { return parse_target("/x?" + text)->query; }

TEST(ListOptionsTest, AreReadFromTheQuery) {
  const auto list = read_list(query("labelSelector=team%3Da&fieldSelector=metadata.name%3Db&limit="
                                    "5&resourceVersion=7&resourceVersionMatch=Exact"),
                              experiments(), "ns", "");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->selection.ns, "ns");
  EXPECT_EQ(list->selection.labels[0].key, "team");
  EXPECT_EQ(list->selection.fields[0].value, "b");
  EXPECT_EQ(list->options.limit, 5U);
  EXPECT_EQ(list->options.resource_version, "7");
  EXPECT_EQ(list->options.match, store::ListOptions::Match::kExact);
}

TEST(ListOptionsTest, AnyVersionIsAnsweredInOnePiece) {
  EXPECT_EQ(read_list(query("limit=1&resourceVersion=0"), experiments(), "", "")->options.limit,
            0U);
}

TEST(ListOptionsTest, AreRefusedInKubeApiserversWords) {
  struct Row {
    const char* query;
    Code code;
    const char* message;
  };
  const Row rows[] = {
      {"limit=x", Code::kBadRequest, "strconv.ParseInt: parsing \"x\": invalid syntax"},
      {"resourceVersion=abc", Code::kBadRequest,
       "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: "
       "parsing \"abc\": invalid syntax"},
      {"resourceVersionMatch=Exact", Code::kInvalid,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
       "resourceVersionMatch is forbidden unless resourceVersion is provided"},
      {"sendInitialEvents=true", Code::kInvalid,
       "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents "
       "is forbidden for list"},
      {"labelSelector=a%3D%3D%3Db", Code::kBadRequest,
       "unable to parse requirement: found '=', expected: identifier"},
  };
  for (const Row& row : rows) {
    const auto list = read_list(query(row.query), experiments(), "", "");
    ASSERT_FALSE(list) << row.query;
    EXPECT_EQ(list.error().code, row.code) << row.query;
    EXPECT_EQ(list.error().message, row.message);
  }
  for (const char* bad :
       {"limit=-1", "limit=99999999999999999999", "resourceVersion=1&resourceVersionMatch=Maybe",
        "resourceVersion=0&resourceVersionMatch=Exact", "continue=x&resourceVersion=5",
        "continue=x&resourceVersion=5&resourceVersionMatch=Exact"}) {
    EXPECT_FALSE(read_list(query(bad), experiments(), "", "")) << bad;
  }
}

TEST(WatchOptionsTest, WatchListNeedsItsMatch) {
  const auto refused = read_watch(query("watch=1&sendInitialEvents=true"), experiments(), "", "");
  EXPECT_EQ(refused.error().message,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  EXPECT_FALSE(read_watch(query("watch=1&resourceVersion=1&resourceVersionMatch=Exact"),
                          experiments(), "", ""));

  const auto watch = read_watch(query("allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&"
                                      "sendInitialEvents=true&timeoutSeconds=439&watch=true"),
                                experiments(), "", "");
  ASSERT_TRUE(watch);
  EXPECT_TRUE(watch->options.send_initial_events);
  EXPECT_TRUE(watch->options.bookmarks);
  EXPECT_EQ(watch->timeout, std::chrono::seconds(439));
}

TEST(WatchOptionsTest, InitialEventsEndUnaskedWhenBookmarksAreWantedFromTheBeginning) {
  EXPECT_TRUE(read_watch(query("watch=1&allowWatchBookmarks=true"), experiments(), "", "")
                  ->options.send_initial_events);
  EXPECT_FALSE(
      read_watch(query("watch=1&allowWatchBookmarks=true&resourceVersion=5"), experiments(), "", "")
          ->options.send_initial_events);
  EXPECT_FALSE(read_watch(query("watch=1"), experiments(), "", "")->options.send_initial_events);
}

TEST(WriteOptionsTest, WhoGivesNoNameIsKnownByHisProgram) {
  EXPECT_EQ(manager_of("OpenAPI-Generator/22.6.0/python"), "OpenAPI-Generator");
  EXPECT_EQ(manager_of("kubectl"), "kubectl");
  EXPECT_EQ(manager_of(""), "");
  EXPECT_EQ(manager_of("a\x01\xc3\xa4z/1"), "az") << "what can't be shown is left out";
  EXPECT_EQ(manager_of(std::string(500, 'x')).size(), 128U);
}

TEST(WriteOptionsTest, WarnUnlessToldOtherwise) {
  EXPECT_EQ(read_write_options(query(""), "CreateOptions")->field_validation,
            store::FieldValidation::kWarn);
  EXPECT_EQ(read_write_options(query("fieldValidation=Strict"), "CreateOptions")->field_validation,
            store::FieldValidation::kStrict);
  EXPECT_EQ(read_write_options(query("fieldValidation=Ignore"), "CreateOptions")->field_validation,
            store::FieldValidation::kIgnore);
  EXPECT_TRUE(
      read_write_options(query("dryRun=All&force=true&fieldManager=me"), "PatchOptions")->dry_run);
  EXPECT_EQ(read_write_options(query("fieldValidation=Maybe"), "CreateOptions").error().message,
            "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: "
            "\"Maybe\": supported values: \"\", "
            "\"Ignore\", \"Strict\", \"Warn\"");
  EXPECT_EQ(read_write_options(query("dryRun=Some"), "CreateOptions").error().message,
            "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: "
            "supported values: \"All\"");
  EXPECT_FALSE(read_write_options(query("fieldManager=" + std::string(129, 'x')), "CreateOptions"));
}

TEST(RemoveOptionsTest, TheBodyWinsOverTheQuery) {
  const Json body = Json::parse(
      R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Foreground","gracePeriodSeconds":0,
      "preconditions":{"uid":"u","resourceVersion":"7"},"dryRun":["All"]})");

  const auto options =
      read_remove_options(query("propagationPolicy=Orphan&gracePeriodSeconds=9"), body);

  ASSERT_TRUE(options);
  EXPECT_EQ(options->propagation, store::Propagation::kForeground);
  EXPECT_EQ(options->grace_period_seconds, 0);
  EXPECT_EQ(options->uid, "u");
  EXPECT_EQ(options->resource_version, "7");
  EXPECT_TRUE(options->dry_run);
  EXPECT_EQ(read_remove_options(query("propagationPolicy=Orphan"), nullptr)->propagation,
            store::Propagation::kOrphan);
  EXPECT_EQ(read_remove_options(query(""), nullptr)->propagation, store::Propagation::kBackground);
  EXPECT_EQ(read_remove_options(query(""), Json{{"orphanDependents", true}})->propagation,
            store::Propagation::kOrphan);
  EXPECT_EQ(read_remove_options(query("propagationPolicy=Never"), nullptr).error().code,
            Code::kInvalid);
  EXPECT_EQ(read_remove_options(query(""), Json{{"dryRun", {"Some", "All"}}}).error().code,
            Code::kInvalid);
}

TEST(LogOptionsTest, AreAllRead) {
  const auto options =
      read_log_options(query("container=c&follow=true&previous=true&timestamps=1&tailLines=0&"
                             "sinceSeconds=60&limitBytes=9&sinceTime=2026-11-23T20%3A00%3A00Z"));

  ASSERT_TRUE(options);
  EXPECT_EQ(options->container, "c");
  EXPECT_TRUE(options->follow && options->previous && options->timestamps);
  EXPECT_EQ(options->tail_lines, 0);
  EXPECT_EQ(options->since_seconds, 60);
  EXPECT_EQ(options->limit_bytes, 9);
  EXPECT_TRUE(options->since_time);
  for (const char* bad :
       {"tailLines=-1", "sinceSeconds=0", "limitBytes=0", "tailLines=x", "sinceTime=now"}) {
    EXPECT_FALSE(read_log_options(query(bad))) << bad;
  }
}

}  // namespace
}  // namespace mizan::api
