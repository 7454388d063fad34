// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/database.h"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>
#include <unistd.h>

#include "platform/files/lock.h"

namespace gradus::explore {

namespace {

constexpr std::chrono::milliseconds commit_interval{250};
constexpr std::int64_t application_id = 0x67726473; // "grds", in the header of the file

constexpr const char* schema_version = "gradus.sweep/1";
constexpr const char* schema = R"(
create table sweep (key text primary key, value text not null);
create table points (
    id integer primary key,
    hash text not null unique,
    inputs text not null,
    varied text not null,
    status text not null,
    message text not null default '',
    figures text not null default '[]',
    result blob,
    log text not null default '',
    wall_seconds real,
    cpu_seconds real,
    peak_memory_bytes integer,
    started text,
    ended text);
)";

constexpr const char* status_names[] = {"pending", "running", "done", "failed", "infeasible"};

std::string now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

} // namespace

const char* name_of(Status status) { return status_names[static_cast<std::size_t>(status)]; }

/// One statement; its parameters are bound in order, and have to be there until it is done.
class Database::Statement {
public:
    Statement(Database& database, const char* sql) : database_(database) {
        if (sqlite3_prepare_v2(database.database_, sql, -1, &statement_, nullptr) != SQLITE_OK)
            database.fail_by_sqlite();
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(const std::string& text) {
        return check(
            sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_STATIC));
    }
    Statement& bind(std::int64_t value) { return check(sqlite3_bind_int64(statement_, ++bound_, value)); }
    Statement& bind(double value) { return check(sqlite3_bind_double(statement_, ++bound_, value)); }
    Statement& bind_blob(const std::string& bytes) {
        if (bytes.empty()) return check(sqlite3_bind_null(statement_, ++bound_));
        return check(
            sqlite3_bind_blob(statement_, ++bound_, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC));
    }
    /// True when there is a row.
    bool step() {
        const int status = sqlite3_step(statement_);
        if (status != SQLITE_ROW && status != SQLITE_DONE) database_.fail_by_sqlite();
        return status == SQLITE_ROW;
    }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    std::string text(int column) const {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : "";
    }

private:
    Statement& check(int status) {
        if (status != SQLITE_OK) database_.fail_by_sqlite();
        return *this;
    }

