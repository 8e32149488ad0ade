// An object as bytes: JSON without metadata.resourceVersion, which is the revision that the bytes
// were stored at.
#pragma once

#include "store/backend.h"
#include "store/object_store.h"

namespace mizan::store {

/// Takes the resourceVersion out of `object`, and gives its bytes. Text that is no UTF-8 is
/// replaced in both: a status message may carry a program's output. Errors: kTooLarge past 3 MiB.
Result<Value> encode_object(Json& object);

/// The object of `bytes` as of `modified`. Throws for bytes that encode_object did not write.
ObjectPtr decode_object(const std::string& bytes, Revision modified);

/// Adds the JSON text of decode_object(bytes, modified) to `text`, without decoding.
void append_object_text(std::string& text, std::string_view bytes, Revision modified);

/// `object` with another resourceVersion.
ObjectPtr with_revision(Json object, Revision modified);

/// The revision in metadata.resourceVersion; nullopt for anything but a decimal number.
std::optional<Revision> parse_revision(std::string_view text);

}  // namespace mizan::store
