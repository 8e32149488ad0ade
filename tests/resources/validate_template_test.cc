// Trial templates, collectors and trialPods.
#include <gtest/gtest.h>

#include "resources/field_error.h"
#include "resources/validate.h"
#include "tests/resources/fixtures.h"

namespace mizan::resources {
namespace {

const ResourceTable& known_kinds() {
  static const ResourceTable shipped = ResourceTable::builtin().value();
  return shipped;
}

Admission::Verdict verdict_of(const Json& object) {
  return validate_experiment(object, nullptr, context_for(known_kinds()));
}
std::string said(const Json& object) { return join(verdict_of(object).errors); }
std::vector<std::string> error_paths(const Json& object) {
  std::vector<std::string> paths;
  for (const FieldError& error : verdict_of(object).errors) paths.push_back(error.path);
  return paths;
}
using Paths = std::vector<std::string>;
const std::string kTemplate = "spec.trialTemplate";
const std::string kContainer = "/spec/trialTemplate/trialSpec/spec/template/spec/containers/0";

TEST(TrialTemplate, TakesWhatIsRight) {
  Json object = experiment();
  default_experiment(object);
  EXPECT_EQ(said(object), "");
  EXPECT_TRUE(verdict_of(object).warnings.empty());
}

TEST(TrialTemplate, AWorkerOfAWarmPodHearsEveryValueUnnamed) {
  Json object = experiment();
  default_experiment(object);
  object["spec"]["trialTemplate"].erase("trialParameters");
  Json& container = object[Json::json_pointer(kContainer)];
  container["command"] = Json{"worker"};
  container.erase("args");
  container.erase("env");
  EXPECT_NE(said(object), "");

  object["spec"]["trialPods"]["reuse"] = "Pod";
  EXPECT_NE(said(object), "");
  object["spec"]["trialPods"]["reuse"] = "Process";
  EXPECT_EQ(said(object), "");
}

TEST(TrialTemplate, RefusesAtThePathOfTheFault) {
  const struct {
    const char* pointer;
    const char* value;
    Paths paths;
  } cases[] = {
      {"/spec/trialTemplate", "null", {kTemplate}},
      {"/spec/trialTemplate/trialSpec", "null", {kTemplate}},
      {"/spec/trialTemplate/client", "{}", {kTemplate + ".client"}},
      {"/spec/trialTemplate/primaryContainerName", "\"\"", {kTemplate + ".primaryContainerName"}},
      {"/spec/trialTemplate/primaryContainerName",
       "\"trainer\"",
       {kTemplate + ".primaryContainerName"}},
      {"/spec/trialTemplate/trialParameters/0/name",
       "\"\"",
       {kTemplate + ".trialParameters[0].name", kTemplate + ".trialParameters"}},
      {"/spec/trialTemplate/trialParameters/0/name",
       "\"a{b\"",
       {kTemplate + ".trialParameters[0].name", kTemplate + ".trialParameters"}},
      {"/spec/trialTemplate/trialParameters/0/name",
       "\"layers\"",
       {kTemplate + ".trialParameters[1].name", kTemplate + ".trialParameters"}},
      {"/spec/trialTemplate/trialParameters/0/reference",
       "\"\"",
       {kTemplate + ".trialParameters[0].reference", "spec.parameters[0].name"}},
      {"/spec/trialTemplate/trialParameters/0/reference",
       "\"layers\"",
       {kTemplate + ".trialParameters[1].reference", "spec.parameters[0].name"}},
      {"/spec/trialTemplate/trialParameters/0/reference",
       "\"rate\"",
       {kTemplate + ".trialParameters[0].reference", "spec.parameters[0].name"}},
      {"/spec/trialTemplate/trialParameters/4",
       R"({"name":"surplus","reference":"${trialSpec.Name}"})",
       {kTemplate + ".trialParameters[4].name"}},
      {"/spec/trialTemplate/trialSpec/metadata",
       R"({"name":"x"})",
       {kTemplate + ".trialSpec.metadata.name"}},
      {"/spec/trialTemplate/trialSpec/metadata",
       R"({"namespace":"x"})",
       {kTemplate + ".trialSpec.metadata.namespace"}},
      {"/spec/trialTemplate/trialSpec/apiVersion", "\"\"", {kTemplate + ".trialSpec.apiVersion"}},
      {"/spec/trialTemplate/trialSpec/spec/template/spec/restartPolicy",
       "\"Always\"",
       {kTemplate + ".trialSpec.spec.template.spec.restartPolicy"}},
      {"/spec/trialTemplate/trialSpec/spec/backoffLimit",
       "\"many\"",
       {kTemplate + ".trialSpec.spec.backoffLimit"}},
      {"/spec/trialTemplate/trialSpec/spec/template/spec/containers/0/command",
       "\"sh -c echo ${trialParameters.learningRate} ${trialParameters.layers} "
       "${trialParameters.units} ${trialParameters.optimizer}\"",
       {kTemplate + ".trialSpec.spec.template.spec.containers[0].command"}},
      {"/spec/trialTemplate/trialSpec/kind", "\"TrainJob\"", {kTemplate + ".trialSpec.kind"}},
  };
  for (const auto& [pointer, value, paths] : cases) {
    const Json object = experiment_with(pointer, Json::parse(value));
    EXPECT_EQ(error_paths(object), paths) << pointer << " = " << value << ": " << said(object);
  }
}

TEST(TrialTemplate, SaysWhichPlaceholderHasNoParameter) {
  Json object = experiment();
  object["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["containers"][0]
        ["args"] = {"${trialParameters.momentum}", "${trialParameters.}", "${trialParameters.open"};
  default_experiment(object);
  EXPECT_EQ(said(object),
            "spec.trialTemplate.trialParameters: Required value: parameters: [momentum] in "
            "spec.trialTemplate not found in "
            "spec.trialParameters: add an entry with that name and the parameter it refers to");
}

TEST(TrialTemplate, SaysWhichParameterIsSearchedInVain) {
  Json object = experiment();
  object["spec"]["trialTemplate"]["trialParameters"].erase(3);
  Json& command = object[Json::json_pointer(kContainer + "/command")];
  command = {"echo",
             "${trialParameters.learningRate} ${trialParameters.layers} ${trialParameters.units}"};
  default_experiment(object);
  EXPECT_EQ(said(object),
            "spec.parameters[3].name: Invalid value: \"optimizer\": no entry of "
            "spec.trialTemplate.trialParameters refers to "
            "it, so it would be searched for in vain");
}

TEST(TrialTemplate, LetsAPlaceholderBecomeANumber) {
  Json object = experiment_with("/spec/trialTemplate/trialSpec/spec/parallelism",
                                "${trialParameters.layers}");
  EXPECT_EQ(said(object), "");
  object["spec"]["trialTemplate"]["trialSpec"]["spec"]["parallelism"] =
      "x${trialParameters.layers}";
  EXPECT_EQ(error_paths(object), Paths{kTemplate + ".trialSpec.spec.parallelism"});
  object["spec"]["trialTemplate"]["trialSpec"]["spec"].erase("parallelism");
  object["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["restartPolicy"] =
      "${trialParameters.layers}";
  EXPECT_EQ(said(object), "") << "an enum is checked when the value is known";
}

TEST(TrialTemplate, WarnsOfFieldsThatAJobDoesNotHave) {
  const Json object = experiment_with(kContainer + "/comand", "x");
  EXPECT_EQ(said(object), "");
  EXPECT_EQ(verdict_of(object).warnings,
            std::vector<std::string>{
                "unknown field "
                "\"spec.trialTemplate.trialSpec.spec.template.spec.containers[0].comand\""});
}

TEST(TrialTemplate, WarnsOfAJobWithoutRestartPolicy) {
  const Json object =
      experiment_with("/spec/trialTemplate/trialSpec/spec/template/spec/restartPolicy", nullptr);
  EXPECT_EQ(said(object), "");
  EXPECT_EQ(verdict_of(object).warnings.size(), 1U);
}

TEST(TrialTemplate, KnowsWhatItCanSayAboutTheTrial) {
  const auto with_reference = [](const char* reference) {
    Json object = experiment();
    object["spec"]["trialTemplate"]["trialSpec"]["metadata"] =
        Json::parse(R"({"labels":{"app":"x"},"annotations":{"a/b":"y"}})");
    object["spec"]["trialTemplate"]["trialParameters"].push_back(
        {{"name", "meta"}, {"reference", reference}});
    object[Json::json_pointer(kContainer + "/args")] = {"${trialParameters.meta}"};
    default_experiment(object);
    return error_paths(object);
  };
  for (const char* reference :
       {"${trialSpec.Name}", "${trialSpec.Namespace}", "${trialSpec.Kind}",
        "${trialSpec.APIVersion}", "${trialSpec.Labels[app]}", "${trialSpec.Annotations[a/b]}"}) {
    EXPECT_EQ(with_reference(reference), Paths{}) << reference;
  }
  for (const char* reference : {"${trialSpec.Uid}", "${trialSpec.Labels[nosuch]}",
                                "${trialSpec.Labels}", "${trialSpec.Name"}) {
    EXPECT_EQ(with_reference(reference), Paths{kTemplate + ".trialParameters[4].reference"})
        << reference;
  }
}

TEST(TrialTemplate, RunsKindsWhoseDefinitionWasApplied) {
  Json object = experiment();
  object["spec"]["trialTemplate"]["trialSpec"] =
      Json::parse(R"({"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","spec":{
    "a":"${trialParameters.learningRate} ${trialParameters.layers} ${trialParameters.units} ${trialParameters.optimizer}"}})");
  object["spec"]["trialTemplate"]["successCondition"] = "status.[@this].#(phase==\"Succeeded\")#";
  object["spec"]["trialTemplate"]["failureCondition"] = "status.[@this].#(phase==\"Failed\")#";
  default_experiment(object);
  EXPECT_EQ(error_paths(object), Paths{kTemplate + ".trialSpec.kind"});
  ResourceTable more = known_kinds();
  for (ResourceDefinition& definition :
       ResourceTable::from_crd(Json::parse(R"({"metadata":{"name":"workflows.argoproj.io"},
         "spec":{"group":"argoproj.io","scope":"Namespaced","names":{"plural":"workflows","kind":"Workflow"},"versions":[
           {"name":"v1alpha1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
            "x-kubernetes-preserve-unknown-fields":true}}}]}})"))
           .value()) {
    more.add(std::move(definition));
  }
  EXPECT_EQ(join(validate_experiment(object, nullptr, context_for(more)).errors), "");
}

