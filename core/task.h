// The coroutine type of the whole program.
//
// Rules: parameters by value (or references to what the awaiting frame owns); no lock, statement or
// transaction held across co_await; no capturing lambda as a coroutine. docs/adr/0003 says why.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace mizan {

template <class T = void>
using Task = boost::asio::awaitable<T>;

/// `co_await timer.async_wait(into(error))`: stores what goes wrong instead of throwing it.
inline auto into(boost::system::error_code& error) {
  return boost::asio::redirect_error(boost::asio::use_awaitable, error);
}

}  // namespace mizan
