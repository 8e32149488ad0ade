// One pair of functions for each kind.
#include "resources/builtin_admission.h"

#include <fmt/format.h>

#include "resources/definition.h"

namespace mizan::resources {
namespace {

constexpr std::int64_t kBackoffLimit = 6;

/// Standard base64, with padding.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      group = group << 8U | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      text += i + j > bytes.size() ? '=' : kDigits[group >> (18U - 6U * j) & 63U];
  }
  return text;
}

void default_job(Json& job) {
  Json& spec = job["spec"];
  if (!spec.is_object()) return;  // validation says so
  // Without parallelism, no completions mean one; with it, they mean a queue of work.
  if (!spec.contains("completions") && !spec.contains("parallelism")) spec["completions"] = 1;
  if (!spec.contains("parallelism")) spec["parallelism"] = 1;
  if (!spec.contains("backoffLimit")) spec["backoffLimit"] = kBackoffLimit;
  // Typed clients read job.status.succeeded without asking whether there is a status.
  if (!job.contains("status")) job["status"] = Json::object();
}

void fold_texts(Json& secret) {
  const auto texts = secret.find("stringData");
  if (texts == secret.end()) return;
  if (texts->is_object()) {
    for (const auto& [name, text] : texts->items()) {
      if (text.is_string()) secret["data"][name] = base64(text.get_ref<const std::string&>());
    }
  }
  secret.erase("stringData");
}

/// Whether the definition is of one of our own kinds, as GitOps tools apply them beside the rest.
bool ships_with_mizan(const ResourceDefinition& definition) {
  return definition.group == "kubeflow.org" &&
         (definition.plural == "experiments" || definition.plural == "trials" ||
          definition.plural == "suggestions");
}

Admission::Verdict judge_definition(const Json& crd, const Json*) {
  Admission::Verdict verdict;
  const auto definitions = ResourceTable::from_crd(crd);
  if (!definitions) {
    verdict.errors = definitions.error().fields;
    return verdict;
  }
  for (const ResourceDefinition& definition : *definitions) {
    if (ships_with_mizan(definition)) {
      verdict.warnings.push_back(
          fmt::format("{} of {} ship with mizan and are served as they ship: this definition is "
                      "kept and has no effect",
                      definition.plural, definition.api_version()));
      continue;
    }
    verdict.warnings.insert(verdict.warnings.end(), definition.warnings.begin(),
                            definition.warnings.end());
  }
  return verdict;
}

}  // namespace

void add_builtin_admission(AdmissionTable& table) {
  table[{"batch/v1", "Job"}] = {default_job, nullptr};
  table[{"v1", "Secret"}] = {fold_texts, nullptr};
  table[{"apiextensions.k8s.io/v1", "CustomResourceDefinition"}] = {nullptr, judge_definition};
}

}  // namespace mizan::resources
