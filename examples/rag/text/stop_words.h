// Words that say how a question is put and not what it is about.
#pragma once

#include <string_view>

namespace mizan::rag {

/// In lower case.
bool is_stop_word(std::string_view word);

}  // namespace mizan::rag
