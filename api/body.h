// Request bodies: JSON or YAML by Content-Type, with kube-apiserver's complaints.
#pragma once

#include <string>
#include <vector>

#include "api/http.h"
#include "core/json.h"
#include "store/object_store.h"

namespace mizan::api {

struct Body {
  Json value;
  std::vector<std::string> duplicate_fields;
};

/// JSON (also when there is no Content-Type), YAML, or protobuf of a few built-in kinds. `kind` is
/// what errors say should have been there. Errors: kUnsupportedMediaType, kBadRequest, kTooLarge.
Result<Body> read_body(const Request& request, std::string_view kind);

/// The patch and its type by Content-Type; duplicate fields are in `duplicates`.
Result<store::Patch> read_patch(const Request& request, bool strategic_allowed,
                                std::vector<std::string>& duplicates);

/// What fieldValidation asks for duplicate fields: an error (Strict), warnings (Warn) or nothing.
/// `kind` and `version` are for the sentence. Errors: kBadRequest.
Result<std::vector<std::string>> judge_duplicates(const std::vector<std::string>& duplicates,
                                                  store::FieldValidation validation,
                                                  std::string_view kind, std::string_view version);

}  // namespace mizan::api
