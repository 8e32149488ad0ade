// Settings of algorithms: a table per algorithm says which exist, what they may be and what happens
// to them.
//
// The same table parses what users give, fills in defaults, words the errors and makes the docs.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mizan::algorithms {

enum class SettingType { kInt, kNumber, kWord, kText };

/// What an algorithm does with a setting that Katib has.
enum class SettingUse {
  kHonoured,
  kMapped,   // taken, and means something near to what it means in Katib; `note` says what
  kIgnored,  // taken without effect; `note` says what runs instead
};

struct SettingSpec {
  std::string_view name;
  SettingType type = SettingType::kInt;
  double min = 0, max = 0;  // kInt, kNumber; min == max: no bounds
  bool min_open = false, max_open = false;
  std::span<const std::string_view> words;  // kWord: what it may be
  std::string_view otherwise;               // the value when it isn't given; empty: none
  std::string_view
      range_text;  // what a wrong value is told: "should be greater than or equal to zero"
  std::string_view meaning;  // one line for the docs
  SettingUse use = SettingUse::kHonoured;
  std::string_view note;
};

/// Rows for a table. `otherwise` is the default, "" for none.
constexpr SettingSpec int_setting(std::string_view name, double min, double max,
                                  std::string_view otherwise, std::string_view range_text,
                                  std::string_view meaning) {
  return {.name = name,
          .type = SettingType::kInt,
          .min = min,
          .max = max,
          .words = {},
          .otherwise = otherwise,
          .range_text = range_text,
          .meaning = meaning,
          .note = ""};
}
/// Bounds are exclusive.
constexpr SettingSpec number_setting(std::string_view name, double above, double below,
                                     std::string_view otherwise, std::string_view range_text,
                                     std::string_view meaning) {
  return {.name = name,
          .type = SettingType::kNumber,
          .min = above,
          .max = below,
          .min_open = true,
          .max_open = true,
          .words = {},
          .otherwise = otherwise,
          .range_text = range_text,
          .meaning = meaning,
          .note = ""};
}
constexpr SettingSpec word_setting(std::string_view name, std::span<const std::string_view> words,
                                   std::string_view otherwise, std::string_view meaning) {
  return {.name = name,
          .type = SettingType::kWord,
          .words = words,
          .otherwise = otherwise,
          .range_text = "",
          .meaning = meaning,
          .note = ""};
}
/// The seed that every algorithm takes.
constexpr SettingSpec seed_setting(
    std::string_view meaning = "seed of all draws; by default made from the experiment's uid") {
  return int_setting("random_state", 0, 0x1p53, "", "should be greater than or equal to zero",
                     meaning);
}
constexpr SettingSpec with_use(SettingSpec spec, SettingUse use, std::string_view note) {
  spec.use = use;
  spec.note = note;
  return spec;
}

struct NamedText {
  std::string name, value;
  bool operator==(const NamedText&) const = default;
};

/// Typed values of one algorithm's settings, defaults filled in.
class Settings {
 public:
  using Value = std::variant<std::int64_t, double, std::string>;

  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
  /// Each requires has(name) and a spec of that type.
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& text(std::string_view name) const;  // kWord and kText

  void set(std::string name, Value value) {
    values_.insert_or_assign(std::move(name), std::move(value));
  }
  /// The same on every machine.
  std::uint64_t hash() const;
  bool operator==(const Settings&) const = default;

 private:
  std::map<std::string, Value, std::less<>> values_;
};

struct ParsedSettings {
  struct Problem {
    std::size_t index = 0;  // in what was given
    bool at_name = false;   // the name is at fault, not the value
    std::string message;
  };
  Settings settings;
  std::vector<Problem> errors;
  std::vector<std::string> warnings;
};

/// Reads `given` by the table. An unknown name is an error that lists the known ones; the last of a
/// name given twice counts, with a warning.
ParsedSettings parse_settings(std::string_view algorithm, std::span<const SettingSpec> specs,
                              std::span<const NamedText> given);

}  // namespace mizan::algorithms
