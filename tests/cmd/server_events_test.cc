// Server-Sent Events: any split of the same bytes gives the same events.
#include "cmd/mizan/server_events.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace mizan::cmd {
namespace {

using Seen = std::vector<std::tuple<std::string, std::string, std::string>>;

Seen parse_in_pieces(std::string_view text, std::size_t piece) {
  Seen seen;
  ServerEventParser parser;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    parser.feed(text.substr(at, piece), [&](const ServerEvent& event) {
      seen.emplace_back(event.name, event.data, event.id);
    });
  }
  return seen;
}

TEST(ServerEventParserTest, AnySplitOfTheSameBytesGivesTheSameEvents) {
  const std::string text =
      ": hello\n\nid: 7\nevent: trial\ndata: {\"a\":1}\n\n"
      "data:one\r\ndata: two\r\n\r\n"
      "event: nothing\n\n"
      "id: 9\ndata\n\ndata: unfinished";
  const Seen expected{{"trial", "{\"a\":1}", "7"}, {"", "one\ntwo", "7"}, {"", "", "9"}};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_EQ(parse_in_pieces(text, piece), expected) << "pieces of " << piece;
  }
}

}  // namespace
}  // namespace mizan::cmd
