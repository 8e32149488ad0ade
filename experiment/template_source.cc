// Reads templates; a ConfigMap may be in another namespace.
#include "experiment/template_source.h"

#include <fmt/format.h>

#include "resources/known_resources.h"
#include "resources/yaml.h"

namespace mizan::experiment {
namespace {

constexpr const char* kPath = "spec.trialTemplate.configMap";

Result<Json> read_template(const resources::ConfigMapSource& source, const std::string& ns,
                           const Json& config_map) {
  const Json* data = find(config_map, "data");
  const auto text =
      data != nullptr && data->is_object() ? data->find(source.path) : Json::const_iterator();
  if (data == nullptr || !data->is_object() || text == data->end() || !text->is_string()) {
    return fail(Code::kNotFound, fmt::format("{}.templatePath: ConfigMap {}/{} has no entry \"{}\"",
                                             kPath, ns, source.name, source.path));
  }
  auto documents = resources::parse_yaml(text->get_ref<const std::string&>());
  if (documents && !documents->empty()) return std::move(documents->front().value);
  std::string message =
      fmt::format("the template in ConfigMap {}/{} under \"{}\" can't be read: {}", ns, source.name,
                  source.path, documents ? "it is empty" : documents.error().message);
  return fail(Code::kInvalid, message,
              {FieldError{FieldReason::kInvalid, std::string(kPath) + ".templatePath", message}});
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the store outlives all
Task<Result<Json>> load_trial_template(store::ObjectStore& store,
                                       std::shared_ptr<const resources::Experiment> experiment) {
  const resources::TrialTemplate& given = experiment->trial_template;
  if (!given.config_map) co_return given.trial_spec;
  const resources::ConfigMapSource& source = *given.config_map;
  const std::string ns = source.ns.empty() ? experiment->ns : source.ns;
  store::Key key(resources::kConfigMaps, ns, source.name);
  const Result<store::ObjectPtr> config_map = co_await store.get(std::move(key));
  if (!config_map) {
    if (config_map.error().code != Code::kNotFound) co_return fail(config_map.error());
    co_return fail(Code::kNotFound, fmt::format("{}.configMapName: ConfigMap {}/{} does not exist",
                                                kPath, ns, source.name));
  }
  co_return read_template(source, ns, **config_map);
}

}  // namespace mizan::experiment
