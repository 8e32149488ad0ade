// Where resourceVersion is put into the stored text of an object.
#include "store/object_codec.h"

#include <gtest/gtest.h>

namespace mizan::store {
namespace {

std::string shown(const Json& stored) {
  std::string text;
  append_object_text(text, stored.dump(), 42);
  return text;
}

TEST(ObjectCodec, WritesTheTextThatDecodingWouldGive) {
  const Json objects[] = {
      {{"metadata", Json::object()}},
      {{"metadata", {{"name", "a"}}}},
      {{"metadata", {{"uid", "u"}}}},
      {{"metadata", {{"labels", {{"uid", "x"}}}, {"name", "a"}, {"uid", "u"}}}},
      {{"data", {{"metadata", "{"}}}, {"metadata", {{"name", "a"}}}, {"spec", Json::array()}},
      {{"data", Json::array({{{"metadata", {{"uid", "u"}}}}})}, {"metadata", {{"name", "a"}}}},
      {{"metadata", {{"annotations", {{"k", "\\\":}{\"uid\":"}}}, {"name", "\\"}}}, {"spec", 1}},
      {{"metadata", {{"ownerReferences", Json::array({{{"uid", "u"}}})}}},
       {"status", {{"uid", 1}}}},
  };
  for (const Json& object : objects) {
    EXPECT_EQ(shown(object), decode_object(object.dump(), 42)->dump());
  }
}

TEST(ObjectCodec, AddsToTheTextThatIsThere) {
  std::string text = "1,";
  append_object_text(text, R"({"metadata":{"name":"a"}})", 7);
  EXPECT_EQ(text, R"(1,{"metadata":{"name":"a","resourceVersion":"7"}})");
}

TEST(ObjectCodec, ThrowsForWhatTheStoreNeverWrote) {
  EXPECT_THROW(shown({{"spec", 1}}), std::logic_error);
}

}  // namespace
}  // namespace mizan::store
