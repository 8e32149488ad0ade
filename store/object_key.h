// Where an object is kept: /GROUP/RESOURCE/NAMESPACE/NAME, without the namespace for cluster-scoped
// kinds.
//
// The order of keys is the order of lists, and a prefix is what a list or a watch reads.
#pragma once

#include <string>
#include <string_view>

#include "store/object_store.h"

namespace mizan::store {

std::string storage_key(const Key& key);

/// All objects of a kind: "/kubeflow.org/trials/"; the core group is "core".
std::string resource_prefix(const resources::ResourceId& id);
/// Those that a selection can match by its namespace.
std::string selection_prefix(const Selection& selection);
/// The part of a storage key that resource_prefix() made.
std::string_view resource_prefix_of(std::string_view storage_key);

}  // namespace mizan::store
