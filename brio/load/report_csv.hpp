// A load test in the files that Locust writes with --csv, with its column names, so that what reads those
// reads these: PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv.
//
// Source: locust/stats.py of Locust 2.12.1. Times are milliseconds, with decimals where Locust rounds. Lines
// end in CRLF, as those of Python's csv module.
#pragma once
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>

#include <brio/load/report.hpp>

namespace brio::load {

/// A row a name and one called Aggregated.
std::string stats_csv(const Record& record, double seconds);
std::string failures_csv(const Record& record);

/// The rows of the history: of all requests together, as Locust writes it by default.
struct HistoryMoment {
    std::int64_t at = 0;  // seconds since 1970
    std::size_t users = 0;
    double requests_per_second = 0;  // now
    double failures_per_second = 0;
};
std::string history_csv_head();
std::string history_csv_row(const HistoryMoment& moment, const RequestRecord& total_so_far);

/// Writes the three files: the history as it goes, the others at the end. Throws std::runtime_error with the
/// file's name when one cannot be written.
class CsvFiles {
public:
    explicit CsvFiles(std::string prefix);

    void add(const HistoryMoment& moment, const Record& so_far);
    void finish(const Report& report);

private:
    std::string prefix_;
    std::ofstream history_;
};

}  // namespace brio::load
