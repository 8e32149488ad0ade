// Status bodies against what a kube-apiserver 1.34 answered, and problems.
#include "api/status.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace mizan::api {
namespace {

constexpr Code kCodes[] = {Code::kBadRequest,
                           Code::kUnauthorized,
                           Code::kForbidden,
                           Code::kNotFound,
                           Code::kMethodNotAllowed,
                           Code::kNotAcceptable,
                           Code::kAlreadyExists,
                           Code::kConflict,
                           Code::kExpired,
                           Code::kTooLarge,
                           Code::kUnsupportedMediaType,
                           Code::kInvalid,
                           Code::kTooManyRequests,
                           Code::kInternal,
                           Code::kUnavailable,
                           Code::kTimeout,
                           Code::kCancelled};

Code code_named(const std::string& name) {
  for (const Code code : kCodes) {
    if (to_string(code) == name) return code;
  }
  throw std::runtime_error("no code " + name);
}

FieldReason reason_named(const std::string& name) {
  for (const auto reason : {FieldReason::kInvalid, FieldReason::kRequired}) {
    if (to_string(reason) == name) return reason;
  }
  throw std::runtime_error("no reason " + name);
}

TEST(StatusTest, BodiesAreThoseOfKubeApiserver) {
  std::ifstream file(std::string(MIZAN_GOLDEN) + "/status.json");
  const Json rows = Json::parse(file);
  ASSERT_GT(rows.size(), 10U);
  for (const Json& row : rows) {
    Error error{code_named(row["code"]), row["message"], {}};
    for (const Json& field : row.value("fields", Json::array())) {
      error.fields.push_back({reason_named(field["reason"]), field["field"], field["message"]});
    }

    const Response response = status_response(error);

    Json expected{{"kind", "Status"},    {"apiVersion", "v1"},        {"metadata", Json::object()},
                  {"status", "Failure"}, {"message", row["message"]}, {"reason", row["code"]},
                  {"code", row["http"]}};
    if (!row["details"].is_null()) expected["details"] = row["details"];
    EXPECT_EQ(Json::parse(response.body), expected) << row["what"];
    EXPECT_EQ(response.status, row["http"].get<unsigned>()) << row["what"];
    EXPECT_EQ(response.headers.get("Retry-After"), row.value("retry", "")) << row["what"];
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-cache, private");
  }
}

TEST(StatusTest, EveryCodeIsAnError) {
  for (const Code code : kCodes) {
    EXPECT_GE(http_status(code), 400U) << to_string(code);
    EXPECT_LT(http_status(code), 600U) << to_string(code);
  }
}

TEST(StatusTest, ProblemsPointAtEachField) {
  const Response response = problem_response(Error{
      Code::kInvalid,
      "two fields are wrong",
      {{FieldReason::kInvalid, "spec.parameters[2].feasibleSpace.max", "must be greater than min"},
       {FieldReason::kRequired, "metadata.annotations[a.b/c~d]", "is required"}}});

  const Json body = Json::parse(response.body);
  EXPECT_EQ(response.status, 422U);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(body["detail"], "two fields are wrong");
  EXPECT_EQ(body["status"], 422);
  EXPECT_EQ(body["errors"][0]["pointer"], "/spec/parameters/2/feasibleSpace/max");
  EXPECT_EQ(body["errors"][0]["detail"], "must be greater than min");
  EXPECT_EQ(body["errors"][1]["pointer"], "/metadata/annotations/a.b~1c~0d");
}

TEST(StatusTest, AFinishedDeleteNamesWhatIsGone) {
  EXPECT_EQ(
      success_status("l0", "kubeflow.org", "experiments", "u"),
      (Json{{"kind", "Status"},
            {"apiVersion", "v1"},
            {"metadata", Json::object()},
            {"status", "Success"},
            {"details",
             {{"name", "l0"}, {"group", "kubeflow.org"}, {"kind", "experiments"}, {"uid", "u"}}}}));
}

TEST(StatusTest, WarningsAreQuotedAndHoldNoLineBreak) {
  EXPECT_EQ(warning_header("unknown field \"spec.maxTrials\""),
            "299 - \"unknown field \\\"spec.maxTrials\\\"\"");
  EXPECT_EQ(warning_header("a\r\nSet-Cookie: x\\"), "299 - \"a  Set-Cookie: x\\\\\"");
}

TEST(StatusTest, OptionsAreInvalidInKubeApiserversWords) {
  const Error error = invalid_options(
      "ListOptions", {FieldReason::kForbidden, "resourceVersionMatch", "Forbidden: no"});

  EXPECT_EQ(error.message,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: no");
  EXPECT_EQ(status_of(error)["details"]["kind"], "ListOptions");
  EXPECT_FALSE(status_of(error)["details"].contains("name"));
}

}  // namespace
}  // namespace mizan::api
