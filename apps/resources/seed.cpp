#include "seed.hpp"

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>

#include <map>

#include "handlers.hpp"
#include "package_index.hpp"

namespace service {
namespace {

constexpr std::uint64_t usual_count = 10'000;
constexpr std::size_t batch_size = 5'000;
constexpr std::int64_t first_created = 1'686'355'200'000'000;  // 2023-06-10, the day of Debian 12
constexpr std::int64_t between_created = 60'000'000;           // a minute

struct SeededResource {
    Id<User> owner_id;
    Text<120, 1> name;
    Text<2000> description;
    Status status;
    Timestamp created_at;
};

template <class T>
T fitted(std::string_view text) {
    for (auto size = text.size();; --size) {  // cut to what the type holds, never within a character
        if (auto parsed = T::parse(text.substr(0, size))) {
            return std::move(*parsed);
        }
        if (size == 0) {
            throw std::runtime_error(concat({"the text '", text.substr(0, 40), "' does not fit its column"}));
        }
    }
}

Timestamp created(std::size_t at) {
    return Timestamp{first_created + static_cast<std::int64_t>(at) * between_created};
}

// The parts of a demo, made before anything is written.
struct Rows {
    std::vector<NewUser> users;
    std::vector<SeededResource> resources;
};

Rows rows_of(const std::vector<Package>& packages) {
    Rows rows;
    std::map<std::string, std::int64_t, std::less<>> ids;
    for (auto const& package : packages) {
        auto const maintainer = parse_maintainer(package.maintainer);
        auto const [at, is_new] =
            ids.try_emplace(maintainer.address, static_cast<std::int64_t>(ids.size() + 1));
        if (is_new) {
            rows.users.push_back(
                {fitted<Text<254, 3>>(maintainer.address), fitted<Text<120, 1>>(maintainer.name)});
        }
        auto const is_old = package.section.ends_with("oldlibs");
        auto const is_debug = package.section.ends_with("debug") || package.section.ends_with("doc");
        rows.resources.push_back({Id<User>(at->second), fitted<Text<120, 1>>(package.name),
                                  fitted<Text<2000>>(package.description),
                                  is_old     ? Status::archived
                                  : is_debug ? Status::draft
                                             : Status::active,
                                  created(rows.resources.size())});
    }
    return rows;
}

Rows made_up(std::uint64_t count) {
    Rows rows;
    Random random(1);
    auto const user_count = count / 40 + 1;
    for (std::uint64_t i = 1; i <= user_count; ++i) {
        auto const number = integer_text(i);
        rows.users.push_back({fitted<Text<254, 3>>(concat({"user", number, "@example.com"})),
                              fitted<Text<120, 1>>(concat({"User ", number}))});
    }
    for (std::uint64_t i = 1; i <= count; ++i) {
        auto const number = integer_text(i);
        rows.resources.push_back({Id<User>(static_cast<std::int64_t>(random.below(user_count) + 1)),
                                  fitted<Text<120, 1>>(concat({"Resource ", number})),
                                  fitted<Text<2000>>(concat({"The made-up resource number ", number})),
                                  static_cast<Status>(random.below(3)), created(i)});
    }
    return rows;
}

template <class T, class New>
Async<void> insert_all(Db db, T table, std::vector<New> rows, const SeedRequest& request) {
    for (std::size_t at = 0; at < rows.size(); at += batch_size) {
        auto const end = std::min(at + batch_size, rows.size());
        co_await db.insert_many(table, std::vector<New>(rows.begin() + static_cast<std::ptrdiff_t>(at),
                                                        rows.begin() + static_cast<std::ptrdiff_t>(end)));
        request.progress(end, rows.size());
    }
}

}  // namespace

Async<std::uint64_t> seed(SeedRequest request) {
    auto db = request.database.db();
    if (co_await db.select(users).first()) {
        throw std::runtime_error(
            "the database has rows already: seed an empty one (delete the file, or migrate downgrade base)");
    }
    auto const count = request.count == 0 ? usual_count : request.count;
    auto const packages = request.from == "debian" ? installed_index(count) : std::vector<Package>{};
    auto rows = packages.empty() ? made_up(count) : rows_of(packages);
    auto const made = rows.resources.size();
    co_await insert_all(db, users, std::move(rows.users), request);
    co_await insert_all(db, resources, std::move(rows.resources), request);
    co_return made;
}

}  // namespace service
