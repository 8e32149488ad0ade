// Each feature of Katib's examples (and of ours) goes through the whole front door: YAML, strict
// decoding, schema, defaults, validation.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "resources/defaults.h"
#include "resources/experiment.h"
#include "resources/field_error.h"
#include "resources/object_meta.h"
#include "resources/validate.h"
#include "resources/yaml.h"

namespace mizan::resources {
namespace {

std::vector<std::filesystem::path> examples() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(TESTDATA))
    files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

Json crd(const std::string& group, const std::string& version, const std::string& kind,
         const std::string& plural) {
  return {{"metadata", {{"name", plural + "." + group}}},
          {"spec",
           {{"group", group},
            {"scope", "Namespaced"},
            {"names", {{"plural", plural}, {"kind", kind}}},
            {"versions",
             {{{"name", version},
               {"served", true},
               {"storage", true},
               {"schema",
                {{"openAPIV3Schema",
                  {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}}}}}}}}}};
}

/// As a cluster where the training kinds are installed. `kubeflow.org` is ours and theirs.
ValidationContext cluster() {
  static ResourceTable table = [] {
    ResourceTable all = ResourceTable::builtin().value();
    for (const Json& definition : {crd("argoproj.io", "v1alpha1", "Workflow", "workflows"),
                                   crd("tekton.dev", "v1beta1", "PipelineRun", "pipelineruns"),
                                   crd("trainer.kubeflow.org", "v1alpha1", "TrainJob", "trainjobs"),
                                   crd("kubeflow.org", "v1", "TFJob", "tfjobs"),
                                   crd("kubeflow.org", "v1", "PyTorchJob", "pytorchjobs"),
                                   crd("kubeflow.org", "v1", "XGBoostJob", "xgboostjobs"),
                                   crd("kubeflow.org", "v1", "MPIJob", "mpijobs")}) {
      for (ResourceDefinition& one : ResourceTable::from_crd(definition).value())
        all.add(std::move(one));
    }
    return all;
  }();
  ValidationContext context = context_for(table);
  context.config_map_text = [](const ConfigMapSource&) {
    return "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      restartPolicy: "
           "Never\n      containers:\n"
           "      - name: training-container\n        command: [train, "
           "\"${trialParameters.learningRate}\", "
           "\"${trialParameters.momentum}\"]\n";
  };
  return context;
}

class KatibExample : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(KatibExample, IsTakenAsItStands) {
  std::ifstream file(GetParam());
  auto documents = parse_yaml(std::string{std::istreambuf_iterator<char>(file), {}});
  ASSERT_TRUE(documents) << documents.error().message;
  ASSERT_EQ(documents->size(), 1U);
  EXPECT_TRUE(documents->front().duplicate_fields.empty());
  Json object = documents->front().value;
  static const ResourceTable shipped = ResourceTable::builtin().value();
  const Schema& schema = *shipped.find(ResourceId{"kubeflow.org", "experiments"})->schema;

  EXPECT_EQ(check_metadata_types(object), std::nullopt);
  EXPECT_EQ(prune(object, schema), std::vector<std::string>{})
      << "strict decoding finds nothing unknown";
  EXPECT_EQ(join(validate(object, schema)), "");
  apply_defaults(object, schema);
  default_experiment(object);
  EXPECT_EQ(join(validate(object, schema)), "") << "defaults fit the schema";
  EXPECT_EQ(join(validate_metadata(object, true)), "");

  const Admission::Verdict verdict = validate_experiment(object, nullptr, cluster());
  EXPECT_EQ(join(verdict.errors), "");
  // More failures than trials; two nodes where there is one.
  const bool odd = GetParam().stem() == "simple-pbt" || GetParam().stem() == "trainjob";
  EXPECT_EQ(verdict.warnings.size(), odd ? 1U : 0U)
      << (verdict.warnings.empty() ? "" : verdict.warnings[0]);

  const Experiment read = read_experiment(object);
  EXPECT_FALSE(read.objective.metric.empty());
  EXPECT_FALSE(read.trial_template.success_condition.empty() && !read.trial_template.client);
}

INSTANTIATE_TEST_SUITE_P(All, KatibExample, ::testing::ValuesIn(examples()),
                         [](const auto& example) {
                           std::string name = example.param.stem();
                           std::erase_if(name, [](char c) {
                             return !std::isalnum(static_cast<unsigned char>(c));
                           });
                           return name;
                         });

}  // namespace
}  // namespace mizan::resources
