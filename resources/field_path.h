// Where a walk through an object stands: "spec.parameters[3].name".
//
// One string grows and shrinks with the walk, so that naming every field on the way to the few that
// are wrong costs no allocation for each.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace mizan::resources {

class FieldPath {
 public:
  /// One step down, until it goes out of scope. Steps end in the opposite order of their beginning.
  class Step {
   public:
    Step(std::string& text, std::size_t back_to) : text_(text), back_to_(back_to) {}
    ~Step() { text_.resize(back_to_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& text_;
    std::size_t back_to_;
  };

  const std::string& text() const { return text_; }

  [[nodiscard]] Step down(std::string_view key) {
    const std::size_t back_to = text_.size();
    if (!text_.empty()) text_ += '.';
    text_ += key;
    return {text_, back_to};
  }
  [[nodiscard]] Step down(std::size_t index) {
    const std::size_t back_to = text_.size();
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, index).ptr;
    text_ += '[';
    text_.append(digits, end);
    text_ += ']';
    return {text_, back_to};
  }

 private:
  std::string text_;
};

}  // namespace mizan::resources
