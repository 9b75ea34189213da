// Totals of listings, kept at the generation of their table: what COUNT(*) found is right until somebody
// writes to it. Any thread.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <brio/sql/generations.hpp>

namespace brio::db {

class Totals {
public:
    /// More sets of filters than that begin anew.
    static constexpr std::size_t most = 4096;

    /// The total under `key` when it was found at this very generation, and the generation is settled.
    std::optional<std::uint64_t> find(std::string_view key, sql::Generation now) const;
    void keep(std::string_view key, sql::Generation generation, std::uint64_t total);

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct Entry {
        std::uint64_t generation;
        std::uint64_t total;
    };
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;  // guarded by mutex_
};

}  // namespace brio::db
