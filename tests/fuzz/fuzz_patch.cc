// Patches of every kind on a stored object: taken or refused with a sentence, and nothing in
// between.
//
// The first byte chooses the kind of patch, the rest is its JSON.
#include "resources/definition.h"
#include "store/patch.h"
#include "tests/fuzz/input.h"

namespace {

using mizan::Json;

const mizan::resources::ResourceDefinition& pods() {
  static const auto table = *mizan::resources::ResourceTable::builtin();
  return *table.find("", "v1", "pods");
}

const Json& a_pod() {
  static const Json pod = Json::parse(R"({"apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "a", "namespace": "default", "labels": {"x": "y"}, "finalizers": ["a.b/c"]},
    "spec": {"containers": [{"name": "main", "image": "none", "env": [{"name": "A", "value": "1"}]},
                            {"name": "side", "image": "none"}]}})");
  return pod;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  using mizan::store::PatchType;
  constexpr PatchType kTypes[] = {PatchType::kMerge, PatchType::kJson, PatchType::kStrategic};
  const auto parsed = mizan::parse_json(mizan::fuzz::text_of(data + 1, size - 1));
  if (!parsed) return 0;
  const mizan::store::Patch patch(kTypes[data[0] % 3], parsed->value);
  const Json before = a_pod();
  const auto after = mizan::store::apply_patch(pods(), before, patch);
  mizan::fuzz::require(before == a_pod(), "a patch leaves the stored object alone");
  if (!after) mizan::fuzz::require(!after.error().message.empty(), "a refusal says why");
  return 0;
}
