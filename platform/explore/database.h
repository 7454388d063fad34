// SPDX-License-Identifier: Apache-2.0
// The database of a sweep: one SQLite file in WAL mode; doc/sweeps.md documents its tables. One process has it open,
// and no node of a cluster ever does. What is written becomes durable a few times a second, all at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/explore/record.h"

struct sqlite3;

namespace gradus::explore {

/// The file is no database of this sweep, is damaged, is in use, or cannot be written; one message for people.
class DatabaseError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

enum class Status { pending, running, done, failed, infeasible };
const char* name_of(Status status);

/// A row of the table `points`, without what only a look into the database needs.
struct Point {
    std::int64_t id = 0;
    std::string varied; ///< the keys that vary and their values, as a JSON object
    Status status = Status::pending;
    std::string message;         ///< why it failed or is infeasible
    std::vector<double> figures; ///< empty: it has not run, or failed
};

class Database {
public:
    /// Opens or makes the database. Points that were running when the last process ended are pending again. A
    /// database without any result takes over another definition. Throws DatabaseError; a file that is something else
    /// is left as it is.
    Database(std::filesystem::path file, const std::string& definition);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// The point with these inputs, added unless it is there.
    Point add(const std::string& hash, const std::string& inputs, const std::string& varied);
    void set_running(std::int64_t id);
    /// How a point ended.
    void set_ended(std::int64_t id, Status status, const Record& record);
    /// Makes durable what was written before.
    void commit();

    Point point(std::int64_t id);
    /// The id of the point with inputs of this hash.
    std::optional<std::int64_t> find(const std::string& hash);
    /// In the order they were added.
    std::vector<Point> points();
    /// Some point has run to its end.
    bool has_results();

private:
    class Statement;

    void lock();
    void open(const std::string& definition);
    void close();
    void create(const std::string& definition);
    void check_is_this_sweep(const std::string& definition);
    void execute(const char* sql);
    void begin();
    void written();
    Point read(const Statement& row) const;
    [[noreturn]] void fail(const std::string& what) const;
    [[noreturn]] void fail_by_sqlite() const;

    std::filesystem::path file_;
    int lock_ = -1;
    sqlite3* database_ = nullptr;
    bool in_transaction_ = false;
    std::chrono::steady_clock::time_point last_commit_;
};

} // namespace gradus::explore
