// The OpenAPI documents of the Kubernetes surface, as values. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "resources/definition.h"

namespace mizan::api {

/// The OpenAPI 3.0 document of one group version.
Json openapi_v3(const std::vector<const resources::ResourceDefinition*>& definitions,
                const std::string& version);

/// One Swagger 2.0 document of everything.
Json openapi_v2(const std::vector<const resources::ResourceDefinition*>& definitions,
                const std::string& version);

/// The name of a kind's schema: "org.kubeflow.v1beta1.Experiment", "io.k8s.api.core.v1.Pod".
std::string schema_name(const resources::ResourceDefinition& definition);

/// Schemas of the kinds, their lists, and the few of meta/v1 that they refer to, by name.
Json openapi_schemas(const std::vector<const resources::ResourceDefinition*>& definitions);

/// Names of the shared schemas.
inline constexpr const char* kObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
inline constexpr const char* kListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";
inline constexpr const char* kDeleteOptions = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
inline constexpr const char* kStatus = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";
inline constexpr const char* kPatch = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
inline constexpr const char* kScale = "io.k8s.api.autoscaling.v1.Scale";

}  // namespace mizan::api
