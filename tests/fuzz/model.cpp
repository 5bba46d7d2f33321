// Models as anybody may write them, in YAML and in JSON: read, or refused with faults that can be
// told; what is read has one canonical form.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <boost/json/serialize.hpp>

#include "generation/model/canonical.hpp"
#include "generation/model/read_model.hpp"

namespace {

using namespace teamflow::generation;

void expect(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(std::string_view text, source_format format) {
    const auto made = read_model(text, format);
    if (!made) {
        expect(!made.error().empty() && made.error().size() <= 100);
        for (const auto& fault : made.error()) {
            expect(!fault.code.empty() && !fault.message.empty());
            const auto told = to_string(fault);
            expect(!told.contains('\n') && !told.contains('\x1b'));
        }
        return;
    }
    const auto stored = boost::json::serialize(canonical(*made));
    const auto again = read_model(stored, source_format::json);
    expect(again.has_value() && *again == *made && hash(*again) == hash(*made));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// The first byte chooses the format: `{` is JSON, everything else YAML.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check(input, input.starts_with('{') ? source_format::json : source_format::yaml);
    return 0;
}
