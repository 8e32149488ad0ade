// Method and path to what is wanted: whatever comes, a route names no empty part that it promises.
#include "api/router.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mizan::api;
  if (size == 0) return 0;
  const auto method = static_cast<Method>(data[0] % 8);
  const auto target = parse_target(mizan::fuzz::text_of(data + 1, size - 1));
  if (!target) return 0;
  const auto where = route(method, *target);
  if (!where) return 0;
  if (const auto* resource = std::get_if<ResourceRequest>(&*where)) {
    mizan::fuzz::require(!resource->resource.empty(), "a resource has a name");
    mizan::fuzz::require(resource->subresource.empty() || !resource->name.empty(),
                         "a subresource is one of an object");
    const bool changes = resource->verb == Verb::kUpdate || resource->verb == Verb::kPatch ||
                         resource->verb == Verb::kDelete;
    mizan::fuzz::require(!changes || !resource->name.empty(), "changes are of an object");
    mizan::fuzz::require(!is_safe(method) || resource->verb == Verb::kGet ||
                             resource->verb == Verb::kList || resource->verb == Verb::kWatch,
                         "what is safe only reads");
  }
  return 0;
}
