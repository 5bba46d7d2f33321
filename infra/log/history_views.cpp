#include "infra/log/history_views.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infra/postgres/migration_lock.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra {

namespace {

using events::column_kind;
using events::moved_member;

/// A column that every view has, of the table that lies below.
struct envelope_column {
    std::string_view name;
    std::string_view source;
    std::string_view comment;
};

constexpr std::array envelope_columns{
    envelope_column{"event_id", "event_id", "The event, a UUIDv7."},
    envelope_column{"time", "time", "When it happened."},
    envelope_column{"organization_id", "organization", "Nil for user accounts and read models."},
    envelope_column{
        "actor", "actor", "The user who did it, system:<process manager>, or cli:<user>@<host>."
    },
    envelope_column{"stream", "stream", "What it happened to, such as task-<id>."},
    envelope_column{"stream_version", "stream_version", "Its number in the stream, from 1."},
    envelope_column{"schema_version", "schema_version", "Of the payload as it was written."},
    envelope_column{"correlation_id", "correlation_id", "All that one request brought about."},
    envelope_column{"causation_id", "causation_id", "The event that caused it; null for none."},
    envelope_column{"commit_id", "commit_id", "The events of one command, with commit_index."},
    envelope_column{"commit_index", "commit_index", "Place in the commit, from 0."},
    envelope_column{"log_partition", "partition", "The partition in which it lies."},
    envelope_column{"log_offset", "\"offset\"", "Its place there: the order of what happened."},
};

/// What the column of a payload is called: an envelope's name is never hidden.
std::string column_name(std::string_view member) {
    const bool is_taken = std::ranges::find(envelope_columns, member, &envelope_column::name) !=
                          envelope_columns.end();
    return is_taken ? fmt::format("data_{}", member) : std::string(member);
}

std::string literal(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c;
        if (c == '\'') {
            quoted += c;
        }
    }
    return quoted + "'";
}

/// The member as it lies in the payload; text where SQL has to make something of it.
std::string stored(std::string_view member, column_kind kind) {
    return kind == column_kind::sealed ? fmt::format("r.data->{}->>'sealed'", literal(member))
                                       : fmt::format("r.data->>{}", literal(member));
}

/// The same as an operand.
std::string operand(const std::string& expression) {
    return expression.starts_with("case ") ? expression : fmt::format("({})", expression);
}

/// What a payload of an older version holds for `member` of `version`.
class member_source {
public:
    member_source(std::string_view type, column_kind kind, std::span<const events::upcaster> table)
        : type_(type), kind_(kind), table_(table) {}

    [[nodiscard]] std::string of(std::string_view member, std::int16_t version) const {
        for (std::int16_t before = version; --before > 0;) {
            const auto step = std::ranges::find_if(table_, [&](const auto& each) {
                return each.type == type_ && each.from_version == before;
            });
            if (step == table_.end()) {
                continue;
            }
            const auto move = std::ranges::find(step->moves, member, &moved_member::to);
            if (move != step->moves.end()) {
                return fmt::format(
                    "case when r.schema_version <= {} then {} else {} end",
                    before,
                    moved(*move, before),
                    stored(member, kind_)
                );
            }
        }
        return stored(member, kind_);
    }

private:
    [[nodiscard]] std::string moved(const moved_member& move, std::int16_t version) const {
        std::string source = of(move.from, version);
        if (move.condition == moved_member::when::always) {
            return source;
        }
        const member_source decides(type_, column_kind::text, table_);
        return fmt::format(
            "case when {} is {}null then {} end",
            operand(decides.of(move.decided_by, version)),
            move.condition == moved_member::when::null ? "" : "not ",
            source
        );
    }

    std::string_view type_;
    column_kind kind_;
    std::span<const events::upcaster> table_;
};

std::string_view sql_type(column_kind kind) {
    switch (kind) {
        case column_kind::text:
        case column_kind::sealed:
            return "text";
        case column_kind::uuid:
            return "uuid";
        case column_kind::timestamp:
            return "timestamptz";
        case column_kind::date:
            return "date";
        case column_kind::int32:
            return "integer";
        case column_kind::int64:
            return "bigint";
        case column_kind::number:
            return "double precision";
        case column_kind::boolean:
            return "boolean";
        case column_kind::json:
            return "jsonb";
    }
    throw std::logic_error("a column of no kind");
}

std::string typed(const std::string& expression, column_kind kind) {
    const auto type = sql_type(kind);
    return type == "text" ? expression : fmt::format("({})::{}", expression, type);
}

std::string comment_of(const events::event_column& column) {
    std::string text;
    if (column.kind == column_kind::sealed) {
        text = "Text of a person, sealed: equal texts of one person are equal here.";
    } else if (!column.values.empty()) {
        text = fmt::format("One of {}.", fmt::join(column.values, ", "));
    }
    if (column.is_change) {
        text += fmt::format(
            "{}The new value; null where it was cleared or did not change (see changed).",
            text.empty() ? "" : " "
        );
    }
    return text;
}

