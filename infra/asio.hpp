#pragma once
// The short names under which this project uses Boost.Asio.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace teamflow::infra {

namespace asio = boost::asio;

template <class T = void>
using task = asio::awaitable<T>;

}  // namespace teamflow::infra
