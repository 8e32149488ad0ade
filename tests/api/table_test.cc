// Tables: cells by type, and the computed columns of built-in kinds.
#include "api/table.h"

#include <gtest/gtest.h>

#include "api/columns.h"

namespace mizan::api {
namespace {

const Time kNow = *parse_rfc3339("2026-11-23T20:00:06Z");

resources::ResourceDefinition experiments_with_columns() {
  resources::ResourceDefinition definition;
  definition.group = "kubeflow.org";
  definition.version = "v1beta1";
  definition.kind = "Experiment";
  definition.columns = {{"Type", "string", "", "", ".status.conditions[-1:].type", 0},
                        {"Trials", "integer", "", "", ".status.trials", 0},
                        {"Goal", "number", "", "the objective to reach", ".spec.goal", 1},
                        {"Suspended", "boolean", "", "", ".spec.suspend", 0},
                        {"Age", "date", "", "", ".metadata.creationTimestamp", 0}};
  return definition;
}

const Json kExperiment = Json::parse(R"({
  "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment",
  "metadata": {"name": "a", "namespace": "api", "resourceVersion": "1528", "creationTimestamp": "2026-11-23T20:00:00Z"},
  "spec": {"goal": 0.01, "suspend": true},
  "status": {"trials": 3, "conditions": [{"type": "Created"}, {"type": "Running"}]}
})");

TEST(TabulatorTest, CellsHaveTheTypesOfTheirColumns) {
  const Tabulator tabulator(experiments_with_columns(), IncludeObject::kMetadata, "v1");

  const Json row = tabulator.row(kExperiment, kNow);

  EXPECT_EQ(row["cells"], Json::parse(R"(["a", "Running", 3, 0.01, true, "6s"])"));
  EXPECT_EQ(row["object"], (Json{{"kind", "PartialObjectMetadata"},
                                 {"apiVersion", "meta.k8s.io/v1"},
                                 {"metadata", kExperiment["metadata"]}}));
}

TEST(TabulatorTest, WhatIsMissingOrOfAnotherTypeIsNull) {
  const Tabulator tabulator(experiments_with_columns(), IncludeObject::kNone, "v1");
  const Json bare = Json::parse(
      R"({"metadata": {"name": "b"}, "status": {"trials": "three"}, "spec": {"goal": "low", "suspend": 1}})");

  const Json row = tabulator.row(bare, kNow);

  EXPECT_EQ(row["cells"], Json::parse(R"(["b", null, null, null, null, null])"));
  EXPECT_EQ(row["object"], nullptr);
}

TEST(TabulatorTest, ColumnDefinitionsBeginWithTheName) {
  const Tabulator tabulator(experiments_with_columns(), IncludeObject::kObject, "v1");

  const Json table = tabulator.table(kExperiment, kNow, true);

  EXPECT_EQ(table["kind"], "Table");
  EXPECT_EQ(table["apiVersion"], "meta.k8s.io/v1");
  EXPECT_EQ(table["metadata"], (Json{{"resourceVersion", "1528"}}));
  EXPECT_EQ(table["columnDefinitions"].size(), 6U);
  EXPECT_EQ(table["columnDefinitions"][0]["format"], "name");
  EXPECT_EQ(table["columnDefinitions"][1], (Json{{"name", "Type"},
                                                 {"type", "string"},
                                                 {"format", ""},
                                                 {"priority", 0},
                                                 {"description",
                                                  "Custom resource definition column (in JSONPath "
                                                  "format): .status.conditions[-1:].type"}}));
  EXPECT_EQ(table["columnDefinitions"][3]["description"], "the objective to reach");
  EXPECT_EQ(table["columnDefinitions"][3]["priority"], 1);
  EXPECT_EQ(table["rows"][0]["object"], kExperiment);
  EXPECT_EQ(tabulator.table(kExperiment, kNow, false)["columnDefinitions"], nullptr);
}

TEST(TabulatorTest, AKindWithoutColumnsShowsItsAge) {
  auto definition = experiments_with_columns();
  definition.columns.clear();

  EXPECT_EQ(Tabulator(definition, IncludeObject::kNone, "v1").row(kExperiment, kNow)["cells"],
            Json::parse(R"(["a", "6s"])"));
}

TEST(TabulatorTest, ReadsIncludeObject) {
  EXPECT_EQ(*parse_include_object(""), IncludeObject::kMetadata);
  EXPECT_EQ(*parse_include_object("None"), IncludeObject::kNone);
  EXPECT_EQ(*parse_include_object("Object"), IncludeObject::kObject);
  EXPECT_EQ(parse_include_object("All").error().code, Code::kInvalid);
}

TEST(ComputedColumnsTest, EveryOneThatADefinitionNamesIsKnown) {
  const auto table = resources::ResourceTable::builtin();
  ASSERT_TRUE(table);
  for (const auto* definition : table->all()) {
    for (const auto& column : definition->columns) {
      const std::string_view path = column.json_path;
      if (path.starts_with("computed:")) {
        EXPECT_TRUE(is_computed_column(path.substr(9))) << definition->kind << " " << path;
      } else {
        EXPECT_TRUE(JsonPath::parse(path)) << definition->kind << " " << path;
      }
    }
  }
}

Json pod(const char* text) { return Json::parse(text); }

TEST(ComputedColumnsTest, SayHowAPodIs) {
  struct Row {
    const char* what;
    const char* pod;
    const char* ready;
    const char* status;
  };
  const Row rows[] = {
      {"new", R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Pending"}})", "0/1",
       "Pending"},
      {"without status", R"({"spec":{"containers":[{"name":"a"}]}})", "0/1", "Unknown"},
      {"running",
       R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]},"status":{"phase":"Running","containerStatuses":[
          {"name":"a","ready":true,"state":{"running":{}}},{"name":"b","ready":false,"state":{"running":{}}}]}})",
       "1/2", "Running"},
      {"waiting",
       R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Pending","containerStatuses":[
          {"name":"a","state":{"waiting":{"reason":"ContainerCreating"}}}]}})",
       "0/1", "ContainerCreating"},
      {"completed",
       R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Succeeded","containerStatuses":[
          {"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}})",
       "0/1", "Completed"},
      {"out of memory",
       R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Failed","containerStatuses":[
          {"name":"a","state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}})",
       "0/1", "OOMKilled"},
      {"killed",
       R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Failed","containerStatuses":[
          {"name":"a","state":{"terminated":{"exitCode":137,"signal":9}}}]}})",
       "0/1", "Signal:9"},
      {"exit code",
       R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Failed","containerStatuses":[
          {"name":"a","state":{"terminated":{"exitCode":3}}}]}})",
       "0/1", "ExitCode:3"},
      {"evicted",
       R"({"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Failed","reason":"Evicted"}})",
       "0/1", "Evicted"},
      {"terminating",
       R"({"metadata":{"deletionTimestamp":"x"},"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Running"}})",
       "0/1", "Terminating"},
      {"init",
       R"({"spec":{"initContainers":[{"name":"i"},{"name":"j"}],"containers":[{"name":"a"}]},"status":{"phase":"Pending",
          "initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":0}}},{"name":"j","state":{"running":{}}}]}})",
       "0/1", "Init:1/2"},
      {"init failed",
       R"({"spec":{"initContainers":[{"name":"i"}],"containers":[{"name":"a"}]},"status":{"phase":"Pending",
          "initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":1,"reason":"Error"}}}]}})",
       "0/1", "Init:Error"},
      {"sidecar",
       R"({"spec":{"initContainers":[{"name":"i","restartPolicy":"Always"}],"containers":[{"name":"a"}]},"status":{"phase":"Running",
          "initContainerStatuses":[{"name":"i","ready":true,"started":true,"state":{"running":{}}}],
          "containerStatuses":[{"name":"a","ready":true,"state":{"running":{}}}]}})",
       "2/2", "Running"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(computed_cell("podReady", pod(row.pod), kNow), row.ready) << row.what;
    EXPECT_EQ(computed_cell("podStatus", pod(row.pod), kNow), row.status) << row.what;
  }
}

