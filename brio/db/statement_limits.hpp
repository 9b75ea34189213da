// After how long a statement is ended: one limit for all, and those of some of their own.
#pragma once
#include <algorithm>
#include <chrono>
#include <map>
#include <span>
#include <string>

#include <brio/db/engine.hpp>

namespace brio::db {

struct StatementLimits {
    std::chrono::nanoseconds all = std::chrono::seconds(1);
    std::map<std::string, std::chrono::nanoseconds, std::less<>> own = {};  // by a statement's name

    std::chrono::nanoseconds of(const sql::Statement& statement) const {
        if (own.empty()) [[likely]] {
            return all;
        }
        auto const found = own.find(statement.name());
        return found != own.end() ? found->second : all;
    }
    /// The longest of theirs: what runs together ends together. Requires some.
    std::chrono::nanoseconds of(std::span<const Query> together) const {
        if (own.empty()) [[likely]] {
            return all;
        }
        std::chrono::nanoseconds longest{0};
        for (auto const& query : together) {
            longest = std::max(longest, of(*query.statement));
        }
        return longest;
    }
};

}  // namespace brio::db