TEST(TrialTemplate, DoesNotRunKindsThatEndNever) {
  for (const auto& [api_version, kind] : std::initializer_list<std::pair<const char*, const char*>>{
           {"v1", "ConfigMap"},
           {"kubeflow.org/v1beta1", "Experiment"},
           {"batch/v2", "Job"},
           {"v1", "Job"}}) {
    Json object = experiment();
    object["spec"]["trialTemplate"]["trialSpec"]["apiVersion"] = api_version;
    object["spec"]["trialTemplate"]["trialSpec"]["kind"] = kind;
    object["spec"]["trialTemplate"]["successCondition"] =
        object["spec"]["trialTemplate"]["failureCondition"] = "a";
    default_experiment(object);
    EXPECT_EQ(error_paths(object), Paths{kTemplate + ".trialSpec.kind"}) << kind;
  }
}

TEST(TrialTemplate, WantsConditionsForKindsWithoutADefault) {
  Json object = experiment();
  object["spec"]["trialTemplate"]["trialSpec"]["kind"] = "Workflow";
  default_experiment(object);
  EXPECT_EQ(error_paths(object),
            (Paths{kTemplate + ".successCondition", kTemplate + ".failureCondition",
                   kTemplate + ".trialSpec.kind"}));
}

Json with_config_map() {
  Json object = experiment();
  object["spec"]["trialTemplate"].erase("trialSpec");
  object["spec"]["trialTemplate"]["configMap"] =
      Json::parse(R"({"configMapName":"c","configMapNamespace":"n","templatePath":"t.yaml"})");
  object["spec"]["trialTemplate"]["successCondition"] =
      object["spec"]["trialTemplate"]["failureCondition"] = "a.#(b==1)#";
  default_experiment(object);
  return object;
}

