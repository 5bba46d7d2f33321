#include "projections/compatibility.hpp"

#include <cstddef>
#include <exception>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace teamflow::projections {

namespace {

std::vector<counted_type> listed(
    const std::map<std::pair<std::string, std::int16_t>, std::int64_t>& counts
) {
    std::vector<counted_type> all;
    all.reserve(counts.size());
    for (const auto& [what, count] : counts) {
        all.push_back({what.first, what.second, count});
    }
    return all;
}

/// Nothing is forgotten, so what is not remembered is not there.
constexpr remembering everything{.max_rows = std::numeric_limits<std::size_t>::max()};

/// Runs a handler as a projector does, over tables that hold what earlier events made. Throws what
/// it throws once all rows are known.
void run(
    unit_of_work& rows,
    const handler& what,
    const events::event& event,
    const event_context& context
) {
    for (;;) {
        rows.begin_event(context.at);
        try {
            what.handle(rows, event, context);
        } catch (const std::exception&) {
            if (rows.missing() == 0) {
                throw;
            }
        }
        if (rows.missing() == 0) {
            return;
        }
        for (std::size_t i = 0; i < rows.tables(); ++i) {
            rows.table(i).loaded({});
        }
        rows.discard();
    }
}

}  // namespace

compatibility_check::compatibility_check(
    std::span<const projection> projections,
    std::span<const events::upcaster> upcasters,
    skipped_commits skipped
)
    : projections_(projections), upcasters_(upcasters), skipped_(std::move(skipped)) {}

void compatibility_check::begin_organization() {
    ++organizations_;
    streams_.clear();
    directory_ = {};
    models_.clear();
    for (const auto& each : projections_) {
        models_.push_back({&each, each.make_unit(everything)});
    }
}

void compatibility_check::take(const events::record& record) {
    ++events_;
    const auto& head = record.head;
    std::optional<events::event> event;
    try {
        event = events::decode(head.type, head.schema_version, record.data);
    } catch (const events::undecodable_event& failure) {
        // A version that nothing leads on from is why it does not decode.
        if (check_version(record)) {
            note("decode", record, failure.what());
        }
        return;
    }
    if (!event) {
        ++unknown_[{head.type, head.schema_version}];
        return;
    }
    if (check_version(record)) {
        fold(record, *event);
    }
}

bool compatibility_check::check_version(const events::record& record) {
    const auto& head = record.head;
    const auto newest = events::find_event_type(head.type)->schema_version;
    if (head.schema_version > newest) {
        note(
            "version",
            record,
            fmt::format("a newer program wrote this; version {} is known here", newest)
        );
        return false;
    }
    const auto reached = events::version_reached(head.type, head.schema_version, upcasters_);
    if (reached != newest) {
        note(
            "version",
            record,
            fmt::format("no upcaster leads from version {} to {}", reached, newest)
        );
        return false;
    }
    if (head.schema_version < newest) {
        ++brought_forward_[{head.type, head.schema_version}];
    }
    return true;
}

void compatibility_check::fold(const events::record& record, const events::event& event) {
    const auto& head = record.head;
    try {
        if (const auto own = events::stream_of(event); own != head.stream) {
            throw std::runtime_error("its payload belongs to stream " + own);
        }
        apply(streams_[head.stream], head.stream, event, head.time, commands::actor_of(head));
    } catch (const std::exception& failure) {
        note("stream", record, failure.what());
    }
    try {
        apply(directory_, event);
    } catch (const std::exception& failure) {
        note("directory", record, failure.what());
    }
    for (auto& each : models_) {
        project(each, record, event);
    }
}

void compatibility_check::project(
    model& into, const events::record& record, const events::event& event
) {
    const auto* const handler = into.what->find_handler(record.head.type);
    if (handler == nullptr) {
        return;
    }
    auto key = into.what->parking_key_of(record.head);
    const auto skipped = skipped_.find(into.what->name);
    const bool is_given_up =
        skipped != skipped_.end() && skipped->second.contains(record.commit.id);
    if (is_given_up || into.parked.contains(key)) {
        return;
    }
    const events::position at{record.partition, record.at};
    try {
        run(into.rows, *handler, event, {record.head, at});
        into.rows.settle();
    } catch (const std::exception& failure) {
        into.rows.discard();
        into.parked.insert(std::move(key));
        note("projection " + into.what->name, record, failure.what());
    }
}

void compatibility_check::note(std::string part, const events::record& record, std::string error) {
    const auto& head = record.head;
    auto& finding = findings_[{part, head.type, head.schema_version}];
    if (finding.count++ == 0) {
        finding.part = std::move(part);
        finding.type = head.type;
        finding.schema_version = head.schema_version;
        finding.position = to_string(events::position{record.partition, record.at});
        finding.stream = head.stream;
        finding.organization_id = head.organization;
        finding.error = std::move(error);
    }
}

compatibility_report compatibility_check::report() const {
    compatibility_report made{
        .organizations = organizations_,
        .events = events_,
        .brought_forward = listed(brought_forward_),
        .unknown_types = listed(unknown_),
        .findings = {}
    };
    for (const auto& [key, finding] : findings_) {
        made.findings.push_back(finding);
    }
    return made;
}

}  // namespace teamflow::projections
