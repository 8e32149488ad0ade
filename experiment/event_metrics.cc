// From records to Event messages to measurements.
#include "experiment/event_metrics.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "experiment/wire_fields.h"

namespace mizan::experiment {
namespace {

using store::Measurement;
using Kind = WireField::Kind;

// tensorflow/core/framework/types.proto
enum TensorType : std::uint64_t { kFloat = 1, kDouble = 2, kInt32 = 3, kInt64 = 9 };

double first_of(std::string_view packed, std::size_t size, TensorType type) {
  std::uint64_t bits = 0;
  for (std::size_t i = size; i > 0; --i)
    bits = bits << 8U | static_cast<unsigned char>(packed[i - 1]);
  switch (type) {
    case kFloat:
      return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case kDouble:
      return std::bit_cast<double>(bits);
    case kInt32:
      return static_cast<std::int32_t>(bits);
    case kInt64:
      return static_cast<double>(static_cast<std::int64_t>(bits));
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// A number of a list in a TensorProto, packed or alone; nullopt when it holds several.
std::optional<double> read_list(const WireField& field) {
  const bool packed = field.kind == Kind::kBytes;
  switch (field.number) {
    case 5:  // float_val
      if (!packed) return static_cast<double>(field.as_float());
      return field.bytes.size() == 4 ? std::optional(first_of(field.bytes, 4, kFloat))
                                     : std::nullopt;
    case 6:  // double_val
      if (!packed) return field.as_double();
      return field.bytes.size() == 8 ? std::optional(first_of(field.bytes, 8, kDouble))
                                     : std::nullopt;
    default: {  // int_val, int64_val
      const auto number = packed ? WireFields(field.bytes).varint() : std::optional(field.value);
      if (!number) return std::nullopt;
      return static_cast<double>(static_cast<std::int64_t>(*number));
    }
  }
}

/// The one number of a TensorProto (dtype 1, tensor_content 4, lists); nullopt for other types and
/// for more than one number.
std::optional<double> read_tensor(std::string_view message, bool& is_float) {
  std::uint64_t type = 0;
  std::string_view content;
  std::optional<double> value;
  std::size_t lists = 0;
  WireFields fields(message);
  while (const auto field = fields.next()) {
    if (field->number == 1) {
      type = field->value;
    } else if (field->number == 4) {
      content = field->bytes;
    } else if (field->number == 5 || field->number == 6 || field->number == 7 ||
               field->number == 10) {
      value = read_list(*field);
      ++lists;
    }
  }
  const bool known = type == kFloat || type == kDouble || type == kInt32 || type == kInt64;
  if (fields.damaged() || !known || lists > 1) return std::nullopt;
  is_float = type == kFloat;
  const std::size_t size = type == kFloat || type == kInt32 ? 4 : 8;
  if (!content.empty()) {
    if (content.size() != size) return std::nullopt;
    return first_of(content, size, static_cast<TensorType>(type));
  }
  return lists == 0 ? std::optional(0.0) : value;  // a scalar of zero is left out
}

/// Summary.Value: tag 1, simple_value 2, tensor 8.
std::optional<EventScalar> read_value(std::string_view message) {
  EventScalar scalar;
  bool has_value = false;
  WireFields fields(message);
  while (const auto field = fields.next()) {
    if (field->number == 1 && field->kind == Kind::kBytes) {
      scalar.tag = field->bytes;
    } else if (field->number == 2 && field->kind == Kind::kFixed32) {
      scalar.value = static_cast<double>(field->as_float());
      has_value = true;
    } else if (field->number == 8 && field->kind == Kind::kBytes) {
      const auto number = read_tensor(field->bytes, scalar.is_float);
      if (!number) continue;
      scalar.value = *number;
      has_value = true;
    }
  }
  if (fields.damaged() || !has_value || scalar.tag.empty()) return std::nullopt;
  return scalar;
}

std::string text_of(const EventScalar& scalar) {
  if (!std::isfinite(scalar.value)) return fmt::format("{}", scalar.value);
  return scalar.is_float ? fmt::format("{}", static_cast<float>(scalar.value))
                         : fmt::format("{}", scalar.value);
}

std::optional<Time> time_of(double seconds) {
  if (!(seconds > 0) || seconds > 9e9) return std::nullopt;
  return Time(std::chrono::microseconds(std::llround(seconds * 1e6)));
}

/// `tag` is `leaf`, or `leaf` with the number that TensorFlow gives a name's second use.
bool is_tag(std::string_view tag, std::string_view leaf) {
  if (!tag.starts_with(leaf)) return false;
  tag.remove_prefix(leaf.size());
  if (tag.empty()) return true;
  return tag.size() > 1 && tag.front() == '_' &&
         tag.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

bool read_event(std::string_view record, Event& event) {
  event = Event();
  WireFields fields(record);
  while (const auto field = fields.next()) {
    if (field->number == 1 && field->kind == Kind::kFixed64) {
      event.wall_time = field->as_double();
    } else if (field->number == 2 && field->kind == Kind::kVarint) {
      event.step = static_cast<std::int64_t>(field->value);
    } else if (field->number == 5 && field->kind == Kind::kBytes) {
      WireFields summary(field->bytes);
      while (const auto value = summary.next()) {
        if (value->number != 1 || value->kind != Kind::kBytes) continue;
        if (const auto scalar = read_value(value->bytes)) event.scalars.push_back(*scalar);
      }
    }
  }
  return !fields.damaged();
}

EventMetricsParser::EventMetricsParser(std::string directory, std::vector<std::string> metrics)
    : directory_(std::move(directory)), metrics_(std::move(metrics)) {
  while (directory_.ends_with('/')) directory_.pop_back();
}

bool EventMetricsParser::gives(std::string_view tag, std::string_view metric) const {
  if (is_tag(tag, metric)) return true;
  const std::size_t slash = metric.rfind('/');
  if (slash == std::string_view::npos || !is_tag(tag, metric.substr(slash + 1))) return false;
  const std::string_view parent = metric.substr(0, slash);
  if (!directory_.ends_with(parent)) return false;
  return directory_.size() == parent.size() ||
         directory_[directory_.size() - parent.size() - 1] == '/';
}

void EventMetricsParser::take(const Event& event, std::vector<Measurement>& out) {
  for (const EventScalar& scalar : event.scalars) {
    bool wanted = false;
    for (const std::string& metric : metrics_) {
      if (!gives(scalar.tag, metric)) continue;
      out.push_back({metric, text_of(scalar), time_of(event.wall_time), event.step});
      wanted = true;
    }
    if (!wanted) notes_.add_other(scalar.tag);
  }
}

void EventMetricsParser::feed(std::string_view bytes, std::vector<Measurement>& out) {
  records_.feed(bytes);
  std::string_view record;
  Event event;
  while (records_.next(record)) {
    if (read_event(record, event)) take(event, out);
  }
  if (records_.broken()) {
    notes_.damage = "an event file is damaged; what stands before the damage was read";
  } else if (records_.passed_over() > 0) {
    notes_.damage =
        fmt::format("{} records of an event file have a wrong checksum", records_.passed_over());
  }
}

}  // namespace mizan::experiment
