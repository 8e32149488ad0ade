// Whatever JSON is stored or sent: no reader, walker or check crashes, and what they promise still
// holds.
#include <gtest/gtest.h>

#include <random>

#include "resources/condition.h"
#include "resources/defaults.h"
#include "resources/meta.h"
#include "resources/object_meta.h"
#include "resources/reading.h"
#include "resources/suggestion.h"
#include "resources/trial.h"
#include "resources/validate.h"
#include "tests/resources/fixtures.h"

namespace mizan::resources {
namespace {

/// Random JSON, biased towards the keys and values that mean something here.
class Scrambler {
 public:
  explicit Scrambler(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
  }

  Json value(int depth) {
    switch (below(depth > 0 ? 9 : 7)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return static_cast<std::int64_t>(below(7)) - 3;
      case 3:
        return std::pow(10, static_cast<double>(below(40)) - 20);
      case 4:
        return "";
      case 5:
        return words_[below(words_.size())];
      case 6:
        return 18'000'000'000'000'000'000ULL;
      case 7: {
        Json list = Json::array();
        for (std::size_t i = below(4); i > 0; --i) list.push_back(value(depth - 1));
        return list;
      }
      default: {
        Json object = Json::object();
        for (std::size_t i = below(4); i > 0; --i)
          object[words_[below(words_.size())]] = value(depth - 1);
        return object;
      }
    }
  }

  /// Replaces, adds or takes away something at a random place.
  void damage(Json& object) {
    Json* at = &object;
    while (at->is_structured() && !at->empty() && below(6) != 0) {
      auto child = at->begin();
      std::advance(child, static_cast<std::ptrdiff_t>(below(at->size())));
      at = &*child;
    }
    if (at->is_object() && below(3) == 0) {
      (*at)[words_[below(words_.size())]] = value(2);
    } else {
      *at = value(2);
    }
  }

 private:
  std::mt19937_64 engine_;
  std::vector<std::string> words_ = {"spec",
                                     "status",
                                     "metadata",
                                     "name",
                                     "labels",
                                     "parameters",
                                     "feasibleSpace",
                                     "min",
                                     "max",
                                     "step",
                                     "list",
                                     "double",
                                     "int",
                                     "0.5",
                                     "1e400",
                                     "nan",
                                     "template",
                                     "kind",
                                     "Job",
                                     "batch/v1",
                                     "activeWhen",
                                     "parameter",
                                     "in",
                                     "lr",
                                     "client",
                                     "configMap",
                                     "trialSpec",
                                     "conditions",
                                     "type",
                                     "Succeeded",
                                     "True",
                                     "objective",
                                     "initialTrials",
                                     "assignments",
                                     "metrics",
                                     "suggestions",
                                     "observation",
                                     "${trialParameters.x}",
                                     "\xff\xfe",
                                     "ä"};
};

const ResourceTable& table() {
  static const ResourceTable shipped = ResourceTable::builtin().value();
  return shipped;
}

void read_everything(const Json& object) {
  const Experiment experiment_read = read_experiment(object);
  EXPECT_EQ(experiment_read.raw, object);
  const Trial trial = read_trial(object);
  objective_value(trial, trial.objective);
  read_suggestion(object);
  last_condition_type(object);
  controller_of(object);
  check_metadata_types(object);
  validate_metadata(object, true);
  const Json ended = with_outcome(object, {TrialState::kFailed, "", "", {}}, Time{});
  if (object.is_object()) EXPECT_TRUE(is_completed(read_trial(ended).state));
}

void walk_everything(const Json& object) {
  for (const ResourceDefinition* definition : table().all()) {
    Json copy = object;
    prune(copy, *definition->schema);
    EXPECT_TRUE(prune(copy, *definition->schema).empty()) << "pruned twice: " << compact(object);
    apply_defaults(copy, *definition->schema);
    const Json once = copy;
    apply_defaults(copy, *definition->schema);
    EXPECT_EQ(copy, once) << "defaulted twice";
    validate(copy, *definition->schema);
  }
}

void admit(const Json& object) {
  Json once = object;
  default_experiment(once);
  Json twice = once;
  default_experiment(twice);
  EXPECT_EQ(twice, once) << "defaulted twice: " << compact(object);
  Json old = experiment();
  default_experiment(old);
  for (const FieldError& error : validate_experiment(once, nullptr, context_for(table())).errors) {
    EXPECT_FALSE(error.path.empty()) << error.message;
    EXPECT_FALSE(error.message.empty()) << error.path;
  }
  validate_experiment(once, &old, context_for(table()));
  validate_experiment(old, &once, context_for(table()));
}

TEST(Tolerance, TakesDamagedExperiments) {
  Scrambler scrambler(1);
  for (int i = 0; i < 500; ++i) {
    Json object = i % 5 == 0 ? client_experiment() : experiment();
    for (std::size_t n = 1 + scrambler.below(6); n > 0; --n) scrambler.damage(object);
    read_everything(object);
    admit(object);
    if (i % 10 == 0) walk_everything(object);
  }
}

TEST(Tolerance, TakesAnyJson) {
  Scrambler scrambler(2);
  for (int i = 0; i < 500; ++i) {
    const Json object = scrambler.value(6);
    read_everything(object);
    admit(object);
    if (i % 10 == 0) walk_everything(object);
  }
}

TEST(Tolerance, TakesSchemasOfAnyShape) {
  Scrambler scrambler(3);
  const Json pods = source_of(*table().find(ResourceId{"", "pods"})->schema);
  for (int i = 0; i < 60; ++i) {
    Json schema = pods;
    for (std::size_t n = 1 + scrambler.below(4); n > 0; --n) scrambler.damage(schema);
    const auto read = read_schema(schema);
    if (!read) {
      EXPECT_FALSE(read.error().fields.empty());
      continue;
    }
    Json object = scrambler.value(6);
    prune(object, **read);
    apply_defaults(object, **read);
    validate(object, **read);
  }
}

// An experiment with one fault is refused for it whatever else is odd about it.
TEST(Tolerance, DoesNotLoseAFaultAmongOthers) {
  Json object = experiment();
  object["spec"]["parameters"][0]["feasibleSpace"]["min"] = "9";
  Scrambler scrambler(4);
  for (int i = 0; i < 500; ++i) {
    Json damaged = object;
    scrambler.damage(damaged["spec"]["trialTemplate"]);
    default_experiment(damaged);
    const auto errors = validate_experiment(damaged, nullptr, {}).errors;
    EXPECT_TRUE(std::ranges::any_of(errors, [](const FieldError& error) {
      return error.path == "spec.parameters[0].feasibleSpace.max";
    })) << compact(damaged);
  }
}

}  // namespace
}  // namespace mizan::resources
