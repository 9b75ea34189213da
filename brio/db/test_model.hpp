// Test-only: the rows, tables and databases that this module's tests share.
#pragma once
#include <optional>
#include <thread>

#include <brio/base/clock.hpp>
#include <brio/base/temporary_folder.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/test_postgres.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::db::test {

enum class Status { draft, active, archived };
struct User {
    Id<User> id;
    Text<254, 3> email;
    Text<120, 1> name;
};
struct Resource {
    Id<Resource> id;
    Id<User> owner_id;
    Text<120, 1> name;
    Text<2000> description;
    Status status;
    Timestamp created_at;
    Version version;
};
inline constexpr auto users = table<User>("users").unique<&User::email>("idx_user_email");
inline constexpr auto resources =
    table<Resource>("resources")
        .index<&Resource::owner_id, &Resource::created_at>("idx_resource_owner")
        .index<&Resource::status, &Resource::created_at>("idx_resource_status_created")
        .index<&Resource::created_at, &Resource::id>("idx_resource_created");
inline constexpr auto owner = belongs_to<&Resource::owner_id>(users, "owner");
inline constexpr auto owned = has_many<&Resource::owner_id>(resources, "resources");
inline constexpr auto listing = list_of(resources)
                                    .filter<&Resource::status, &Resource::owner_id>()
                                    .sort<&Resource::created_at, &Resource::id>()
                                    .page_size(20, 100);
inline constexpr auto user_listing = list_of(users);

struct NewUser {
    Text<254, 3> email;
    Text<120, 1> name;
};
struct NewResource {
    Id<User> owner_id;
    Text<120, 1> name;
    Text<2000> description;
    Status status = Status::draft;
};
struct ResourcePatch {
    std::optional<Text<120, 1>> name;
    std::optional<Text<2000>> description;
    std::optional<Status> status;
};

inline const std::vector<Migration>& migrations() {
    static const std::vector<Migration> all{
        {"0001_users_and_resources",
         up(create_table("users",
                         {{"id", column::id}, {"email", column::text(254)}, {"name", column::text(120)}}),
            create_table("resources", {{"id", column::id},
                                       {"owner_id", column::reference("users")},
                                       {"name", column::text(120)},
                                       {"description", column::text(2000)},
                                       {"status", column::text(16)},
                                       {"created_at", column::timestamp},
                                       {"version", column::version}})),
         down(drop_table("resources"), drop_table("users"))},
        {"0002_performance_indexes",
         up(create_index("idx_user_email", "users", {"email"}, unique),
            create_index("idx_resource_owner", "resources", {"owner_id", "created_at"}),
            create_index("idx_resource_status_created", "resources", {"status", "created_at"}),
            create_index("idx_resource_created", "resources", {"created_at", "id"})),
         down(drop_index("idx_resource_created"), drop_index("idx_resource_status_created"),
              drop_index("idx_resource_owner"), drop_index("idx_user_email"))}};
    return all;
}

/// A temporary folder that goes with it, for one database.
class Folder {
public:
    std::string url() const { return concat({"sqlite:///", file()}); }
    std::string file() const { return folder_.file("test.db"); }

private:
    TemporaryFolder folder_;
};

/// Runs the loop until the coroutine has ended; gives its result or throws.
template <class T>
T run(runtime::Loop& loop, Async<T> call, runtime::Work& work) {
    bool ended = false;
    work.loop = &loop;
    call.start(work, [](void* flag) { *static_cast<bool*>(flag) = true; }, &ended);
    while (!ended) {
        loop.turn(std::chrono::seconds(1));
    }
    return call.result();
}
template <class T>
T run(runtime::Loop& loop, Async<T> call) {
    runtime::Work work;
    return run(loop, std::move(call), work);
}

/// A migrated database of its own (a SQLite file in a folder, or one of tests/postgres), and a loop to use it
/// on.
struct Fixture {
    explicit Fixture(sql::Dialect dialect = sql::Dialect::sqlite, DatabaseOptions options = {},
                     std::span<const Migration> history = migrations()) {
        if (dialect == sql::Dialect::postgresql) {
            postgres.emplace();
        }
        options.url = url();
        Migrator(url(), history).upgrade();
        database.emplace(std::move(options));
        // What the messenger moves when it has connected would be taken for somebody's write.
        const auto until = monotonic_now() + std::chrono::seconds(10);
        while (!database->generations().is_current(monotonic_now()) && monotonic_now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    explicit Fixture(DatabaseOptions options) : Fixture(sql::Dialect::sqlite, std::move(options)) {}
    template <class T>
    T run(Async<T> call) {
        return test::run(loop, std::move(call));
    }
    Db db() { return database->db(); }
    std::string url() const { return postgres ? postgres->url() : folder.url(); }

    Folder folder;
    std::optional<PostgresDatabase> postgres;
    runtime::Loop loop;
    std::optional<Database> database;
};

inline User a_user(Fixture& fixture, std::string_view email = "ann@example.org") {
    return fixture.run(fixture.db().insert(users, NewUser{Text<254, 3>(email), Text<120, 1>("Ann")}));
}

}  // namespace brio::db::test