TEST(ComputedColumnsTest, CountRestartsAndSayWhen) {
  EXPECT_EQ(computed_cell("podRestarts", Json::object(), kNow), "0");
  EXPECT_EQ(computed_cell("podRestarts", pod(R"({"status":{"containerStatuses":[
      {"restartCount":2,"lastState":{"terminated":{"finishedAt":"2026-11-23T20:00:01Z"}}}]}})"),
                          kNow),
            "2 (5s ago)");
}

TEST(ComputedColumnsTest, SayHowAJobIs) {
  EXPECT_EQ(computed_cell("jobStatus", Json::object(), kNow), "Running");
  for (const char* type : {"Complete", "Failed", "Suspended"}) {
    const Json job{
        {"status", {{"conditions", Json::array({{{"type", type}, {"status", "True"}}})}}}};
    EXPECT_EQ(computed_cell("jobStatus", job, kNow), type);
  }
  EXPECT_EQ(computed_cell("jobCompletions",
                          pod(R"({"spec":{"completions":3},"status":{"succeeded":2}})"), kNow),
            "2/3");
  EXPECT_EQ(computed_cell("jobCompletions", pod(R"({"spec":{"parallelism":4}})"), kNow),
            "0/1 of 4");
  EXPECT_EQ(
      computed_cell("jobDuration", pod(R"({"status":{"startTime":"2026-11-23T20:00:01Z"}})"), kNow),
      "5s");
  EXPECT_EQ(
      computed_cell(
          "jobDuration",
          pod(R"({"status":{"startTime":"2026-11-23T20:00:01Z","completionTime":"2026-11-23T20:00:03Z"}})"),
          kNow),
      "2s");
  EXPECT_EQ(computed_cell("jobDuration", Json::object(), kNow), "");
}

TEST(ComputedColumnsTest, SayTheRest) {
  EXPECT_EQ(
      computed_cell("eventLastSeen",
                    pod(R"({"lastTimestamp":"2026-11-23T20:00:01Z","eventTime":null})"), kNow),
      "5s");
  EXPECT_EQ(
      computed_cell("eventLastSeen", pod(R"({"eventTime":"2026-11-23T20:00:02.000000Z"})"), kNow),
      "4s");
  EXPECT_EQ(computed_cell("eventObject",
                          pod(R"({"involvedObject":{"kind":"Experiment","name":"demo"}})"), kNow),
            "experiment/demo");
  EXPECT_EQ(
      computed_cell("configMapData", pod(R"({"data":{"a":"1"},"binaryData":{"b":""}})"), kNow), 2);
  EXPECT_EQ(
      computed_cell("nodeStatus",
                    pod(R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})"), kNow),
      "Ready");
  EXPECT_EQ(
      computed_cell(
          "nodeStatus",
          pod(R"({"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}})"),
          kNow),
      "NotReady,SchedulingDisabled");
  EXPECT_EQ(
      computed_cell("nodeRoles",
                    pod(R"({"metadata":{"labels":{"node-role.kubernetes.io/worker":"","x":"y"}}})"),
                    kNow),
      "worker");
  EXPECT_EQ(computed_cell("nodeRoles", Json::object(), kNow), "<none>");
  EXPECT_EQ(computed_cell("nothing", Json::object(), kNow), nullptr);
}

}  // namespace
}  // namespace mizan::api
