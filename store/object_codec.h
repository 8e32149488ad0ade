// An object as bytes: JSON without metadata.resourceVersion, which is the revision that the bytes were stored at.
#pragma once

#include "store/backend.h"
#include "store/object_store.h"

namespace mizan::store {

/// Errors: kTooLarge past 3 MiB. Bytes that are no UTF-8 are replaced: a status message may carry a program's output.
Result<Value> encode_object(const Json& object);

/// The object of `bytes` as of `modified`. Throws for bytes that encode_object did not write.
ObjectPtr decode_object(const std::string& bytes, Revision modified);

/// `object` with another resourceVersion.
ObjectPtr with_revision(Json object, Revision modified);

/// The revision in metadata.resourceVersion; nullopt for anything but a decimal number.
std::optional<Revision> parse_revision(std::string_view text);

}  // namespace mizan::store
