// Long lists in slices.
#include "api/summary_list.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/render.h"

namespace mizan::api {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the caller owns `page`
Task<std::string> summary_list(const store::Page& page, Json (*summarize)(const Json& object)) {
  constexpr std::size_t kSlice = 100;  // some 3 ms of work
  const auto io = co_await boost::asio::this_coro::executor;
  std::string body = R"({"resourceVersion":")" + page.resource_version + R"(","items":[)";
  for (std::size_t i = 0; i < page.items.size(); ++i) {
    if (i > 0) body += ',';
    body += compact(summarize(*page.items[i]));
    if (i % kSlice == kSlice - 1) co_await boost::asio::post(io, boost::asio::use_awaitable);
  }
  body += "]}";
  co_return body;
}

}  // namespace mizan::api
