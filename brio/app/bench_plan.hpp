// What `bench` was asked to measure: which requests, of which programs, in which environment. Internal to
// app.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <brio/app/bench_words.hpp>
#include <brio/bench/budgets.hpp>
#include <brio/http/router.hpp>

namespace brio::app {

/// Bad use of the command: a request, a file or a program that is none.
struct BadBench : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The requests typed, else those of the budgets' file, else every GET route without parameters that is no
/// stream of events. Throws BadBench.
bench::Budgets asked_cases(const http::Router& router, const BenchWords& words);
/// Whether a person has chosen them: the first two.
bool names_cases(const BenchWords& words);
/// Of --budgets, or the one that is looked for.
std::string budgets_file(const BenchWords& words);
/// Writes the budgets of these requests into the file, beside those of others that it has. Throws what keeps
/// it from that.
void keep_budgets(const BenchWords& words, const bench::Budgets& measured);

using Environment = std::vector<std::pair<std::string, std::string>>;

/// A program and the settings that it is measured with.
struct Measured {
    std::string program;  // its file
    Environment environment;
};

/// With that database, or the one that was asked for.
Environment bench_environment(const BenchWords& words, const std::string& database);
/// Those of --against-env in place of what has the same names. Throws BadBench, of Redis and brokers without
/// --database too: a program then has none.
Environment with(Environment environment, const BenchWords& words);

std::string this_file();
/// Of --against; this program without it. Throws BadBench.
std::string other_file(const BenchWords& words);

/// Throws std::runtime_error.
void write_file(const std::string& file, const std::string& text);

}  // namespace brio::app