std::string said_with_text(const std::optional<std::string>& text) {
  ValidationContext context = context_for(known_kinds());
  context.config_map_text = [&](const ConfigMapSource& source) {
    EXPECT_EQ(source, (ConfigMapSource{"c", "n", "t.yaml"}));
    return text;
  };
  return join(validate_experiment(with_config_map(), nullptr, context).errors);
}

TEST(TemplateFromConfigMap, IsCheckedLikeAnInlineOne) {
  const std::string job = R"(apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        command: [echo, "${trialParameters.learningRate} ${trialParameters.layers}", "${trialParameters.units} ${trialParameters.optimizer}"]
)";
  EXPECT_EQ(said_with_text(job), "");
  EXPECT_TRUE(
      said_with_text(job + "        args: [\"${trialParameters.more}\"]\n").find("[more]") !=
      std::string::npos);
  EXPECT_TRUE(
      said_with_text(std::nullopt).starts_with("spec.trialTemplate.configMap: Invalid value"))
      << "no such ConfigMap";
  EXPECT_NE(said_with_text("a: [").find("line 2, column 1"), std::string::npos)
      << said_with_text("a: [");
  EXPECT_NE(said_with_text("just text"), "");
}

TEST(TemplateFromConfigMap, NeedsAllItsFields) {
  Json object = with_config_map();
  object["spec"]["trialTemplate"]["configMap"].erase("templatePath");
  EXPECT_EQ(error_paths(object), Paths{kTemplate + ".configMap"});
}

