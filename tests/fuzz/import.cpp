// Models in DDL, DBML and JDL as anybody may write them: a document that can be read or refused, or
// faults that can be told.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "generation/exchange/exchange.hpp"
#include "generation/model/read_model.hpp"

namespace {

using namespace teamflow::generation;

void expect(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check_faults(const faults& found) {
    for (const auto& fault : found) {
        expect(!fault.code.empty() && !fault.message.empty() && fault.line >= 0);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// The first byte chooses: `S` is SQL, `J` is JDL, everything else DBML.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    const char language = input.empty() ? ' ' : input.front();
    const auto read = language == 'S' ? import_sql : language == 'J' ? import_jdl : import_dbml;
    const auto format = language == 'S'   ? exchange_format::sql
                        : language == 'J' ? exchange_format::jdl
                                          : exchange_format::dbml;
    input.remove_prefix(input.empty() ? 0 : 1);
    const auto made = read(input, "app");
    if (!made) {
        expect(!made.error().empty());
        check_faults(made.error());
        return 0;
    }
    check_faults(made->notes);
    const auto model = read_model(made->document);
    if (!model) {
        check_faults(model.error());
        return 0;
    }
    // What was taken can be written, and is taken again.
    expect(read(export_model(*model, format), "app").has_value());
    return 0;
}
