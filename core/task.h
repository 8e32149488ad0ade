// The coroutine type of the whole program.
//
// Rules: parameters by value (or references to what the awaiting frame owns); no lock, statement or
// transaction held across co_await; no capturing lambda as a coroutine. docs/adr/0003 says why.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace mizan {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace mizan
