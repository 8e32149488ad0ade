// Protobuf bodies: never a crash, and what is read is a JSON object of the kind that the envelope
// names.
#include "api/protobuf_body.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto object = mizan::api::read_protobuf_object(mizan::fuzz::text_of(data, size));
  if (!object) {
    mizan::fuzz::require(!object.error().message.empty(), "a refusal says why");
    return 0;
  }
  mizan::fuzz::require(object->is_object() && object->contains("kind"), "an object has a kind");
  (void)object->dump(-1, ' ', false, mizan::Json::error_handler_t::replace);
  return 0;
}
