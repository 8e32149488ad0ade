// See last_applied.h. The rules are kube-apiserver's.
#include "store/last_applied.h"

namespace mizan::store {
namespace {

constexpr const char* kAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/// kubectl's own name in server-side apply; whoever takes another one opts out.
bool is_kubectl(const FieldWriter& writer) {
  return writer.name == "kubectl" && writer.subresource.empty();
}

/// nullptr where it is not there.
const Json* annotation_of(const Json& object) {
  const Json* annotations = find(object, "metadata.annotations");
  if (annotations == nullptr || !annotations->is_object()) return nullptr;
  const auto found = annotations->find(kAnnotation);
  return found == annotations->end() || !found->is_string() ? nullptr : &*found;
}

}  // namespace

FieldSet yielding_fields(const Json& live, const FieldWriter& writer, const TypeAt& type) {
  const Json* text = is_kubectl(writer) ? annotation_of(live) : nullptr;
  if (text == nullptr) return {};
  const auto said = parse_json(text->get_ref<const std::string&>());
  if (!said || !said->value.is_object()) return {};  // edited by hand: it gives no right
  const FieldDifference since = difference(said->value, live, type);
  return fields_of(said->value, type).without(since.changed).without(since.removed);
}

void refresh_last_applied(Json& next, const Json& applied, const FieldWriter& writer) {
  if (!is_kubectl(writer) || annotation_of(next) == nullptr) return;
  Json said = applied;
  if (const auto annotations = said["metadata"].find("annotations");
      annotations != said["metadata"].end() && annotations->is_object()) {
    annotations->erase(kAnnotation);
  }
  next["metadata"]["annotations"][kAnnotation] =
      said.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mizan::store