/// Which of the members that may be left out are there.
std::string changed_members(const events::event_table& of) {
    std::vector<std::string> fixed;
    for (const auto& column : of.columns) {
        if (!column.is_change) {
            fixed.push_back(literal(column.name));
        }
    }
    return fmt::format(
        "array(select name from json_object_keys(r.data) as name where name not in ({}))",
        fmt::join(fixed, ", ")
    );
}

std::string comment_on_column(
    std::string_view view, std::string_view column, std::string_view text
) {
    return fmt::format(
        "comment on column history.{}.{} is {};\n",
        postgres::quoted_name(view),
        postgres::quoted_name(column),
        literal(text)
    );
}

/// A view over the valid records with these columns, each `expression as name`.
std::string create_view(
    std::string_view view,
    const std::vector<std::string>& columns,
    std::string_view condition,
    std::string_view comment
) {
    std::string script = fmt::format(
        "create view history.{0} with (security_invoker = true) as\nselect {1}\n"
        "  from teamflow.log_records as r\n where r.kind = 1{2};\n"
        "comment on view history.{0} is {3};\n",
        postgres::quoted_name(view),
        fmt::join(columns, ",\n       "),
        condition,
        literal(comment)
    );
    for (const auto& each : envelope_columns) {
        script += comment_on_column(view, each.name, each.comment);
    }
    return script;
}

std::vector<std::string> envelope_list() {
    std::vector<std::string> columns;
    columns.reserve(std::size(envelope_columns));
    for (const auto& each : envelope_columns) {
        columns.push_back(fmt::format("r.{} as {}", each.source, postgres::quoted_name(each.name)));
    }
    return columns;
}

std::string common_view() {
    auto columns = envelope_list();
    columns.insert(columns.begin() + 1, "r.type as \"type\"");
    columns.emplace_back("r.traceparent as \"traceparent\"");
    columns.emplace_back("r.data as \"data\"");
    return create_view(
               "events",
               columns,
               "",
               "Every event, with its payload as it was written. The payload of one type has a "
               "view of its own, with a column for each member."
           ) +
           comment_on_column("events", "type", "The event type: <family>.<noun>_<past tense>.") +
           comment_on_column("events", "traceparent", "W3C trace context; empty for none.") +
           comment_on_column("events", "data", "The payload in the version it was written in.");
}

/// Views of types that this program does not know are no longer right either.
constexpr std::string_view drop_views = R"(do $$
declare
    old record;
begin
    for old in select viewname from pg_catalog.pg_views where schemaname = 'history' loop
        execute format('drop view history.%I', old.viewname);
    end loop;
end
$$;
)";

bool is_up_to_date(postgres::session& database) {
    const auto made = database.query("select version from teamflow.history_views");
    return !made.empty() && made.get<std::int32_t>(0, 0) >= history_views_version;
}

}  // namespace

std::string view_name(std::string_view event_type) {
    return std::string(event_type.substr(event_type.find('.') + 1));
}

std::string history_view(const events::event_table& of, std::span<const events::upcaster> table) {
    const std::string view = view_name(of.info.type);
    auto columns = envelope_list();
    std::string comments;
    for (const auto& column : of.columns) {
        const member_source source(of.info.type, column.kind, table);
        const std::string name = column_name(column.name);
        columns.push_back(fmt::format(
            "{} as {}",
            typed(source.of(column.name, of.info.schema_version), column.kind),
            postgres::quoted_name(name)
        ));
        if (const auto comment = comment_of(column); !comment.empty()) {
            comments += comment_on_column(view, name, comment);
        }
    }
    if (std::ranges::any_of(of.columns, &events::event_column::is_change)) {
        columns.push_back(changed_members(of) + " as \"changed\"");
        comments += comment_on_column(view, "changed", "Names of the members that changed.");
    }
    return create_view(
               view,
               columns,
               fmt::format(" and r.type = {}", literal(of.info.type)),
               of.info.summary
           ) +
           comments;
}

std::string history_views_script() {
    std::string script = std::string(drop_views) + "\n" + common_view();
    std::set<std::string> names{"events"};
    for (const auto& each : events::event_tables()) {
        if (!names.insert(view_name(each.info.type)).second) {
            throw std::logic_error(fmt::format("two views for {}", each.info.type));
        }
        script += "\n" + history_view(each);
    }
    return script + "\nselect teamflow.grant_history();\n";
}

bool update_history_views(const std::string& url) {
    postgres::session database(url);
    if (is_up_to_date(database)) {
        return false;
    }
    database.execute("begin; set local lock_timeout = '10s'");
    database.query(
        "select pg_advisory_xact_lock($1::bigint)", {std::to_string(postgres::migration_lock)}
    );
    if (is_up_to_date(database)) {
        return false;
    }
    database.execute(history_views_script());
    database.query(
        "insert into teamflow.history_views (version, made_by) values ($1::integer, $2)"
        " on conflict (only_row) do update set version = excluded.version,"
        " made_by = excluded.made_by, made_at = now()",
        {std::to_string(history_views_version), TEAMFLOW_VERSION}
    );
    database.execute("commit");
    return true;
}

}  // namespace teamflow::infra
