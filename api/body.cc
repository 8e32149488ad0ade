// Decoding of bodies.
#include "api/body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/negotiate.h"
#include "api/protobuf_body.h"
#include "resources/yaml.h"

namespace mizan::api {
namespace {

constexpr std::size_t kMostQuoted = 200;

bool is_yaml(std::string_view type) {
  return type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml" ||
         type == "application/apply-patch+yaml";
}

/// One document; several would be one too many for one request.
Result<Body> parse_yaml_body(const std::string& text) {
  TRY(auto documents, resources::parse_yaml(text));
  if (documents.size() > 1)
    return fail(Code::kBadRequest, "the body holds several YAML documents; send them one by one");
  if (documents.empty()) return fail(Code::kBadRequest, "the body holds no YAML document");
  return Body{std::move(documents[0].value), std::move(documents[0].duplicate_fields)};
}

Result<Body> parse_json_body(const std::string& text) {
  TRY(auto parsed, parse_json(text));
  return Body{std::move(parsed.value), std::move(parsed.duplicate_fields)};
}

}  // namespace

Result<Body> read_body(const Request& request, std::string_view kind) {
  const std::string type = media_type(request.headers.get("Content-Type"));
  if (type == kProtobufType) {
    TRY(Json object, read_protobuf_object(request.body));
    return Body{std::move(object), {}};
  }
  if (!type.empty() && type != "application/json" && !is_yaml(type)) {
    return fail(Code::kUnsupportedMediaType,
                "the body of the request was in an unknown format - accepted media types include: "
                "application/json, application/yaml, application/vnd.kubernetes.protobuf");
  }
  auto body = is_yaml(type) ? parse_yaml_body(request.body) : parse_json_body(request.body);
  if (body || body.error().code != Code::kBadRequest) return body;
  std::string why = body.error().message;
  if (request.body.empty() || why.find("unexpected end of input") != std::string::npos) {
    why = "unexpected end of JSON input";
  }
  const std::string quoted = request.body.empty() ? "<empty>" : request.body.substr(0, kMostQuoted);
  return fail(Code::kBadRequest,
              fmt::format("the object provided is unrecognized (must be of type {}): couldn't get "
                          "version/kind; json parse error: {} ({})",
                          kind, why, quoted));
}

Result<store::Patch> read_patch(const Request& request, bool strategic_allowed,
                                std::vector<std::string>& duplicates) {
  const std::string type = media_type(request.headers.get("Content-Type"));
  store::PatchType patch_type{};
  if (type == "application/merge-patch+json") {
    patch_type = store::PatchType::kMerge;
  } else if (type == "application/json-patch+json") {
    patch_type = store::PatchType::kJson;
  } else if (type == "application/apply-patch+yaml") {
    patch_type = store::PatchType::kApply;
  } else if (type == "application/strategic-merge-patch+json" && strategic_allowed) {
    patch_type = store::PatchType::kStrategic;
  } else {
    return fail(
        Code::kUnsupportedMediaType,
        fmt::format(
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch+json, application/merge-patch+json, "
            "{}application/apply-patch+yaml",
            strategic_allowed ? "application/strategic-merge-patch+json, " : ""));
  }
  auto body = patch_type == store::PatchType::kApply ? parse_yaml_body(request.body)
                                                     : parse_json_body(request.body);
  if (!body) {
    Error error = body.error();
    if (error.code == Code::kBadRequest) error.message = "error decoding patch: " + error.message;
    return fail(std::move(error));
  }
  const bool right_shape =
      patch_type == store::PatchType::kJson ? body->value.is_array() : body->value.is_object();
  if (!right_shape) {
    return fail(
        Code::kBadRequest,
        fmt::format("error decoding patch: {} is expected, not {}",
                    patch_type == store::PatchType::kJson ? "an array of operations" : "an object",
                    body->value.type_name()));
  }
  duplicates = std::move(body->duplicate_fields);
  return store::Patch(patch_type, std::move(body->value));
}

Result<std::vector<std::string>> judge_duplicates(const std::vector<std::string>& duplicates,
                                                  store::FieldValidation validation,
                                                  std::string_view kind, std::string_view version) {
  if (duplicates.empty() || validation == store::FieldValidation::kIgnore)
    return std::vector<std::string>{};
  std::vector<std::string> complaints;
  for (const std::string& path : duplicates)
    complaints.push_back(fmt::format("duplicate field \"{}\"", path));
  if (validation == store::FieldValidation::kWarn) return complaints;
  return fail(
      Code::kBadRequest,
      fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: strict decoding error: {2}",
                  kind, version, fmt::join(complaints, ", ")));
}

}  // namespace mizan::api
