// The environment of a container and the command that refers to it, as kubelet makes them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "pods/node/machine.h"

namespace mizan::pods {

/// ConfigMaps and Secrets of the pod's namespace that it refers to, by kind and name; null: there
/// is none.
struct PodSources {
  std::map<std::string, Json> config_maps, secrets;
};
struct SourceNames {
  std::set<std::string> config_maps, secrets;
};
/// Those that `pod` needs for its environment and volumes.
SourceNames sources_of(const Json& pod);

/// The values of a ConfigMap or Secret, decoded: data and binaryData, or a Secret's base64.
std::map<std::string, std::string> values_of(const Json& source);
/// Standard base64; what is none of it is skipped.
std::string decode_base64(std::string_view text);

using Environment = std::vector<std::pair<std::string, std::string>>;  // in order, each name once

/// `$(NAME)` by its value in `environment`; `$$(NAME)` stays `$(NAME)`; an unknown name stays as it
/// is.
std::string expand(std::string_view text, const Environment& environment);

/// `defaults` first, then envFrom, then env, of which later ones win and may refer to earlier ones.
/// Errors: kNotFound with kubelet's sentence for a ConfigMap, Secret or key that is not there and
/// not optional.
Result<Environment> container_environment(const Json& pod, const Json& container,
                                          const PodSources& sources, const Environment& defaults,
                                          const Amounts& allocatable);

}  // namespace mizan::pods
