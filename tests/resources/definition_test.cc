// Resource definitions: what ships with the server, and what users apply.
#include "resources/definition.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "resources/yaml.h"

namespace mizan::resources {
namespace {

const ResourceTable& table() {
  static const ResourceTable shipped = [] {
    auto read = ResourceTable::builtin();
    if (!read) throw std::runtime_error(read.error().message);
    return *std::move(read);
  }();
  return shipped;
}

Json widgets() {
  return Json::parse(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
    "metadata":{"name":"widgets.example.com"},
    "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget","shortNames":["wi"]},
      "versions":[
        {"name":"v1alpha1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}},
        {"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.n"}},
         "selectableFields":[{"jsonPath":".spec.color"}],
         "schema":{"openAPIV3Schema":{"type":"object","description":"Widget is a thing."}}},
        {"name":"v2","served":false,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]}})");
}

std::vector<std::string> fault_paths(const Json& crd) {
  std::vector<std::string> paths;
  const auto read = ResourceTable::from_crd(crd);
  if (read) return paths;
  EXPECT_EQ(read.error().code, Code::kInvalid);
  for (const FieldError& error : read.error().fields) paths.push_back(error.path);
  return paths;
}

TEST(ShippedDefinitions, HoldOurKindsAndWhatKubectlAndTrialsNeed) {
  for (const auto& [api_version, kind] : std::initializer_list<std::pair<const char*, const char*>>{
           {"kubeflow.org/v1beta1", "Experiment"},
           {"kubeflow.org/v1beta1", "Trial"},
           {"kubeflow.org/v1beta1", "Suggestion"},
           {"v1", "Namespace"},
           {"v1", "Pod"},
           {"v1", "ConfigMap"},
           {"v1", "Secret"},
           {"v1", "Event"},
           {"v1", "Node"},
           {"batch/v1", "Job"},
           {"trainer.kubeflow.org/v1alpha1", "TrainJob"},
           {"trainer.kubeflow.org/v1alpha1", "TrainingRuntime"},
           {"trainer.kubeflow.org/v1alpha1", "ClusterTrainingRuntime"},
           {"trainer.kubeflow.org/v1alpha1", "OptimizationJob"},
           {"coordination.k8s.io/v1", "Lease"},
           {"apiextensions.k8s.io/v1", "CustomResourceDefinition"}}) {
    EXPECT_NE(table().find_kind(api_version, kind), nullptr) << kind;
  }
}

TEST(ShippedDefinitions, KnowTheirNamesAndSubresources) {
  const ResourceDefinition* experiment = table().find("kubeflow.org", "v1beta1", "experiments");
  ASSERT_NE(experiment, nullptr);
  EXPECT_EQ(experiment->short_names, std::vector<std::string>{"exp"});
  EXPECT_EQ(experiment->categories, (std::vector<std::string>{"all", "kubeflow", "katib"}));
  EXPECT_TRUE(experiment->has_subresource("status"));
  EXPECT_TRUE(experiment->has_subresource("scale"));
  EXPECT_EQ(experiment->scale["specReplicasPath"], ".spec.parallelTrialCount");
  EXPECT_FALSE(experiment->builtin);
  const ResourceDefinition* pod = table().find(ResourceId{"", "pods"});
  ASSERT_NE(pod, nullptr);
  EXPECT_TRUE(pod->builtin);
  for (const char* name : {"status", "log", "resize", "exec"})
    EXPECT_TRUE(pod->has_subresource(name)) << name;
  EXPECT_FALSE(table().find(ResourceId{"", "nodes"})->namespaced);
  EXPECT_EQ(table().find("kubeflow.org", "v1", "experiments"), nullptr);
  EXPECT_EQ(table().find_kind("kubeflow.org/v1beta1", "Pod"), nullptr);
}

TEST(ShippedDefinitions, BeginTheirColumnsAsKatibDoes) {
  for (const char* plural : {"experiments", "trials", "suggestions"}) {
    const auto& columns = table().find("kubeflow.org", "v1beta1", plural)->columns;
    ASSERT_GE(columns.size(), 3U);
    EXPECT_EQ(columns[0].json_path, ".status.conditions[-1:].type") << plural;
    EXPECT_EQ(columns[1].json_path, ".status.conditions[-1:].status") << plural;
    EXPECT_TRUE(std::ranges::any_of(columns, [](const auto& column) {
      return column.name == "Age";
    })) << plural;
  }
}

TEST(ShippedDefinitions, NameOnlyComputedColumnsThatAreDocumented) {
  const std::vector<std::string> known = {"podReady",      "podStatus",      "podRestarts",
                                          "jobStatus",     "jobCompletions", "jobDuration",
                                          "eventLastSeen", "eventObject",    "configMapData",
                                          "nodeStatus",    "nodeRoles"};
  for (const ResourceDefinition* definition : table().all()) {
    for (const PrinterColumn& column : definition->columns) {
      if (!column.json_path.starts_with("computed:")) continue;
      EXPECT_TRUE(definition->builtin) << "a real cluster could not compute it";
      EXPECT_NE(std::ranges::find(known, column.json_path.substr(9)), known.end())
          << column.json_path;
    }
  }
}

/// Every field is explained: kubectl explain shows it, and the documentation is made from it.
void expect_descriptions(const Json& schema, const std::string& path) {
  for (const auto& [name, child] : schema.value("properties", Json::object()).items()) {
    const std::string at = path + "." + name;
    if (at != ".metadata" && !at.ends_with(".metadata")) {
      EXPECT_FALSE(child.value("description", "").empty()) << at;
    }
    expect_descriptions(child, at);
  }
  if (schema.contains("items")) {
    const Json& items = schema["items"];
    expect_descriptions(items, path + "[]");
  }
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object()) {
    expect_descriptions(schema["additionalProperties"], path + ".*");
  }
}

