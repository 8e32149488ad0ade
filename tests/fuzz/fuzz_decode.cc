// An Experiment from outside through the whole front door: strict decoding, schema, defaults,
// validation, readers.
#include "resources/defaults.h"
#include "resources/object_meta.h"
#include "resources/reading.h"
#include "resources/suggestion.h"
#include "resources/trial.h"
#include "resources/validate.h"
#include "resources/yaml.h"
#include "tests/fuzz/input.h"

namespace {

using mizan::Json;
using mizan::fuzz::require;
namespace resources = mizan::resources;

const resources::ResourceTable& table() {
  static const resources::ResourceTable shipped = resources::ResourceTable::builtin().value();
  return shipped;
}

void walk(Json object, const resources::Schema& schema) {
  resources::prune(object, schema);
  require(resources::prune(object, schema).empty(), "what is pruned stays pruned");
  resources::apply_defaults(object, schema);
  const Json once = object;
  resources::apply_defaults(object, schema);
  require(object == once, "defaults of schemas are the same twice");
  for (const auto& error : resources::validate(object, schema))
    require(!error.message.empty(), "errors say what is wrong");
}

void admit(Json object) {
  resources::default_experiment(object);
  Json again = object;
  resources::default_experiment(again);
  require(again == object, "defaults are the same twice");
  const auto verdict =
      resources::validate_experiment(object, nullptr, resources::context_for(table()));
  for (const auto& error : verdict.errors) require(!error.path.empty(), "errors have a path");
  require(resources::validate_experiment(object, &object, {}).errors.empty(),
          "an unchanged spec may always be written");
  const auto experiment = resources::read_experiment(object);
  require(experiment.raw == object, "readers keep what they don't know");
  resources::read_trial(object);
  resources::read_suggestion(object);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto documents =
      resources::parse_yaml(mizan::fuzz::text_of(data, size),
                            {.max_bytes = 64 * 1024, .max_depth = 32, .max_values = 5000});
  if (!documents) return 0;
  for (const auto& document : *documents) {
    resources::check_metadata_types(document.value);
    resources::validate_metadata(document.value, true);
    for (const auto* definition : table().all()) walk(document.value, *definition->schema);
    admit(document.value);
  }
  return 0;
}
