// What a load test counts, as Locust's master wants to be told it: the change since the last report, with
// times rounded as Locust rounds them. Pure.
#pragma once
#include <map>
#include <string>
#include <utility>

#include <brio/load/locust_message.hpp>
#include <brio/load/record.hpp>

namespace brio::load::locust {

/// Seconds since 1970, by which a master tells requests a second.
struct Period {
    double from = 0;
    double to = 0;
};

/// Gathers records of short periods between two reports. Bounded as records are.
class Delta {
public:
    /// Adds what was counted in a period of about a second, all of which counts for the second that its
    /// middle is in.
    void add(const Record& record, Period period);
    /// All that was added since the last time. `now` as in Period.
    Stats take(UserCounts users, double now);

private:
    using Key = std::pair<std::string, std::string>;  // name and method

    std::map<Key, Entry> entries_;
    std::map<std::pair<Key, std::string>, std::uint64_t> failures_;
};

}  // namespace brio::load::locust