TEST(ShippedDefinitions, ExplainEveryField) {
  for (const ResourceDefinition* definition : table().all()) {
    SCOPED_TRACE(definition->kind);
    EXPECT_FALSE(definition->description.empty());
    expect_descriptions(source_of(*definition->schema), "");
    EXPECT_FALSE(source_of(*definition->schema).contains("x-mizan-nulls"))
        << "a matter of ours alone";
  }
}

TEST(ShippedDefinitions, GiveJobsTheSchemaOfPods) {
  const Json& job = source_of(*table().find_kind("batch/v1", "Job")->schema);
  const Json& containers = job["properties"]["spec"]["properties"]["template"]["properties"]["spec"]
                              ["properties"]["containers"];
  EXPECT_EQ(containers["items"]["properties"]["command"]["type"], "array");
  EXPECT_EQ(
      list_map_keys(*table().find_kind("batch/v1", "Job")->schema, "spec.template.spec.containers"),
      std::vector<std::string>{"name"});
}

TEST(Crds, BecomeADefinitionForEachServedVersionStorageFirst) {
  const auto read = ResourceTable::from_crd(widgets());
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  const ResourceDefinition& first = read->front();
  EXPECT_EQ(first.version, "v1");
  EXPECT_EQ(first.singular, "widget");
  EXPECT_EQ(first.list_kind, "WidgetList");
  EXPECT_EQ(first.api_version(), "example.com/v1");
  EXPECT_EQ(first.selectable_fields, std::vector<std::string>{".spec.color"});
  EXPECT_EQ(first.scale["specReplicasPath"], ".spec.n");
  EXPECT_EQ(first.description, "Widget is a thing.");
  ASSERT_EQ(first.columns.size(), 1U) << "Age where none are named";
  EXPECT_EQ(first.columns[0].json_path, ".metadata.creationTimestamp");
  EXPECT_EQ(read->back().version, "v1alpha1");
}

TEST(Crds, AreRefusedAtTheFieldThatIsWrong) {
  const auto with = [](const char* pointer, const Json& value) {
    Json crd = widgets();
    crd[Json::json_pointer(pointer)] = value;
    return fault_paths(crd);
  };
  using Paths = std::vector<std::string>;
  EXPECT_EQ(with("/metadata/name", "other"), Paths{"metadata.name"});
  EXPECT_EQ(with("/spec/scope", "Everywhere"), Paths{"spec.scope"});
  EXPECT_EQ(with("/spec/group", ""), (Paths{"spec.group", "metadata.name"}));
  EXPECT_EQ(with("/spec/names/kind", nullptr), Paths{"spec.names.kind"});
  EXPECT_EQ(with("/spec/versions", Json::array()), Paths{"spec.versions"});
  EXPECT_EQ(with("/spec/versions/0/storage", true), Paths{"spec.versions"});
  EXPECT_EQ(with("/spec/versions/1/schema", nullptr),
            Paths{"spec.versions[1].schema.openAPIV3Schema"});
  EXPECT_EQ(with("/spec/versions/1/schema/openAPIV3Schema",
                 Json::parse(R"({"type":"object","properties":{"a":{}}})")),
            Paths{"spec.versions[1].schema.openAPIV3Schema.properties[a].type"});
  EXPECT_EQ(with("/spec/versions/1/subresources/log", Json::object()),
            Paths{"spec.versions[1].subresources.log"});
  EXPECT_EQ(with("/spec/versions/1/additionalPrinterColumns",
                 Json::parse(R"([{"name":"A","type":"string"}])")),
            Paths{"spec.versions[1].additionalPrinterColumns[0].jsonPath"});
}

TEST(Crds, WarnOfRulesThatAreNotEvaluated) {
  Json crd = widgets();
  EXPECT_TRUE(ResourceTable::from_crd(crd)->front().warnings.empty());
  crd["spec"]["versions"][1]["schema"]["openAPIV3Schema"]["x-kubernetes-validations"] = {
      {{"rule", "true"}}};
  ASSERT_EQ(ResourceTable::from_crd(crd)->front().warnings.size(), 1U);
}

TEST(Crds, NeverCrashOnStrangeInput) {
  for (const char* text :
       {"null", "[]", "{}", R"({"spec":[]})", R"({"spec":{"versions":[1,null]}})",
        R"({"spec":{"names":[],"versions":{"a":1}}})"}) {
    EXPECT_FALSE(ResourceTable::from_crd(Json::parse(text))) << text;
  }
}

TEST(ResourceTable, AddsReplacesAndRemoves) {
  ResourceTable mine;
  for (ResourceDefinition definition : ResourceTable::from_crd(widgets()).value())
    mine.add(std::move(definition));
  const ResourceId id{"example.com", "widgets"};
  ASSERT_NE(mine.find(id), nullptr);
  EXPECT_EQ(mine.find(id)->version, "v1") << "the storage version";
  EXPECT_EQ(mine.all().size(), 2U);

  ResourceDefinition changed = *mine.find(id);
  changed.short_names = {"w"};
  mine.add(std::move(changed));
  EXPECT_EQ(mine.all().size(), 2U);
  EXPECT_EQ(mine.find("example.com", "v1", "widgets")->short_names, std::vector<std::string>{"w"});
  EXPECT_NE(mine.find_kind("example.com/v1alpha1", "Widget"), nullptr);

  mine.remove(id);
  EXPECT_EQ(mine.find(id), nullptr);
  EXPECT_TRUE(mine.all().empty());
}

TEST(ResourceTable, ListsByGroupThenPlural) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const ResourceDefinition* definition : table().all())
    names.emplace_back(definition->group, definition->plural);
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

}  // namespace
}  // namespace mizan::resources
