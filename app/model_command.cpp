#include "app/model_command.hpp"

#include <iostream>

#include "app/model_input.hpp"
#include "events/json/described.hpp"
#include "events/json/pretty.hpp"
#include "generation/exchange/exchange.hpp"
#include "generation/model/canonical.hpp"
#include "generation/model/model_schema.hpp"

namespace teamflow::app {

int run_model(const model_arguments& with) {
    if (with.schema) {
        std::cout << events::json::pretty(generation::model_json_schema());
        return 0;
    }
    if (with.model.empty()) {
        std::cerr << "teamflow: name a model: a file or a built-in domain\n";
        return 2;
    }
    const auto model = model_of(with.model);
    if (!model) {
        return 1;
    }
    if (with.hash) {
        std::cout << generation::hash(*model) << '\n';
    } else if (!with.to.empty()) {
        const auto format = events::json::enum_value<generation::exchange_format>(with.to);
        if (!format) {
            std::cerr << "teamflow: --to is one of sql, dbml, jdl, mermaid\n";
            return 2;
        }
        std::cout << generation::export_model(*model, *format);
    } else {
        std::cout << events::json::pretty(generation::canonical(*model));
    }
    return 0;
}

}  // namespace teamflow::app
