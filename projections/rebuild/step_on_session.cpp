#include "projections/rebuild/step_on_session.hpp"

#include <string>
#include <vector>

namespace teamflow::projections {

namespace postgres = infra::postgres;

void prepare_batch(postgres::session& database, projector_step& step) {
    while (step.prepare() == projector_step::need::load) {
        std::vector<postgres::result> answers;
        for (const auto& call : step.loads()) {
            answers.push_back(database.query(std::string(call.what.sql), call.with));
        }
        step.loaded(answers);
    }
}

void write_rows(postgres::session& database, const projector_step& step) {
    const auto changes = step.row_changes();
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& sql = step.sql()[i];
        if (changes[i].erased != 0) {
            database.query(sql.erase, changes[i].erasures);
        }
        if (changes[i].upserted != 0) {
            database.query(sql.upsert, changes[i].upserts);
        }
        if (changes[i].fresh.rows() != 0) {
            database.copy_in(sql.copy, changes[i].fresh.stream());
        }
    }
}

}  // namespace teamflow::projections