TEST(MetricsCollector, IsRefusedAtThePathOfTheFault) {
  const auto paths = [](const char* spec) {
    return error_paths(experiment_with("/spec/metricsCollectorSpec", Json::parse(spec)));
  };
  const std::string base = "spec.metricsCollectorSpec";
  for (
      const char* right :
      {R"({"collector":{"kind":"StdOut"}})", R"({"collector":{"kind":"File"}})",
       R"({"collector":{"kind":"TensorFlowEvent"}})",
       R"({"collector":{"kind":"PrometheusMetric"}})", R"({"collector":{"kind":"Push"}})",
       R"({"collector":{"kind":"Custom","customCollector":{"name":"c","image":"i"}}})",
       R"({"collector":{"kind":"File"},"source":{"fileSystemPath":{"path":"/m/m.json","format":"JSON"}}})",
       R"json({"source":{"filter":{"metricsFormat":["(\\w+)\\s:\\s((-?\\d+)(\\.\\d+)?)"]}}})json",
       R"({"collector":{"kind":"PrometheusMetric"},"source":{"httpGet":{"port":"9090","path":"/m"}}})"}) {
    EXPECT_EQ(paths(right), Paths{}) << right;
  }
  EXPECT_EQ(paths(R"({"collector":{"kind":"Magic"}})"), Paths{base + ".collector.kind"});
  EXPECT_EQ(paths(R"({"collector":{"kind":"Custom"}})"),
            Paths{base + ".collector.customCollector"});
  EXPECT_EQ(
      paths(
          R"({"collector":{"kind":"File"},"source":{"fileSystemPath":{"path":"m","kind":"Directory","format":"XML"}}})"),
      (Paths{base + ".source.fileSystemPath.kind", base + ".source.fileSystemPath.path",
             base + ".source.fileSystemPath.format"}));
  EXPECT_EQ(
      paths(
          R"({"collector":{"kind":"File"},"source":{"filter":{},"fileSystemPath":{"format":"JSON"}}})"),
      Paths{base + ".source.filter"});
  EXPECT_EQ(
      paths(
          R"({"collector":{"kind":"TensorFlowEvent"},"source":{"fileSystemPath":{"path":"e","format":"TEXT"}}})"),
      (Paths{base + ".source.fileSystemPath.path", base + ".source.fileSystemPath.format"}));
  EXPECT_EQ(
      paths(R"({"collector":{"kind":"File"},"source":{"fileSystemPath":{"path":"/metrics.log"}}})"),
      Paths{base + ".source.fileSystemPath.path"});
  EXPECT_EQ(
      paths(R"({"collector":{"kind":"TensorFlowEvent"},"source":{"fileSystemPath":{"path":"/"}}})"),
      Paths{base + ".source.fileSystemPath.path"});
  EXPECT_EQ(
      paths(R"({"collector":{"kind":"PrometheusMetric"},"source":{"httpGet":{"scheme":"HTTPS"}}})"),
      Paths{base + ".source.httpGet.scheme"});
  for (const char* port : {"-1", "70000", "\"http\"", "1.5"}) {
    EXPECT_EQ(
        paths((std::string(
                   R"({"collector":{"kind":"PrometheusMetric"},"source":{"httpGet":{"port":)") +
               port + "}}}")
                  .c_str()),
        Paths{base + ".source.httpGet.port"})
        << port;
  }
  EXPECT_EQ(
      paths(R"json({"source":{"filter":{"metricsFormat":["(a)(b)","(","(\\w+)=[0-9]+"]}}})json"),
      (Paths{base + ".source.filter.metricsFormat[1]", base + ".source.filter.metricsFormat[2]"}));
}

TEST(TrialPods, AreRefusedAtThePathOfTheFault) {
  const auto paths = [](const char* pods) {
    return error_paths(experiment_with("/spec/trialPods", Json::parse(pods)));
  };
  EXPECT_EQ(paths(R"({"reuse":"None","resize":{"mode":"Off"}})"), Paths{});
  EXPECT_EQ(
      paths(
          R"({"resize":{"minAllowed":{"cpu":"50m","memory":"32Mi"},"maxAllowed":{"cpu":2,"memory":"4Gi"}}})"),
      Paths{});
  EXPECT_EQ(
      paths(R"({"resize":{"minAllowed":{"memory":"lots"},"maxAllowed":{"cpu":"-1"}}})"),
      (Paths{"spec.trialPods.resize.minAllowed.memory", "spec.trialPods.resize.maxAllowed.cpu"}));
  EXPECT_EQ(paths(R"({"resize":{"minAllowed":{"memory":"1Gi"},"maxAllowed":{"memory":"512Mi"}}})"),
            Paths{"spec.trialPods.resize.maxAllowed.memory"});
  EXPECT_EQ(paths(R"({"resize":{"maxAllowed":{"cpu":"0"}}})"),
            Paths{"spec.trialPods.resize.maxAllowed.cpu"});
}

TEST(TrialTemplate, RefusesAmountsThatCanNotBe) {
  const auto paths = [](const char* resources) {
    return error_paths(experiment_with(kContainer + "/resources", Json::parse(resources)));
  };
  const std::string at = "spec.trialTemplate.trialSpec.spec.template.spec.containers[0].resources";
  EXPECT_EQ(paths(R"({"requests":{"memory":"2Gi"},"limits":{"memory":"1Gi"}})"),
            Paths{at + ".requests"});
  EXPECT_EQ(paths(R"({"requests":{"cpu":"many"},"limits":{"memory":"-1"}})"),
            (Paths{at + ".limits[memory]", at + ".requests[cpu]"}));
}

TEST(TrialPods, CannotStayWarmWhenSomethingBelongsToOneTrial) {
  Json object = experiment();
  object["spec"]["trialPods"]["reuse"] = "Pod";
  default_experiment(object);
  EXPECT_EQ(said(object), "");
  object["spec"]["trialTemplate"]["retain"] = true;
  object["spec"]["trialTemplate"]["trialSpec"]["spec"]["completions"] = 2;
  object["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["initContainers"] =
      Json::parse(R"([{"name":"i"}])");
  EXPECT_EQ(error_paths(object),
            (Paths{"spec.trialTemplate.retain", "spec.trialTemplate.trialSpec.spec.completions",
                   "spec.trialTemplate.trialSpec.spec.template.spec.initContainers"}));
}

TEST(Retry, IsRefusedAtThePathOfTheFault) {
  const auto paths = [](const char* rules) {
    return error_paths(experiment_with("/spec/trialTemplate/retry", Json::parse(rules)));
  };
  const std::string base = "spec.trialTemplate.retry[0]";
  EXPECT_EQ(
      paths(R"([{"class":"OOMKilled","limit":3},{"class":"Error","limit":1,"exitCodes":[75]}])"),
      Paths{});
  EXPECT_EQ(paths(R"([{"class":"Oops","limit":3}])"), Paths{base + ".class"});
  EXPECT_EQ(paths(R"([{"class":"Error"}])"), Paths{base + ".limit"});
  EXPECT_EQ(paths(R"([{"class":"Error","limit":0}])"), Paths{base + ".limit"});
  EXPECT_EQ(paths(R"([{"class":"OOMKilled","limit":1,"exitCodes":[1]}])"),
            Paths{base + ".exitCodes"});
  EXPECT_EQ(paths(R"([{"class":"Error","limit":1,"exitCodes":[1,256]}])"),
            Paths{base + ".exitCodes[1]"});
}

TEST(TrialTemplate, MountsNoDirectoryOfTheHostUnlessItMay) {
  Json object = experiment();
  object["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["volumes"] = {
      {{"name", "scratch"}, {"emptyDir", Json::object()}},
      {{"name", "data"}, {"hostPath", {{"path", "/data"}}}}};
  default_experiment(object);
  for (const auto& [may, faults] :
       {std::pair{std::optional<bool>(), 0U}, std::pair{std::optional<bool>(true), 0U},
        std::pair{std::optional<bool>(false), 1U}}) {
    ValidationContext context;
    context.host_paths = may;
    const auto errors = validate_experiment(object, nullptr, context).errors;
    ASSERT_EQ(errors.size(), faults);
    if (faults > 0)
      EXPECT_EQ(errors[0].path,
                "spec.trialTemplate.trialSpec.spec.template.spec.volumes[1].hostPath");
  }
}

}  // namespace
}  // namespace mizan::resources
