// Models in DDL, DBML, JDL and schemas as anybody may write them: a document that can be read or
// refused, or faults that can be told.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <string>
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

std::expected<imported, faults> import_schemas(std::string_view text, const std::string& app_name) {
    const auto from = parse_source(text, source_format::yaml);
    return from ? import_schema(*from, app_name) : std::unexpected(faults{from.error()});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// The first byte chooses: `S` is SQL, `J` is JDL, `O` is YAML with schemas, everything else DBML.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    const char language = input.empty() ? ' ' : input.front();
    input.remove_prefix(input.empty() ? 0 : 1);
    const auto read = language == 'S'   ? import_sql
                      : language == 'J' ? import_jdl
                      : language == 'O' ? import_schemas
                                        : import_dbml;
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
    if (language != 'O') {
        // What was taken can be written, and is taken again.
        const auto format = language == 'S'   ? exchange_format::sql
                            : language == 'J' ? exchange_format::jdl
                                              : exchange_format::dbml;
        expect(read(export_model(*model, format), "app").has_value());
    }
    return 0;
}
