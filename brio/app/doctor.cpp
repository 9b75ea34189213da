#include <brio/app/doctor.hpp>

#include <sys/resource.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include <brio/app/database_commands.hpp>
#include <brio/app/doctor_certificate.hpp>
#include <brio/app/instance_board.hpp>
#include <brio/app/listeners.hpp>
#include <brio/app/progress.hpp>
#include <brio/app/task_broker.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/base/text_table.hpp>
#include <brio/db/database.hpp>
#include <brio/redis/client.hpp>
#include <brio/runtime/run.hpp>
#include <brio/tasks/amqp_connection.hpp>

namespace brio::app {
namespace {

using enum Finding::Verdict;

watch::InstanceSum sum_of_instances(const std::vector<InstanceBoard::Read>& found) {
    return watch::judge_instances(heard_of(found), "", metrics::Edges()).sum;
}

constexpr std::uint64_t own_descriptors = 128;  // loops, database, logs, files

void examine_settings(std::vector<Finding>& findings, const Configuration& configuration) {
    for (auto const& error : configuration.errors) {
        findings.push_back({wrong, "settings", error});
    }
    for (auto const& warning : configuration.warnings) {
        findings.push_back({note, "settings", warning});
    }
    if (configuration.errors.empty()) {
        findings.push_back(
            {well, "settings", concat({integer_text(configuration.lines.size()), " settings are valid"})});
    }
}

/// PostgreSQL looks after itself; what can be wrong here is between it and the program.
void examine_server(std::vector<Finding>& findings, const Program& program, const Settings& settings) {
    auto const place = db::place_of(settings.database_url);
    try {
        auto const missing = missing_migrations(program, settings);
        findings.push_back(missing.empty() ? Finding{well, "migrations", "the database has all of them"}
                                           : Finding{wrong, "migrations", missing});
        auto const database = open_database(program, settings, nullptr);
        runtime::Loop loop;
        auto const answer = runtime::run(loop, check_database(database.get()));
        findings.push_back(answer ? Finding{wrong, "database", concat({place, ": ", answer->detail})}
                                  : Finding{well, "database", concat({place, " answers"})});
    } catch (const std::exception& error) {
        findings.push_back({wrong, "database", concat({place, " cannot be used: ", error.what()})});
    }
}

void examine_database(std::vector<Finding>& findings, const Program& program, const Settings& settings) {
    if (db::is_postgresql(settings.database_url)) {
        examine_server(findings, program, settings);
        return;
    }
    auto const upgrade = concat({"run `", program.name, " migrate upgrade`"});
    auto const path = db::sqlite_path(settings.database_url);
    if (!std::filesystem::exists(path)) {
        findings.push_back({wrong, "database", concat({"there is no file ", path, ": ", upgrade})});
        return;
    }
    auto const folder = std::filesystem::absolute(path).parent_path();
    struct statvfs disk{};
    if (::statvfs(folder.c_str(), &disk) == 0) {
        findings.push_back(judge_disk(std::uint64_t{disk.f_bavail} * disk.f_frsize, folder.string()));
    }
    try {
        auto const missing = missing_migrations(program, settings);
        findings.push_back(missing.empty() ? Finding{well, "migrations", "the database has all of them"}
                                           : Finding{wrong, "migrations", missing});
        std::ranges::move(judge_database(db::inspect_sqlite(path), path), std::back_inserter(findings));
    } catch (const std::exception& error) {
        findings.push_back({wrong, "database", concat({path, " cannot be used: ", error.what()})});
    }
}

void examine_redis(std::vector<Finding>& findings, const Settings& settings) {
    auto const address = redis::parse_url(settings.redis_url);
    runtime::Loop loop;
    runtime::OffloadPool offload({.threads = 1});
    redis::Client client({.address = *address, .name = "brio-doctor"}, offload);
    auto const answer = runtime::run(loop, redis::ask_info(client, {.timeout = std::chrono::seconds(2)}));
    findings.push_back(judge_redis(address->text(), answer));
}

void examine_instances(std::vector<Finding>& findings, const Program& program, const Settings& settings) {
    std::expected<watch::InstanceSum, std::string> answer;
    std::string through = program.has_database ? db::place_of(settings.database_url) : "Redis";
    try {
        runtime::Loop loop;
        runtime::OffloadPool offload({.threads = 1});
        std::optional<redis::Client> client;
        auto const database = program.has_database ? open_database(program, settings, nullptr) : nullptr;
        if (!settings.redis_url.empty()) {
            client.emplace(redis::ClientOptions{.address = *redis::parse_url(settings.redis_url)}, offload);
        }
        auto const board = open_board(database.get(), client ? &*client : nullptr, program.name);
        if (!board) {
            return;
        }
        through = board->words();
        answer = sum_of_instances(runtime::run(loop, board->read()));
    } catch (const std::exception& error) {
        answer = std::unexpected(error.what());
    }
    findings.push_back(judge_instances(through, answer));
}

void examine_rabbit(std::vector<Finding>& findings, const Settings& settings) {
    auto const address = *tasks::parse_amqp_url(settings.broker_url);
    std::expected<tasks::Durability, std::string> answer;
    try {
        const tasks::amqp::Connection connection(
            {.address = address, .name = "brio doctor", .timeout = std::chrono::seconds(2)});
        if (connection.is_blocked()) {
            answer = std::unexpected("it takes no messages: its memory or its disk runs out");
        }
    } catch (const tasks::amqp::Failure& away) {
        answer = std::unexpected(away.what());
    }
    findings.push_back(judge_broker(concat({"RabbitMQ ", address.text()}), answer));
}

// The database as a broker is examined as the database.
void examine_broker(std::vector<Finding>& findings, const Program& program, const Settings& settings) {
    if (tasks::is_amqp(settings.broker_url)) {
        examine_rabbit(findings, settings);
        return;
    }
    runtime::Loop loop;
    runtime::OffloadPool offload({.threads = 1});
    auto const broker = open_shared_broker(settings, program.tasks, offload);
    std::expected<tasks::Durability, std::string> answer;
    try {
        answer = runtime::run(loop, broker->durability());
    } catch (const runtime::Unavailable& away) {
        answer = std::unexpected(away.what());
    }
    findings.push_back(judge_broker(broker->words(), answer));
}

void examine_machine(std::vector<Finding>& findings, const Settings& settings) {
    for (auto const& [what, host, port] :
         {std::tuple("API port", settings.host, settings.port),
          std::tuple("admin port", settings.admin_host, settings.admin_port)}) {
        if (port != 0) {
            findings.push_back(judge_port(what, host, port, is_free(host, port)));
        }
    }
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    findings.push_back(judge_descriptors(files.rlim_cur, settings.limits.connections));
    findings.push_back(judge_clock(brio::detail::tick_source.is_tsc));
}

}  // namespace

Finding judge_descriptors(std::uint64_t allowed, std::uint64_t connections) {
    auto const needed = connections + own_descriptors;
    if (allowed >= needed) {
        return {well, "open files",
                concat({grouped(allowed), " are allowed, ", grouped(needed), " can be needed"})};
    }
    return {note, "open files",
            concat({grouped(allowed), " are allowed, but ", grouped(connections), " connections need ",
                    grouped(needed), ": raise `ulimit -n`, or lower BRIO_LIMIT_CONNECTIONS"})};
}

Finding judge_disk(std::uint64_t free_bytes, std::string_view folder) {
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    auto const found = concat({grouped(free_bytes / mebibyte), " MiB are free in ", folder});
    if (free_bytes < 100 * mebibyte) {
        return {wrong, "disk", concat({found, ": make room, or writes will soon fail"})};
    }
    return {free_bytes < 1024 * mebibyte ? note : well, "disk", found};
}

std::vector<Finding> judge_database(const db::SqliteInspection& found, std::string_view path) {
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    constexpr std::uint64_t long_log = 256 * mebibyte;
    std::vector<Finding> findings;
    findings.push_back(found.damage.empty() ? Finding{well, "database", concat({path, " is intact"})}
                                            : Finding{wrong, "database",
                                                      concat({path, " is damaged: ", found.damage.front(),
                                                              "; restore it from a backup"})});
    if (found.orphan_count == 0) {
        findings.push_back({well, "references", "every row that is referred to is there"});
    } else {
        findings.push_back({wrong, "references",
                            concat({grouped(found.orphan_count), " rows refer to none, as ",
                                    found.orphans.front(), ": something wrote without foreign keys"})});
    }
    auto const sizes = concat({grouped(found.file_bytes / mebibyte), " MiB, of which ",
                               grouped(found.free_bytes / mebibyte), " are free to be reused"});
    auto const wasteful = found.free_bytes > 64 * mebibyte && found.free_bytes * 2 > found.file_bytes;
    findings.push_back(
        {wasteful ? note : well, "file size",
         wasteful ? concat({sizes, ": VACUUM, while the program is stopped, gives them back"}) : sizes});
    auto const log = concat({grouped(found.wal_bytes / mebibyte), " MiB of write-ahead log"});
    if (found.journal_mode != "wal") {
        findings.push_back({wrong, "log",
                            concat({"the journal mode is ", found.journal_mode,
                                    ", not wal: the file system cannot share memory; "
                                    "use a local one"})});
    } else if (found.wal_bytes > long_log) {
        findings.push_back({note, "log",
                            concat({log,
                                    ": a reader that stays, perhaps of another program, "
                                    "keeps it from starting again"})});
    } else {
        findings.push_back({well, "log", log});
    }
    return findings;
}

Finding judge_clock(bool is_fast) {
    return is_fast ? Finding{well, "clock", "the processor's invariant time stamp counter"}
                   : Finding{note, "clock",
                             "no invariant time stamp counter: measuring costs about 30 ns a reading"};
}

Finding judge_redis(std::string_view place, const std::expected<redis::ServerInfo, redis::Failure>& answer) {
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    if (!answer) {
        return {
            wrong, "Redis",
            concat({place, " cannot be used, so each process keeps its own cache: ", answer.error().what})};
    }
    auto const found = concat({place, " answers: Redis ", answer->version, ", ",
                               grouped(answer->memory / mebibyte), " MiB in use"});
    if (auto const trouble = redis::trouble_as_cache(*answer); !trouble.empty()) {
        return {note, "Redis", concat({found, "; ", trouble})};
    }
    return {well, "Redis",
            concat({found, " of ", grouped(answer->maxmemory / mebibyte), ", ", answer->maxmemory_policy})};
}

Finding judge_broker(std::string_view place, const std::expected<tasks::Durability, std::string>& answer) {
    if (!answer) {
        return {wrong, "broker",
                concat({place, " cannot be used, so no task is pushed or carried out: ", answer.error()})};
    }
    return answer->is_durable ? Finding{well, "broker", concat({place, " keeps what it acknowledges"})}
                              : Finding{note, "broker", concat({place, ": ", answer->words})};
}

Finding judge_instances(std::string_view through,
                        const std::expected<watch::InstanceSum, std::string>& answer) {
    if (!answer) {
        return {note, "processes", concat({through, " does not say which are up: ", answer.error()})};
    }
    auto const up = answer->servers + answer->workers;
    auto const found =
        concat({integer_text(up),
                up == 1 ? " process of this service is up (" : " processes of this service are up (",
                integer_text(answer->servers), " of the API, ", integer_text(answer->workers),
                " of tasks), as ", through, " has it"});
    if (answer->gone > 0) {
        return {note, "processes",
                concat({found, "; ", integer_text(answer->gone),
                        " more have not been heard of lately: they were killed, or cannot reach it"})};
    }
    if (answer->versions.size() > 1) {
        return {note, "processes",
                concat({found, "; they are of different versions, as ", answer->versions.front(), " and ",
                        answer->versions.back()})};
    }
    return {well, "processes", found};
}

Finding judge_port(std::string_view what, const std::string& host, std::uint16_t port, bool is_free) {
    auto const address = concat({host, ":", integer_text(port)});
    return is_free ? Finding{well, std::string(what), concat({address, " is free"})}
                   : Finding{note, std::string(what),
                             concat({address, " is taken: if not by this program, choose another port"})};
}

std::string findings_text(const std::vector<Finding>& findings) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& finding : findings) {
        auto const* mark = finding.verdict == well ? "ok" : finding.verdict == note ? "note" : "WRONG";
        rows.push_back({mark, finding.what, finding.words});
    }
    return table_text(rows);
}

int examine(const Program& program, const Configuration& configuration) {
    std::vector<Finding> findings;
    examine_settings(findings, configuration);
    if (program.has_database && configuration.errors.empty()) {
        examine_database(findings, program, configuration.values);
    }
    if (configuration.errors.empty() && configuration.values.has_tls()) {
        examine_certificate(findings, configuration.values.tls);
    }
    if (configuration.errors.empty() && !configuration.values.redis_url.empty()) {
        examine_redis(findings, configuration.values);
    }
    if (configuration.errors.empty() && !program.tasks.empty() && !configuration.values.broker_url.empty()) {
        examine_broker(findings, program, configuration.values);
    }
    if (std::ranges::find(findings, wrong, &Finding::verdict) == findings.end()) {  // else it is not asked
        examine_instances(findings, program, configuration.values);
    }
    examine_machine(findings, configuration.values);
    auto const text = findings_text(findings);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return std::ranges::find(findings, wrong, &Finding::verdict) == findings.end() ? 0 : 1;
}

}  // namespace brio::app
