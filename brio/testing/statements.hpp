// How many statements an answer cost, for tests that hold a route to it.
//
//     auto const answer = client.get("/api/resources?page_size=100");
//     expect_queries(answer, 2);
//
// Counted where statements reach the database, so nothing is missed, and told in X-Brio-Statements: by a
// TestClient's server always, by a program of one's own with BRIO_MODE=development. Let the data be more than
// the count allows, or repetition does not show.
#pragma once
#include <cstdint>
#include <string_view>

#include <brio/testing/answer.hpp>

namespace brio::testing {

/// 0 when the answer names none.
std::uint64_t statements_of(const Answer& answer);

/// Throws std::runtime_error that lists what ran, and what the database's watch says of it, when there were
/// more than `most`.
void expect_queries(const Answer& answer, std::uint64_t most);

}  // namespace brio::testing
