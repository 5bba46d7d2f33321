#include "gateway/feeds/open_texts.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::string_view sealed_member = R"(","sealed":")";
/// A control character: it stands in no JSON text.
constexpr char separator = '\x1e';

}  // namespace

task<> open_texts(const feed_parts& with, std::vector<std::shared_ptr<const std::string>*> texts) {
    std::erase_if(texts, [](const auto* text) {
        return (*text)->find(sealed_member) == std::string::npos;
    });
    if (texts.empty()) {
        co_return;
    }
    std::string all;
    for (const auto* text : texts) {
        all += **text;
        all += separator;
    }
    all = co_await with.open(std::move(all));
    std::size_t begin = 0;
    for (auto* text : texts) {
        const auto end = all.find(separator, begin);
        *text = std::make_shared<const std::string>(all, begin, end - begin);
        begin = end + 1;
    }
}

}  // namespace teamflow::gateway
