// /openapi/v3 (an index and a document for each group version) and /openapi/v2, generated from the
// resource definitions: what kubectl explain shows and what tells kubectl that the server validates
// fields.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "api/router.h"
#include "resources/definition.h"

namespace mizan::api {

/// Thread: io. Documents are made once and again only after the table has changed.
class OpenApi {
 public:
  OpenApi(const resources::ResourceTable& table, std::string version);
  ~OpenApi();

  Result<Response> answer(const OpenApiRequest& request, const Request& http,
                          std::string_view hash);

 private:
  struct Document {
    std::string body;
    std::string hash;
  };
  struct Fingerprint;
  void refresh();

  const resources::ResourceTable& table_;
  std::string version_;
  std::unique_ptr<Fingerprint> made_from_;
  std::map<std::string, Document> documents_;  // "api/v1", "apis/kubeflow.org/v1beta1"
  Document v2_, v2_protobuf_;                  // made when first asked for
  std::string index_;
};

}  // namespace mizan::api
