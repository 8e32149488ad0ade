// The trial template: one source, its placeholders and the parameters that fill them.
#include <fmt/format.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"
#include "resources/yaml.h"

namespace mizan::resources {
namespace {

const std::string kTemplatePath = "spec.trialTemplate";
constexpr std::string_view kPlaceholder = "${trialParameters.";
constexpr std::string_view kMetadata = "${trialSpec.";

/// NAME of each ${trialParameters.NAME} in the strings of a template, once, in order.
void collect_placeholders(const Json& value, std::vector<std::string>& names) {
  if (value.is_structured()) {
    for (const Json& child : value) collect_placeholders(child, names);
  }
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  for (auto at = text.find(kPlaceholder); at != std::string::npos;
       at = text.find(kPlaceholder, at + 1)) {
    const auto start = at + kPlaceholder.size();
    const auto end = text.find('}', start);
    if (end == std::string::npos || end == start) continue;
    std::string name = text.substr(start, end - start);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
}

bool is_metadata_reference(std::string_view reference) { return reference.starts_with(kMetadata); }

/// What is wrong with ${trialSpec.…}; empty when the template can answer it.
std::string wrong_metadata_reference(std::string_view reference, const Json& run) {
  if (!reference.ends_with('}')) return "must end with a brace: ${trialSpec.Name}";
  std::string_view what = reference.substr(kMetadata.size());
  what.remove_suffix(1);
  for (const std::string_view known : {"Name", "Namespace", "Kind", "APIVersion"}) {
    if (what == known) return "";
  }
  const auto bracket = what.find('[');
  const std::string_view map = what.substr(0, bracket);
  if ((map == "Labels" || map == "Annotations") && bracket != std::string_view::npos &&
      what.ends_with(']')) {
    const std::string key(what.substr(bracket + 1, what.size() - bracket - 2));
    const Json& metadata = object_field(run, "metadata");
    const Json& values = object_field(metadata, map == "Labels" ? "labels" : "annotations");
    if (run.is_null() || values.contains(key)) return "";
    return fmt::format("metadata.{} of the template has no {}",
                       map == "Labels" ? "labels" : "annotations", key);
  }
  return "of the trial there are Name, Namespace, Kind, APIVersion, Labels[KEY] and "
         "Annotations[KEY]";
}

/// Whether trials get every value without a template that names it: a client is told, and so is the
/// worker of a warm pod.
bool hears_every_value(const Json& spec) {
  return field(object_field(spec, "trialTemplate"), "client") != nullptr ||
         text_field(object_field(spec, "trialPods"), "reuse") == "Process";
}

/// Everything about trialParameters, against the template and the search space.
class TrialParameterCheck {
 public:
  /// `run` is null when the template can't be seen (a ConfigMap) or does not exist (client).
  TrialParameterCheck(const Json& spec, const Json& run, Verdict& verdict)
      : parameters_(array_field(spec, "parameters")),
        list_(array_field(object_field(spec, "trialTemplate"), "trialParameters")),
        hears_all_(hears_every_value(spec)),
        run_(run),
        verdict_(verdict) {
    collect_placeholders(run, placeholders_);
  }

  void run() {
    for (std::size_t i = 0; i < list_.size(); ++i)
      check(list_[i], fmt::format("{}.trialParameters[{}]", kTemplatePath, i));
    check_missing();
    if (!hears_all_) check_unused();
  }

 private:
  void check(const Json& entry, const std::string& path) {
    const std::string name = text_field(entry, "name");
    const std::string reference = text_field(entry, "reference");
    if (name.empty() || name.find_first_of("{}") != std::string::npos) {
      verdict_.errors.push_back(
          invalid(path + ".name", name, "name must be specified and must not contain '{' or '}'"));
    } else if (!names_.insert(name).second) {
      verdict_.errors.push_back(duplicate(path + ".name", name));
    } else if (!run_.is_null() && std::ranges::find(placeholders_, name) == placeholders_.end()) {
      verdict_.errors.push_back(
          invalid(path + ".name", name,
                  fmt::format("parameter name: {} in spec.trialParameters not found in "
                              "spec.trialTemplate: nothing there "
                              "says ${{trialParameters.{}}}",
                              name, name)));
    }
    check_reference(reference, path + ".reference");
  }

  void check_reference(const std::string& reference, const std::string& path) {
    if (reference.empty()) {
      verdict_.errors.push_back(required(path, "the name of a parameter of the search space"));
      return;
    }
    if (!references_.insert(reference).second) {
      verdict_.errors.push_back(duplicate(path, reference));
      return;
    }
    if (is_metadata_reference(reference)) {
      if (const std::string wrong = wrong_metadata_reference(reference, run_); !wrong.empty()) {
        verdict_.errors.push_back(invalid(path, reference, wrong));
      }
      return;
    }
    const bool known = std::ranges::any_of(
        parameters_, [&](const Json& one) { return text_field(one, "name") == reference; });
    // Without spec.parameters the names come from an architecture search.
    if (!known && !parameters_.empty()) {
      verdict_.errors.push_back(invalid(
          path, reference,
          fmt::format("parameter reference {} does not exist in spec.parameters, which has {}",
                      reference, listed(space()))));
    }
  }

  void check_missing() {
    for (const std::string& name : placeholders_) {
      if (names_.contains(name)) continue;
      verdict_.errors.push_back(
          required(kTemplatePath + ".trialParameters",
                   fmt::format("parameters: [{}] in spec.trialTemplate not "
                               "found in spec.trialParameters: add an entry "
                               "with that name and the parameter it refers to",
                               name)));
    }
  }

  /// A value that goes nowhere would be searched for in vain. One that only switches others may
  /// stay unused.
  void check_unused() {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const std::string name = text_field(parameters_[i], "name");
      if (name.empty() || references_.contains(name)) continue;
      const std::string path = fmt::format("spec.parameters[{}].name", i);
      if (decides(name)) {
        warn(verdict_, path,
             fmt::format("{} only decides about other parameters; trials don't get its value",
                         name));
      } else {
        verdict_.errors.push_back(invalid(path, name,
                                          "no entry of spec.trialTemplate.trialParameters refers "
                                          "to it, so it would be searched for in vain"));
      }
    }
  }

  bool decides(const std::string& name) const {
    return std::ranges::any_of(parameters_, [&](const Json& one) {
      return text_field(object_field(one, "activeWhen"), "parameter") == name;
    });
  }

  std::vector<std::string> space() const {
    std::vector<std::string> names;
    for (const Json& one : parameters_) names.push_back(text_field(one, "name"));
    return names;
  }

  const Json& parameters_;
  const Json& list_;
  const bool hears_all_;
  const Json& run_;
  Verdict& verdict_;
  std::vector<std::string> placeholders_;
  std::set<std::string> names_, references_;
};

void check_sources(const Json& trial_template, Verdict& verdict) {
  std::vector<std::string> given;
  for (const std::string_view key : {"trialSpec", "configMap", "client"}) {
    if (field(trial_template, key) != nullptr) given.emplace_back(key);
  }
  if (given.empty()) {
    verdict.errors.push_back(
        required(kTemplatePath,
                 "spec.trialTemplate.trialSpec or spec.trialTemplate.configMap must be specified, "
                 "or client: {} "
                 "for trials that a client runs"));
  } else if (given.size() > 1) {
    verdict.errors.push_back(
        forbidden(kTemplatePath + "." + given[1],
                  fmt::format("only one of {} can be specified", listed(given))));
  }
}

/// What a run object needs around it; a client needs none of it.
void check_conditions(const Json& trial_template, Verdict& verdict) {
  if (text_field(trial_template, "primaryContainerName").empty()) {
    verdict.errors.push_back(required(kTemplatePath + ".primaryContainerName",
                                      "must be specified: the container that prints the metrics"));
  }
  for (const std::string_view key : {"successCondition", "failureCondition"}) {
    if (!text_field(trial_template, key).empty()) continue;
    verdict.errors.push_back(required(
        fmt::format("{}.{}", kTemplatePath, key),
        fmt::format(
            "successCondition and failureCondition must be specified: kind \"{}\" has no default",
            text_field(object_field(trial_template, "trialSpec"), "kind"))));
  }
}

/// The text of a ConfigMap's template, where it can be had.
std::optional<std::string> config_map_text(const Json& source, const ValidationContext& context,
                                           Verdict& verdict) {
  const ConfigMapSource map{text_field(source, "configMapName"),
                            text_field(source, "configMapNamespace"),
                            text_field(source, "templatePath")};
  if (map.name.empty() || map.ns.empty() || map.path.empty()) {
    verdict.errors.push_back(
        required(kTemplatePath + ".configMap",
                 "configMapName, configMapNamespace and templatePath must be specified"));
    return std::nullopt;
  }
  if (!context.config_map_text) return std::nullopt;
  auto text = context.config_map_text(map);
  if (!text) {
    verdict.errors.push_back(
        invalid(kTemplatePath + ".configMap", source,
                fmt::format("there is no ConfigMap {} in namespace {} with a key {}", map.name,
                            map.ns, map.path)));
  }
  return text;
}

/// The object that a ConfigMap's text stands for; null when it is none.
Json parse_template(const std::string& text, Verdict& verdict) {
  const auto documents = parse_yaml(text);
  const std::string path = kTemplatePath + ".configMap.templatePath";
  if (!documents) {
    verdict.errors.push_back(
        invalid(path, text,
                "unable to convert spec.trialTemplate to an object: " + documents.error().message));
    return nullptr;
  }
  if (documents->empty() || !documents->front().value.is_object()) {
    verdict.errors.push_back(
        invalid(path, text, "unable to convert spec.trialTemplate to an object"));
    return nullptr;
  }
  return documents->front().value;
}

}  // namespace

void validate_template(const Json& spec, const ValidationContext& context, Verdict& verdict) {
  const Json* trial_template = field(spec, "trialTemplate");
  if (trial_template == nullptr || !trial_template->is_object()) {
    verdict.errors.push_back(required(kTemplatePath, "must be specified"));
    return;
  }
  check_sources(*trial_template, verdict);
  validate_retry(*trial_template, verdict);
  if (has_error_at(verdict, kTemplatePath)) return;
  Json run;
  std::string path = kTemplatePath + ".trialSpec";
  if (const Json* inline_run = field(*trial_template, "trialSpec")) {
    run = *inline_run;
  } else if (const Json* source = field(*trial_template, "configMap")) {
    path = kTemplatePath + ".configMap";
    if (const auto text = config_map_text(*source, context, verdict))
      run = parse_template(*text, verdict);
  }
  if (field(*trial_template, "client") == nullptr) {
    check_conditions(*trial_template, verdict);
    if (field(*trial_template, "trialParameters") == nullptr && !hears_every_value(spec)) {
      verdict.errors.push_back(required(kTemplatePath + ".trialParameters", "must be specified"));
    }
  }
  if (run.is_object()) validate_run_object(run, path, *trial_template, context, verdict);
  if (!has_error_at(verdict, kTemplatePath + ".configMap"))
    TrialParameterCheck(spec, run, verdict).run();
}

}  // namespace mizan::resources
