// An Error as the two surfaces say it: a Kubernetes Status, or an RFC 9457 problem.
#pragma once

#include <string>
#include <string_view>

#include "api/http.h"
#include "core/json.h"
#include "core/result.h"

namespace mizan::api {

/// The one mapping of codes to HTTP.
unsigned http_status(Code code);

/// metav1.Status with reason, details and causes. What the error is about (name, group, kind) is
/// read from the message, whose form Kubernetes fixes: `experiments.kubeflow.org "a" not found`.
Json status_of(const Error& error);
Response status_response(const Error& error);

/// {"kind":"Status","status":"Success","details":{…}}: what a finished delete answers.
Json success_status(std::string_view name, std::string_view group, std::string_view resource,
                    std::string_view uid);

/// application/problem+json with errors[{pointer, detail}].
Response problem_response(const Error& error);

/// "spec.parameters[2].name" -> "/spec/parameters/2/name".
std::string json_pointer(std::string_view field_path);

/// `Kind.group "name" is invalid: path: message`, or with several `[a, b]`: how Kubernetes sums up
/// field errors.
std::string invalid_message(std::string_view kind, std::string_view group, std::string_view name,
                            const std::vector<FieldError>& fields);

/// A 422 about the request's own options, in kube-apiserver's words: `ListOptions.meta.k8s.io "" is
/// invalid: …`.
Error invalid_options(std::string_view kind, FieldError field);

/// A Warning header's value: 299 - "text" with quotes and backslashes escaped.
std::string warning_header(std::string_view text);

}  // namespace mizan::api
