#pragma once
// What PostgreSQL, or the lack of it, can throw.

#include <stdexcept>
#include <string>
#include <string_view>

namespace teamflow::infra {

/// A statement failed or a connection was lost.
///
/// Three cases must be told apart by a caller that wrote something:
/// - `is_connection_lost()` is false: the server refused. The transaction of the statement was
///   rolled back: it has definitely not happened.
/// - `is_connection_lost()` and `is_outcome_unknown()`: it was sent, and no end of the transaction
///   was seen. It may have been committed; look it up before doing it again.
/// - `is_connection_lost()` and not `is_outcome_unknown()`: it was never sent.
class postgres_error : public std::runtime_error {
public:
    /// The fields of an ErrorResponse (PostgreSQL manual, 55.8).
    struct fields {
        std::string sqlstate;
        std::string message;
        std::string detail;
        std::string constraint;
        std::string statement;
        bool connection_lost = false;
        bool outcome_unknown = false;
    };

    explicit postgres_error(fields what);

    /// Five characters (manual, appendix A); empty when no server gave one.
    [[nodiscard]] std::string_view sqlstate() const { return fields_.sqlstate; }

    [[nodiscard]] const std::string& message() const { return fields_.message; }

    [[nodiscard]] const std::string& detail() const { return fields_.detail; }

    /// The violated constraint or unique index, when the server names one.
    [[nodiscard]] const std::string& constraint() const { return fields_.constraint; }

    /// The server has no room on its disk (disk_full), and did nothing.
    [[nodiscard]] bool is_storage_full() const { return fields_.sqlstate == "53100"; }

    /// The server refused the data itself, so that trying again cannot help: bad values, violated
    /// constraints, limits of the program (manual, appendix A).
    [[nodiscard]] bool is_about_data() const;

    [[nodiscard]] bool is_connection_lost() const { return fields_.connection_lost; }

    [[nodiscard]] bool is_outcome_unknown() const { return fields_.outcome_unknown; }

private:
    fields fields_;
};

/// No connection could be had within the time limit, or a bounded queue is full. Nothing was sent.
class postgres_unavailable : public postgres_error {
public:
    explicit postgres_unavailable(std::string reason);
};

/// The program asked a result for what is not in it: a column that is absent, of another type, or
/// null. Always a fault of the program.
class column_error : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

}  // namespace teamflow::infra
