// The note as JSON, both ways.
#include "pods/tuner/sized_note.h"

#include "resources/meta.h"
#include "resources/quantity.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::integer_field;
using resources::object_field;
using resources::Quantity;
using resources::text_field;

using QuantityOf = Quantity (*)(std::int64_t);

Json to_json(const NeedPrediction& need, QuantityOf quantity) {
  return {{"expected", quantity(static_cast<std::int64_t>(need.expected)).text()},
          {"upper", quantity(static_cast<std::int64_t>(need.upper)).text()},
          {"basis", need.basis},
          {"evidence", need.evidence}};
}

}  // namespace

Json to_json(const TrialSize& size) {
  Json json = Json::object();
  if (size.memory > 0) json["memory"] = Quantity::of_bytes(size.memory).text();
  if (size.cpu > 0) json["cpu"] = Quantity::of_milli(size.cpu).text();
  return json;
}

TrialSize read_trial_size(const Json& json) {
  const auto amount = [&](const char* resource) {
    const Json* value = resources::field(json, resource);
    return value == nullptr ? std::nullopt : Quantity::from_json(*value);
  };
  const auto memory = amount("memory"), cpu = amount("cpu");
  return {memory ? memory->units() : 0, cpu ? cpu->milli() : 0};
}

Json SizedNote::json() const {
  Json note = to_json(size);
  note["trial"] = trial;
  note["attempt"] = attempt;
  if (requested != TrialSize{}) note["requested"] = to_json(requested);
  if (reserves != TrialSize{}) note["reserves"] = to_json(reserves);
  if (memory) note.update(to_json(*memory, Quantity::of_bytes));
  if (cpu) note["cpuNeed"] = to_json(*cpu, Quantity::of_milli);
  if (boost.from > 0)
    note["startupBoost"] = {{"to", Quantity::of_milli(boost.to).text()},
                            {"from", Quantity::of_milli(boost.from).text()}};
  return note;
}

Json note_on(const Json& pod) {
  const std::string text = resources::annotation(pod, kSizedAnnotation);
  if (text.empty()) return Json();
  auto parsed = parse_json(text);
  return parsed && parsed->value.is_object() ? std::move(parsed->value) : Json();
}

std::optional<SizedNote> read_note(const Json& pod) {
  const Json json = note_on(pod);
  if (json.is_null()) return std::nullopt;
  SizedNote note;
  note.trial = text_field(json, "trial");
  note.attempt = static_cast<int>(integer_field(json, "attempt").value_or(1));
  note.size = read_trial_size(json);
  note.requested = read_trial_size(object_field(json, "requested"));
  note.reserves = read_trial_size(object_field(json, "reserves"));
  const Json& boost = object_field(json, "startupBoost");
  const auto milli = [&](const char* key) {
    const Json* value = resources::field(boost, key);
    const auto amount = value == nullptr ? std::nullopt : Quantity::from_json(*value);
    return amount ? amount->milli() : 0;
  };
  note.boost = {.to = milli("to"), .from = milli("from")};
  return note;
}

}  // namespace mizan::pods
