// Merge patch and JSON patch; the strategic one has a file of its own.
#include "store/patch.h"

#include "store/refusal.h"
#include "store/strategic_merge.h"

namespace mizan::store {
namespace {

constexpr std::size_t kMostOperations = 10000;  // as kube-apiserver has it
constexpr std::size_t kMostCopiedBytes =
    3 * 1024 * 1024;  // by all copies of a patch: ten of them could make gigabytes

Result<Json> apply_json_patch(const Json& object, const Json& operations) {
  if (!operations.is_array())
    return fail(Code::kBadRequest, "a JSON patch must be an array of operations");
  if (operations.size() > kMostOperations) {
    return fail(Code::kTooLarge, "The allowed maximum operations in a JSON patch is 10000, got " +
                                     std::to_string(operations.size()));
  }
  // nlohmann's patch tells of failure by exceptions; every one of them means that the patch doesn't
  // apply.
  try {
    Json next = object;
    std::size_t copied = 0;
    for (const Json& operation : operations) {
      if (string_at(operation, "op") == "copy") {
        copied += next.at(Json::json_pointer(string_at(operation, "from"))).dump().size();
        if (copied > kMostCopiedBytes) return fail(too_large());
      }
      next.patch_inplace(Json::array({operation}));
    }
    if (!next.is_object()) return fail(json_patch_failed());
    return next;
  } catch (const Json::exception&) {
    return fail(json_patch_failed());
  }
}

}  // namespace

Result<Json> apply_patch(const resources::ResourceDefinition& definition, const Json& object,
                         const Patch& patch) {
  switch (patch.type) {
    case PatchType::kJson:
      return apply_json_patch(object, patch.body);
    case PatchType::kMerge: {
      if (!patch.body.is_object())
        return fail(Code::kBadRequest, "a merge patch of an object must be an object");
      Json next = object;
      next.merge_patch(patch.body);
      return next;
    }
    case PatchType::kStrategic: {
      if (!definition.builtin) return fail(unsupported_patch(false));
      if (!patch.body.is_object())
        return fail(Code::kBadRequest, "a strategic merge patch must be an object");
      return strategic_merge(object, patch.body);
    }
    case PatchType::kApply:
      break;  // has its own way in: it may create
  }
  return fail(unsupported_patch(definition.builtin));
}

}  // namespace mizan::store
