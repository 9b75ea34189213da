// `doctor`: looks at what a program needs and says what is wrong and what to do about it.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/app/detail/program.hpp>
#include <brio/db/sqlite_inspection.hpp>
#include <brio/redis/server_info.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/watch/instances.hpp>

namespace brio::app {

struct Finding {
    enum class Verdict : std::uint8_t { well, note, wrong };
    Verdict verdict = Verdict::well;
    std::string what;   // what was looked at
    std::string words;  // what was found, and what to do when it is not well
};

// The judgements, from the facts alone.

/// A server needs a descriptor for each connection and some for itself.
Finding judge_descriptors(std::uint64_t allowed, std::uint64_t connections);
Finding judge_disk(std::uint64_t free_bytes, std::string_view folder);
std::vector<Finding> judge_database(const db::SqliteInspection& found, std::string_view path);
Finding judge_clock(bool is_fast);
/// A Redis that does not answer costs speed alone, but it was asked for.
Finding judge_redis(std::string_view place, const std::expected<redis::ServerInfo, redis::Failure>& answer);
/// `place`: the broker's words. A failure is why it could not be asked.
Finding judge_broker(std::string_view place, const std::expected<tasks::Durability, std::string>& answer);
/// Of the service that the settings are of; `through`: how its processes know of each other.
Finding judge_instances(std::string_view through,
                        const std::expected<watch::InstanceSum, std::string>& answer);
Finding judge_port(std::string_view what, const std::string& host, std::uint16_t port, bool is_free);

/// One line each.
std::string findings_text(const std::vector<Finding>& findings);

/// Looks, prints, gives 1 when something is wrong, else 0. Reads the whole database, changes nothing.
int examine(const Program& program, const Configuration& configuration);

}  // namespace brio::app
