// A load test in a file of TOML, for services whose users are not written in C++: `brio load shop.toml`.
//
//     target = "http://127.0.0.1:8080"            # a URL on the command line goes before it
//     users = 50                                  # or rate, stages with arrivals, poisson, as the options
//     for = "1m"
//     goals = ["p99<50ms", "error_rate<1%"]
//
//     [feeds.accounts]                            # ${accounts.name}, ${accounts.password}
//     csv = "accounts.csv"                        # beside this file
//     per = "user"                                # a row for the user's life; without it one for each task
//
//     [[user]]
//     name = "ApiUser"
//     wait = "1s..3s"
//     [[user.task]]
//     name = "create"
//     weight = 3
//     [[user.task.step]]
//     post = "/api/resources"
//     json = { name = "made by ${accounts.name}", owner_id = "${owner}" }
//     take = { id = "id", tag = "header ETag" }
//     check = ["status = 201", "$.name ~ made"]
//
// The guide (17c) has every key. Names that nothing defines are errors, so are keys that there are not: with
// the line and the column.
#pragma once
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/script.hpp>
#include <brio/load/threshold.hpp>

namespace brio::load {

/// What the file says of how much load there is; what it does not say is empty.
struct ScenarioFile {
    std::shared_ptr<const Script> script;
    std::string target;
    std::optional<double> users;
    std::optional<double> rate;
    bool arrivals = false;
    bool poisson = false;
    std::string stages;
    std::optional<std::chrono::nanoseconds> duration;
    std::optional<std::chrono::nanoseconds> warm_up;
    std::vector<Threshold> goals;
};

/// Reads the file and the feeds that it names. The error says where: "shop.toml, line 7, column 3: …".
std::expected<ScenarioFile, std::string> read_scenario_file(const std::string& file);
/// The same of its text; feeds are beside `file`.
std::expected<ScenarioFile, std::string> parse_scenario(std::string_view toml, const std::string& file);

}  // namespace brio::load
