// Where the processes of one service tell each other that they are there: a table of their database, or a
// hash in their Redis.
//
// How long ago something was told is by the clock of whoever keeps it, so that the machines' need not agree;
// SQLite's is the machine's. What nobody tells again is gone after watch::instance_forgotten_after.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <brio/app/detail/program.hpp>
#include <brio/app/settings.hpp>
#include <brio/db/database.hpp>
#include <brio/redis/client.hpp>
#include <brio/runtime/async.hpp>
#include <brio/watch/instances.hpp>

namespace brio::app {

class InstanceBoard {
public:
    /// Larger ones are not read.
    static constexpr std::size_t most_bytes = 16 * 1024;

    struct Told {
        std::string id;
        std::int64_t pid = 0;
        std::string text;
    };
    struct Read {
        std::chrono::milliseconds ago{0};
        std::string text;
    };

    virtual ~InstanceBoard() = default;
    // All throw what the database or Redis throws, and Cancelled. Nothing is tried again.

    /// In place of what was told of this id before. Also removes what is forgotten.
    virtual Async<void> tell(Told told) = 0;
    /// Removes what this process told of it: not what another one told that has taken its place.
    virtual Async<void> leave(std::string id, std::int64_t pid) = 0;
    /// At most one more than watch::most_instances, those that were told last.
    virtual Async<std::vector<Read>> read() = 0;
    virtual std::string words() const = 0;  // "PostgreSQL 127.0.0.1:5432/shop"
};

/// What can be read of it.
std::vector<watch::Heard> heard_of(const std::vector<InstanceBoard::Read>& found);

/// Rows of brio_instances, which the first tell() makes where it is absent. `database` outlives it.
std::unique_ptr<InstanceBoard> open_database_board(db::Database& database, std::string program);
/// Fields of `brio:PROGRAM:instances`. `client` outlives it.
std::unique_ptr<InstanceBoard> open_redis_board(redis::Client& client, std::string program);

/// The database's, which all processes of a service have; without one that of Redis; without either null.
std::unique_ptr<InstanceBoard> open_board(db::Database* database, redis::Client* client,
                                          const std::string& program);

}  // namespace brio::app
