// The rules across fields of TrainJobs and OptimizationJobs.
#include "resources/validate_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/definition.h"
#include "resources/validate.h"
#include "tests/resources/fixtures.h"

namespace mizan::resources {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> fault_paths(const char* kind, const Json& object,
                                     const Json* old = nullptr) {
  AdmissionTable table;
  add_training_admission(table);
  std::vector<std::string> paths;
  for (const FieldError& error :
       table.at({"trainer.kubeflow.org/v1alpha1", kind}).validate(object, old).errors)
    paths.push_back(error.path);
  return paths;
}

Json optimization_job() {
  return Json::parse(R"({"metadata": {"name": "opt"}, "spec": {
    "objectives": [{"metric": "loss", "direction": "Minimize"}], "searchAlgorithm": {"random": {}},
    "parameters": [{"name": "lr", "searchSpace": {"logUniform": {"min": "1e-4", "max": "0.1", "type": "Float"}}},
                   {"name": "size", "searchSpace": {"uniform": {"min": "1", "max": "8", "type": "Int"}}}],
    "numTrials": 4, "parallelTrials": 2,
    "trainJobTemplate": {"spec": {"runtimeRef": {"name": "torch-distributed"}}}}})");
}

TEST(OptimizationJobAdmission, TakesWhatIsRight) {
  EXPECT_THAT(fault_paths("OptimizationJob", optimization_job()), IsEmpty());
}

TEST(OptimizationJobAdmission, RefusesAtThePathOfTheFault) {
  const struct {
    const char* pointer;
    const char* value;
    const char* path;
  } cases[] = {
      {"/spec/parallelTrials", "5", "spec.parallelTrials"},
      {"/spec/searchAlgorithm", "{}", "spec.searchAlgorithm"},
      {"/spec/parameters/0/searchSpace", "{}", "spec.parameters[0].searchSpace"},
      {"/spec/parameters/0/searchSpace/categorical", R"({"choices": ["a"]})",
       "spec.parameters[0].searchSpace"},
      {"/spec/parameters/0/searchSpace/logUniform/min", R"("0.2")",
       "spec.parameters[0].searchSpace.logUniform.min"},
      {"/spec/parameters/0/searchSpace/logUniform/min", R"("-1")",
       "spec.parameters[0].searchSpace.logUniform.min"},
      {"/spec/parameters/1/searchSpace/uniform/max", R"("8.5")",
       "spec.parameters[1].searchSpace.uniform.max"},
      {"/spec/trainJobTemplate/metadata", R"({"name": "x"})",
       "spec.trainJobTemplate.metadata.name"},
      {"/metadata/name", R"("a123456789-123456789-123456789-123456789-")", "metadata.name"},
  };
  for (const auto& one : cases) {
    Json object = optimization_job();
    object[Json::json_pointer(one.pointer)] = Json::parse(one.value);
    EXPECT_THAT(fault_paths("OptimizationJob", object), ElementsAre(one.path)) << one.pointer;
  }
}

TEST(OptimizationJobAdmission, ThereIsOneAlgorithm) {
  Json object = optimization_job();
  object["spec"]["searchAlgorithm"]["grid"] = Json::object();
  EXPECT_THAT(fault_paths("OptimizationJob", object), Contains("spec.searchAlgorithm"));
  object["spec"].erase("searchAlgorithm");
  EXPECT_THAT(fault_paths("OptimizationJob", object), IsEmpty());
}

TEST(OptimizationJobAdmission, AGridHasChoicesOnly) {
  Json object = optimization_job();
  object["spec"]["searchAlgorithm"] = {{"grid", Json::object()}};
  EXPECT_THAT(fault_paths("OptimizationJob", object),
              ElementsAre("spec.parameters[0].searchSpace", "spec.parameters[1].searchSpace"));
}

