// Manuals as blocks of prose and of code: what remains of POD and HTML when the marking is gone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mizan::rag {

struct Block {
  std::string text;  // prose on one line, code as it stands
  bool code = false;
  bool operator==(const Block&) const = default;
};

/// POD without commands and formatting codes; =head, =item and plain paragraphs are prose, indented
/// paragraphs are code.
std::vector<Block> pod_blocks(std::string_view pod);

/// The text of one POD paragraph: B<>, C<>, L<text|page> and the like undone.
std::string pod_text(std::string_view paragraph);

/// HTML without tags, scripts, styles and permalinks; <pre> is code.
std::vector<Block> html_blocks(std::string_view html);

/// All blocks, parted by empty lines.
std::string joined(const std::vector<Block>& blocks);

/// A reference answer: the first sentences of prose until there are 40 words, at most 60. Notes on
/// who contributed the answer are skipped. Empty when there is no prose.
std::string reference_answer(const std::vector<Block>& blocks);

/// White space as single spaces, none at the ends.
std::string squeezed(std::string_view text);

}  // namespace mizan::rag
