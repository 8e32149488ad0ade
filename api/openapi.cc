// Caching and serving; the documents themselves are made in openapi_paths.cc and
// openapi_schemas.cc.
#include "api/openapi.h"

#include <fmt/format.h>

#include "api/digest.h"
#include "api/negotiate.h"
#include "api/openapi_document.h"
#include "api/openapi_protobuf.h"

namespace mizan::api {

/// What the documents were made from. Holding the schemas keeps their addresses from being used
/// again.
struct OpenApi::Fingerprint {
  std::vector<std::pair<std::string, std::shared_ptr<const resources::Schema>>> definitions;
  bool operator==(const Fingerprint&) const = default;

  static Fingerprint of(const resources::ResourceTable& table) {
    Fingerprint made;
    for (const auto* definition : table.all()) {
      made.definitions.emplace_back(definition->api_version() + "/" + definition->plural,
                                    definition->schema);
    }
    return made;
  }
};

OpenApi::OpenApi(const resources::ResourceTable& table, std::string version)
    : table_(table), version_(std::move(version)) {}

OpenApi::~OpenApi() = default;

void OpenApi::refresh() {
  Fingerprint now = Fingerprint::of(table_);
  if (made_from_ && *made_from_ == now) return;
  made_from_ = std::make_unique<Fingerprint>(std::move(now));
  documents_.clear();
  v2_ = v2_protobuf_ = {};
  std::map<std::string, std::vector<const resources::ResourceDefinition*>> by_version;
  for (const auto* definition : table_.all()) {
    const std::string prefix =
        definition->group.empty() ? "api/" : "apis/" + definition->group + "/";
    by_version[prefix + definition->version].push_back(definition);
  }
  Json paths = Json::object();
  for (const auto& [path, definitions] : by_version) {
    Document document;
    document.body = openapi_v3(definitions, version_).dump();
    document.hash = sha512_hex(document.body);
    paths[path]["serverRelativeURL"] = fmt::format("/openapi/v3/{}?hash={}", path, document.hash);
    documents_[path] = std::move(document);
  }
  index_ = Json{{"paths", std::move(paths)}}.dump();
}

Result<Response> OpenApi::answer(const OpenApiRequest& request, const Request& http,
                                 std::string_view hash) {
  const auto form = negotiate(http.headers.get("Accept"), false);
  // Clients write v2@v1.0 and v2.v1.0.
  const bool protobuf =
      request.v2 &&
      http.headers.get("Accept").find("com.github.proto-openapi.spec.v2") != std::string_view::npos;
  // kubectl takes a 404 of version 3 in protobuf for "none here" and goes on.
  if (!form && !protobuf)
    return request.v2 ? Result<Response>(page_not_found())
                      : Result<Response>(fail(not_acceptable()));
  refresh();
  if (!request.v2 && request.document.empty()) {
    Response response = json_response(200, index_);
    response.headers.set("Content-Type", "text/plain; charset=utf-8");  // as kube-apiserver
    return response;
  }
  const Document* document = nullptr;
  if (request.v2) {
    if (v2_.body.empty()) {
      v2_.body = openapi_v2(table_.all(), version_).dump();
      v2_.hash = sha512_hex(v2_.body);
    }
    document = &v2_;
    if (protobuf && v2_protobuf_.body.empty()) {
      v2_protobuf_.body = openapi_v2_protobuf(Json::parse(v2_.body));
      v2_protobuf_.hash = v2_.hash;
    }
    if (protobuf) document = &v2_protobuf_;
  } else if (const auto found = documents_.find(request.document); found != documents_.end()) {
    document = &found->second;
  }
  if (document == nullptr) return page_not_found();

  Response response = json_response(200, "");
  if (protobuf) response.headers.set("Content-Type", kOpenApiProtobufType);
  const std::string etag = fmt::format("\"{}\"", document->hash);
  response.headers.set("ETag", etag);
  response.headers.set("Vary", "Accept");
  if (!hash.empty() && hash != document->hash) {
    response.status = 301;  // an old index: the document has moved to its new hash
    response.headers.set("Location",
                         fmt::format("/openapi/v3/{}?hash={}", request.document, document->hash));
    return response;
  }
  if (!hash.empty()) response.headers.set("Cache-Control", "public, immutable");
  if (http.headers.get("If-None-Match") == etag) {
    response.status = 304;
  } else {
    response.body = document->body;
  }
  return response;
}

}  // namespace mizan::api