TEST(OptimizationJobAdmission, NothingCanBeChanged) {
  const Json old = optimization_job();
  Json object = old;
  object["spec"]["numTrials"] = 9;
  EXPECT_THAT(fault_paths("OptimizationJob", object, &old), ElementsAre("spec"));
  object = old;
  object["metadata"]["labels"]["a"] = "b";
  EXPECT_THAT(fault_paths("OptimizationJob", object, &old), IsEmpty());
}

TEST(TrainJobAdmission, OnlySuspensionAndPatchesCanBeChanged) {
  const Json old = Json::parse(
      R"({"spec": {"runtimeRef": {"name": "a"}, "trainer": {"numNodes": 1}, "suspend": false}})");
  Json object = old;
  object["spec"]["suspend"] = true;
  EXPECT_THAT(fault_paths("TrainJob", object, &old), IsEmpty());
  object["spec"]["trainer"]["image"] = "b";
  object["spec"]["activeDeadlineSeconds"] = 5;
  EXPECT_THAT(fault_paths("TrainJob", object, &old),
              ElementsAre("spec.trainer", "spec.activeDeadlineSeconds"));
}

TEST(TrainJobAdmission, WantsANode) {
  EXPECT_THAT(fault_paths("TrainJob", Json::parse(R"({"spec": {"trainer": {"numNodes": 0}}})")),
              ElementsAre("spec.trainer.numNodes"));
}

Json train_job_experiment() {
  Json object = experiment();
  object["spec"]["trialTemplate"]["primaryContainerName"] = "node";
  Json& run = object["spec"]["trialTemplate"]["trialSpec"];
  const Json command =
      run["spec"]["template"]["spec"]["containers"][0]["command"];  // uses all parameters
  run = {{"apiVersion", "trainer.kubeflow.org/v1alpha1"}, {"kind", "TrainJob"}};
  run["spec"] = {{"runtimeRef", {{"name", "torch"}}}, {"trainer", {{"command", command}}}};
  return object;
}

Admission::Verdict judge(Json object) {
  static const ResourceTable shipped = ResourceTable::builtin().value();
  default_experiment(object);
  return validate_experiment(object, nullptr, context_for(shipped));
}

TEST(TrainJobTemplate, IsCheckedAgainstItsKind) {
  EXPECT_TRUE(judge(train_job_experiment()).errors.empty());
  EXPECT_TRUE(judge(train_job_experiment()).warnings.empty());

  Json wrong = train_job_experiment();
  Json& spec = wrong["spec"]["trialTemplate"]["trialSpec"]["spec"];
  spec["trainer"]["numNodes"] = "two";
  spec.erase("runtimeRef");
  std::vector<std::string> paths;
  for (const FieldError& error : judge(wrong).errors) paths.push_back(error.path);
  EXPECT_THAT(paths, UnorderedElementsAre("spec.trialTemplate.trialSpec.spec.trainer.numNodes",
                                          "spec.trialTemplate.trialSpec.spec.runtimeRef"));
}

TEST(TrainJobTemplate, TwoNodesAreAWarningAndAContainerBesideItIsRefused) {
  Json wide = train_job_experiment();
  wide["spec"]["trialTemplate"]["trialSpec"]["spec"]["trainer"]["numNodes"] = 2;
  const auto warned = judge(wide);
  EXPECT_TRUE(warned.errors.empty());
  ASSERT_EQ(warned.warnings.size(), 1U);
  EXPECT_THAT(warned.warnings[0], HasSubstr("spec.trainer.numNodes: 2 nodes are wanted"));

  Json custom = train_job_experiment();
  custom["spec"]["metricsCollectorSpec"]["collector"] = {
      {"kind", "Custom"}, {"customCollector", {{"name", "mine"}, {"image", "i"}}}};
  const auto refused = judge(custom);
  ASSERT_EQ(refused.errors.size(), 1U);
  EXPECT_EQ(refused.errors[0].path, "spec.metricsCollectorSpec.collector.kind");
}

}  // namespace
}  // namespace mizan::resources
