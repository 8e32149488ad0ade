// WebSocket frames as RFC 6455 draws them.
#include "api/web_socket.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

using Kind = WebSocketMessage::Kind;

/// A client's frame, masked.
std::string client_frame(unsigned opcode, std::string_view payload, bool last = true) {
  constexpr std::string_view mask = "\x01\x02\x03\x04";
  std::string out(1, static_cast<char>((last ? 0x80U : 0U) | opcode));
  out += static_cast<char>(0x80U | payload.size());
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

TEST(WebSocketTest, AnswersTheHandshakeOfTheRfc) {
  EXPECT_EQ(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketTest, PutsFragmentsTogetherWithAPingBetween) {
  WebSocketReader reader;
  reader.feed(client_frame(2, "ab", false) + client_frame(9, "here?") + client_frame(0, "cd"));

  const auto ping = reader.next();
  const auto message = reader.next();

  ASSERT_TRUE(ping && *ping && message && *message);
  EXPECT_EQ((*ping)->kind, Kind::kPing);
  EXPECT_EQ((*ping)->bytes, "here?");
  EXPECT_EQ((*message)->kind, Kind::kData);
  EXPECT_EQ((*message)->bytes, "abcd");
}

TEST(WebSocketTest, WaitsForTheRestOfAFrame) {
  const std::string frame = client_frame(2, "hello");
  WebSocketReader reader;
  for (std::size_t i = 0; i + 1 < frame.size(); ++i) {
    reader.feed(frame.substr(i, 1));
    const auto nothing = reader.next();
    ASSERT_TRUE(nothing);
    EXPECT_FALSE(*nothing);
  }
  reader.feed(frame.substr(frame.size() - 1));
  EXPECT_EQ((**reader.next()).bytes, "hello");
}

TEST(WebSocketTest, RefusesWhatTheProtocolForbids) {
  const std::pair<const char*, std::string> cases[] = {
      {"unmasked", std::string("\x82\x02hi", 4)},
      {"reserved bits", "\xc2" + client_frame(2, "x").substr(1)},
      {"a continuation of nothing", client_frame(0, "x")},
      {"an unknown kind", client_frame(3, "x")},
      {"a split control frame", client_frame(9, "x", false)},
      {"an unknown control frame", client_frame(11, "x")},
  };
  for (const auto& [what, bytes] : cases) {
    WebSocketReader reader;
    reader.feed(bytes);
    EXPECT_FALSE(reader.next()) << what;
  }
}

TEST(WebSocketTest, FramesOfTheServerSayTheirLength) {
  EXPECT_EQ(web_socket_data("ab"),
            "\x82\x02"
            "ab");
  EXPECT_EQ(web_socket_data(std::string(300, 'x')).substr(0, 4), "\x82\x7e\x01\x2c");
  EXPECT_EQ(web_socket_data(std::string(70'000, 'x')).substr(0, 10),
            std::string("\x82\x7f\0\0\0\0\0\x01\x11\x70", 10));
  EXPECT_EQ(web_socket_close(1000), "\x88\x02\x03\xe8");
}

}  // namespace
}  // namespace mizan::api
