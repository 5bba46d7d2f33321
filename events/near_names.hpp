#pragma once
// Which of the names that exist somebody may have meant by one that does not.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace teamflow::events {

/// Of `known` at most three, the likeliest first: those that `name` turns into with few changes of
/// letters (a third of them, but two in any case), and those that end with it behind a dot; none
/// that takes many more changes than the likeliest. Upper and lower case are one. A name of more
/// than 100 letters is near to none. The views are those of `known`.
std::vector<std::string_view> near_names(
    std::string_view name, std::span<const std::string_view> known
);

/// The same as the end of a sentence: `; did you mean a.b or a.c?`, empty when none is near.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

/// did_you_mean() among the types of events.
std::string did_you_mean_type(std::string_view type);

/// Whether a stream may have this name: a kind with an id, `task-0193...`, with a hash of mail, or
/// with the name of a read model.
bool is_stream_name(std::string_view name);

/// did_you_mean() among the kinds of streams, by what stands before the id; empty for a kind
/// that there is.
std::string did_you_mean_stream(std::string_view name);

}  // namespace teamflow::events