    Database& database_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

Database::Database(std::filesystem::path file, const std::string& definition) : file_(std::move(file)) {
    lock();
    try {
        open(definition);
    } catch (...) {
        close();
        throw;
    }
}

Database::~Database() {
    try {
        commit();
    } catch (const DatabaseError&) {
        // What is lost will be simulated again; whoever could still be told has been told by the error before.
    }
    close();
}

void Database::lock() {
    const std::string path = file_.string() + ".lock";
    lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock_ < 0) throw DatabaseError(fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
    const std::optional<files::LockFailure> failure = files::lock(lock_);
    if (!failure) return;
    ::close(lock_);
    if (failure->error) throw DatabaseError(fmt::format("cannot lock '{}': {}", path, std::strerror(failure->error)));
    throw DatabaseError(fmt::format("'{}' is in use by another process that runs the sweep", file_.string()));
}

void Database::open(const std::string& definition) {
    if (sqlite3_open(file_.c_str(), &database_) != SQLITE_OK) fail_by_sqlite();
    const auto integer = [this](const char* sql) {
        Statement row(*this, sql);
        row.step();
        return row.integer(0);
    };
    const bool fresh = integer("select count(*) from sqlite_master") == 0;
    if (!fresh && integer("pragma application_id") != application_id) fail("is the database of another program");
    execute("pragma journal_mode = wal");
    execute("pragma synchronous = normal");
    if (fresh)
        create(definition);
    else
        check_is_this_sweep(definition);
    execute("update points set status = 'pending', started = null where status = 'running'");
}

void Database::create(const std::string& definition) {
    begin();
    execute(schema);
    execute(fmt::format("pragma application_id = {}", application_id).c_str());
    for (const auto& [key, value] :
         {std::pair<std::string, std::string>{"schema", schema_version}, {"definition", definition}, {"begun", now()}})
        Statement(*this, "insert into sweep values (?, ?)").bind(key).bind(value).step();
    commit();
}

void Database::check_is_this_sweep(const std::string& definition) {
    Statement check(*this, "pragma quick_check(1)");
    if (!check.step() || check.text(0) != "ok") fail("is damaged: " + check.text(0));
    const auto value = [this](const std::string& key) {
        Statement row(*this, "select value from sweep where key = ?");
        return row.bind(key).step() ? row.text(0) : "";
    };
    if (value("schema") != schema_version)
        fail(fmt::format("has the layout '{}', not '{}'", value("schema"), schema_version));
    const std::string held = value("definition");
    if (held == definition) return;
    if (!has_results()) {
        begin();
        execute("delete from points");
        Statement(*this, "update sweep set value = ? where key = 'definition'").bind(definition).step();
        commit();
        return;
    }
    std::size_t same = 0;
    while (same < std::min(held.size(), definition.size()) && held[same] == definition[same])
        ++same;
    const std::size_t line = same ? held.rfind('\n', same - 1) + 1 : 0;
    const auto line_of = [line](const std::string& text) {
        return line < text.size() ? text.substr(line, text.find('\n', line) - line) : std::string("(nothing)");
    };
    fail(fmt::format("holds another sweep; it was made with '{}', and now it says '{}'; choose another --out",
                     line_of(held), line_of(definition)));
}

void Database::close() {
    sqlite3_close(database_);
    if (lock_ >= 0) ::close(lock_);
}

void Database::execute(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail_by_sqlite();
}

void Database::begin() {
    if (in_transaction_) return;
    execute("begin immediate");
    in_transaction_ = true;
}

void Database::commit() {
    if (!in_transaction_) return;
    in_transaction_ = false;
    execute("commit");
    last_commit_ = std::chrono::steady_clock::now();
}

void Database::written() {
    if (std::chrono::steady_clock::now() - last_commit_ >= commit_interval) commit();
}

Point Database::read(const Statement& row) const {
    Point point;
    point.id = row.integer(0);
    point.varied = row.text(1);
    point.message = row.text(3);
    const std::string status = row.text(2);
    std::size_t number = 0;
    while (number < std::size(status_names) && status != status_names[number])
        ++number;
    if (number == std::size(status_names))
        fail(fmt::format("is damaged: point {} has the status '{}'", point.id, status));
    point.status = static_cast<Status>(number);
    try {
        point.figures = nlohmann::json::parse(row.text(4)).get<std::vector<double>>();
    } catch (const nlohmann::json::exception&) {
        fail(fmt::format("is damaged: point {} has the figures '{}'", point.id, row.text(4)));
    }
    return point;
}

Point Database::add(const std::string& hash, const std::string& inputs, const std::string& varied) {
    begin();
    Statement(*this, "insert or ignore into points (hash, inputs, varied, status) values (?, ?, ?, 'pending')")
        .bind(hash)
        .bind(inputs)
        .bind(varied)
        .step();
    Statement row(*this, "select id, varied, status, message, figures from points where hash = ?");
    row.bind(hash).step();
    Point point = read(row);
    written();
    return point;
}

void Database::set_running(std::int64_t id) {
    begin();
    Statement(*this, "update points set status = 'running', started = ? where id = ?").bind(now()).bind(id).step();
    written();
}

void Database::set_ended(std::int64_t id, Status status, const Record& record) {
    begin();
    Statement(*this, "update points set status = ?, message = ?, figures = ?, result = ?, log = ?, wall_seconds = ?, "
                     "cpu_seconds = ?, peak_memory_bytes = ?, ended = ? where id = ?")
        .bind(std::string(name_of(status)))
        .bind(record.message)
        .bind(nlohmann::json(record.figures).dump())
        .bind_blob(record.result)
        .bind(record.log)
        .bind(record.wall_seconds)
        .bind(record.cpu_seconds)
        .bind(static_cast<std::int64_t>(record.peak_memory_bytes))
        .bind(now())
        .bind(id)
        .step();
    written();
}

Point Database::point(std::int64_t id) {
    Statement row(*this, "select id, varied, status, message, figures from points where id = ?");
    if (!row.bind(id).step()) fail(fmt::format("has lost its point {}", id));
    return read(row);
}

std::optional<std::int64_t> Database::find(const std::string& hash) {
    Statement row(*this, "select id from points where hash = ?");
    if (!row.bind(hash).step()) return std::nullopt;
    return row.integer(0);
}

std::vector<Point> Database::points() {
    std::vector<Point> points;
    Statement row(*this, "select id, varied, status, message, figures from points order by id");
    while (row.step())
        points.push_back(read(row));
    return points;
}

bool Database::has_results() {
    Statement row(*this, "select 1 from points where result is not null limit 1");
    return row.step();
}

void Database::fail(const std::string& what) const {
    throw DatabaseError(fmt::format("'{}' {}; it was left as it is", file_.string(), what));
}

void Database::fail_by_sqlite() const {
    const int code = sqlite3_errcode(database_);
    if (code == SQLITE_NOTADB) fail("is no SQLite database");
    if (code == SQLITE_CORRUPT) fail("is damaged; restore it, or move it away and run the sweep again");
    throw DatabaseError(fmt::format("'{}': {}", file_.string(), sqlite3_errmsg(database_)));
}

} // namespace gradus::explore
