// What the query cache has once for the program: the subjects of its statements, and its renewals.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include <brio/cache/renewals.hpp>
#include <brio/cache/subject.hpp>
#include <brio/sql/statement.hpp>

namespace brio::cache {

class Caches;

class Queries {
public:
    static constexpr std::uint64_t most_renewals = 64;

    explicit Queries(Caches& caches) noexcept : caches_(caches), renewals_(most_renewals) {}
    Queries(const Queries&) = delete;
    Queries& operator=(const Queries&) = delete;

    Caches& caches() const noexcept { return caches_; }
    Renewals& renewals() noexcept { return renewals_; }

    /// By its name. Cost after the first time: a load.
    const Subject& subject_of(const sql::Statement& statement);
    /// Cost after the first time: a hash and a load, while no other name takes its place.
    const Subject& subject_of(std::string_view name);

private:
    Caches& caches_;
    Renewals renewals_;
    // By the statement's number; those beyond are looked up.
    std::array<std::atomic<const Subject*>, 1024> by_statement_{};
    // The last one asked for of those that fall on one place.
    std::array<std::atomic<const Subject*>, 256> by_name_{};
};

}  // namespace brio::cache
