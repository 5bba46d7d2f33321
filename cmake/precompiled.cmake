# What nearly all that stands on teamflow_infra includes: it is parsed once and not some 300 times.
# Nobody may lean on it: clang-tidy reads each unit without it (.ci/clang_tidy.py), so a file still
# includes what it uses.
set(teamflow_precompiled
    <algorithm> <array> <atomic> <chrono> <deque> <expected> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <ranges> <set> <span> <string> <string_view> <thread>
    <unordered_map> <utility> <variant> <vector>
    <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
    <boost/asio/detached.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
    <boost/describe.hpp> <boost/json.hpp> <boost/mp11.hpp>
    <fmt/format.h> <spdlog/spdlog.h>)
target_precompile_headers(teamflow_infra PRIVATE ${teamflow_precompiled})
# ccache takes a precompiled header for what its contents are, not for when it was made.
target_compile_options(teamflow_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")

# teamflow_reuse_precompiled(TARGET...): they link teamflow_infra.
function(teamflow_reuse_precompiled)
    foreach(target ${ARGN})
        target_precompile_headers(${target} REUSE_FROM teamflow_infra)
    endforeach()
endfunction()

# teamflow_test_cases(TARGET...): files of test cases. Most of their time goes into compiling them,
# so Catch2 and rapidcheck are parsed once too, and nothing is optimized.
function(teamflow_test_cases first)
    target_precompile_headers(${first} PRIVATE
        ${teamflow_precompiled} <catch2/catch.hpp> <rapidcheck.h>)
    foreach(target ${ARGN})
        target_precompile_headers(${target} REUSE_FROM ${first})
    endforeach()
    foreach(target ${first} ${ARGN})
        target_compile_options(${target} PRIVATE -O0)
    endforeach()
endfunction()
