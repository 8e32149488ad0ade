// See json_printing.h.
#include "tests/support/json_printing.h"

namespace nlohmann {
void PrintTo(const json& value, std::ostream* out) {
  *out << value.dump(-1, ' ', false, json::error_handler_t::replace);
}
}  // namespace nlohmann

namespace testing {
template std::string PrintToString(const nlohmann::json& value);
namespace internal {
template AssertionResult CmpHelperEQ(const char* left_text, const char* right_text,
                                     const nlohmann::json& left, const nlohmann::json& right);
template AssertionResult CmpHelperNE(const char* left_text, const char* right_text,
                                     const nlohmann::json& left, const nlohmann::json& right);
}  // namespace internal
}  // namespace testing
