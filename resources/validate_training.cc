// One function for each kind; schemas have said before what is wrong with single fields.
#include "resources/validate_training.h"

#include <fmt/format.h>

#include <array>

#include "resources/field_error.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

constexpr std::size_t kLongestExperiment = 40;  // the names of its trials begin with its own

void keep_fields(const Json& object, const Json* old, std::span<const char* const> fields,
                 Verdict& verdict) {
  if (old == nullptr) return;
  const Json& spec = object_field(object, "spec");
  const Json& before = object_field(*old, "spec");
  for (const char* key : fields) {
    const Json* now = field(spec, key);
    const Json* then = field(before, key);
    if ((now == nullptr) != (then == nullptr) || (now != nullptr && *now != *then))
      verdict.errors.push_back(forbidden(fmt::format("spec.{}", key), "field is immutable"));
  }
}

Verdict judge_train_job(const Json& object, const Json* old) {
  Verdict verdict;
  static constexpr std::array kFixed = {"runtimeRef", "initializer", "trainer",
                                        "activeDeadlineSeconds", "managedBy"};
  keep_fields(object, old, kFixed, verdict);
  const Json& trainer = object_field(object_field(object, "spec"), "trainer");
  const auto nodes = integer_field(trainer, "numNodes");
  if (nodes && *nodes < 1) {
    verdict.errors.push_back(invalid("spec.trainer.numNodes", *nodes, "must be greater than 0"));
  }
  return verdict;
}

class OptimizationCheck {
 public:
  explicit OptimizationCheck(const Json& object)
      : object_(object), spec_(object_field(object, "spec")) {}

  Verdict run() {
    check_name();
    const Json& search = object_field(spec_, "searchAlgorithm");
    grid_ = field(search, "grid") != nullptr;
    const bool random = field(search, "random") != nullptr;
    if (field(spec_, "searchAlgorithm") != nullptr && grid_ == random) {
      error(invalid("spec.searchAlgorithm", search, "exactly one of random and grid must be set"));
    }
    const auto trials = integer_field(spec_, "numTrials").value_or(1);
    if (const auto parallel = integer_field(spec_, "parallelTrials").value_or(1);
        parallel > trials) {
      error(invalid("spec.parallelTrials", parallel,
                    fmt::format("parallelTrials cannot exceed numTrials, which is {}", trials)));
    }
    const Json& parameters = array_field(spec_, "parameters");
    for (std::size_t i = 0; i < parameters.size(); ++i)
      check_space(object_field(parameters[i], "searchSpace"),
                  fmt::format("spec.parameters[{}].searchSpace", i));
    const Json& metadata = object_field(object_field(spec_, "trainJobTemplate"), "metadata");
    for (const char* key : {"name", "namespace"}) {
      if (field(metadata, key) != nullptr)
        error(forbidden(fmt::format("spec.trainJobTemplate.metadata.{}", key),
                        "name and namespace cannot be set in a template: they become the trial's"));
    }
    return std::move(verdict_);
  }

 private:
  void error(FieldError wrong) { verdict_.errors.push_back(std::move(wrong)); }

  /// It becomes the name of an Experiment.
  void check_name() {
    const std::string name = name_of(object_);
    const bool begins_right = !name.empty() && name.front() >= 'a' && name.front() <= 'z';
    if (name.empty() || (begins_right && name.size() <= kLongestExperiment)) return;
    error(invalid("metadata.name", name,
                  fmt::format("must begin with a letter and have at most {} characters: the names "
                              "of its TrainJobs begin with it",
                              kLongestExperiment)));
  }

  void check_space(const Json& space, const std::string& path) {
    int given = 0;
    for (const char* kind : {"uniform", "logUniform", "categorical"})
      given += field(space, kind) != nullptr ? 1 : 0;
    if (given != 1) {
      error(invalid(path, space, "exactly one of uniform, logUniform and categorical must be set"));
      return;
    }
    if (field(space, "categorical") != nullptr) return;
    const bool log = field(space, "logUniform") != nullptr;
    const char* kind = log ? "logUniform" : "uniform";
    if (grid_) {
      error(invalid(path, kind,
                    "grid search requires all parameters to be categorical: give choices, or "
                    "search at random"));
    }
    check_range(object_field(space, kind), fmt::format("{}.{}", path, kind), log);
  }

  void check_range(const Json& range, const std::string& path, bool log) {
    const std::string low_text = text_field(range, "min"), high_text = text_field(range, "max");
    const auto low = decimal(low_text), high = decimal(high_text);
    if (!low || !high) return;  // the schema's pattern says so
    if (!(*low < *high))
      error(invalid(path + ".min", low_text,
                    fmt::format("min must be strictly less than max, which is {}", high_text)));
    if (log && !(*low > 0))
      error(invalid(path + ".min", low_text, "min must be strictly greater than 0"));
    if (text_field(range, "type") != "Int") return;
    for (const auto& [key, number] : {std::pair{"min", *low}, std::pair{"max", *high}}) {
      if (number != static_cast<double>(static_cast<std::int64_t>(number)))
        error(invalid(fmt::format("{}.{}", path, key), text_field(range, key),
                      "must be a whole number for type Int"));
    }
  }

  const Json& object_;
  const Json& spec_;
  bool grid_ = false;
  Verdict verdict_;
};

Verdict judge_optimization_job(const Json& object, const Json* old) {
  if (old == nullptr) return OptimizationCheck(object).run();
  Verdict verdict;
  if (object_field(object, "spec") != object_field(*old, "spec")) {
    verdict.errors.push_back(
        forbidden("spec", "OptimizationJobSpec is immutable and cannot be updated after creation"));
  }
  return verdict;
}

}  // namespace

void add_training_admission(AdmissionTable& table) {
  constexpr const char* kVersion = "trainer.kubeflow.org/v1alpha1";
  table[{kVersion, "TrainJob"}] = {nullptr, judge_train_job};
  table[{kVersion, "OptimizationJob"}] = {nullptr, judge_optimization_job};
}

}  // namespace mizan::resources
