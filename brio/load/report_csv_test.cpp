#include <brio/load/report_csv.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <brio/base/temporary_folder.hpp>
#include <brio/load/output_file.hpp>
#include <brio/load/report_harness.hpp>

namespace brio::load {
namespace {

std::string line(const std::string& text, std::size_t number) {
    std::size_t from = 0;
    for (; number > 0; --number) {
        from = text.find("\r\n", from) + 2;
    }
    return text.substr(from, text.find("\r\n", from) - from);
}
std::ptrdiff_t commas(const std::string& text) { return std::ranges::count(text, ','); }

TEST(ReportCsv, StatsHaveLocustsColumns) {
    auto const report = sample_report();
    auto const csv = stats_csv(report.outcome.record, 20);
    EXPECT_EQ(
        line(csv, 0),
        "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
        "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,"
        "99.9%,99.99%,100%");
    EXPECT_TRUE(line(csv, 1).starts_with("GET,/api/resources,3000,")) << line(csv, 1);
    EXPECT_TRUE(line(csv, 2).starts_with("PUT,/api/resources/{id},1000,")) << line(csv, 2);
    EXPECT_TRUE(line(csv, 3).starts_with(",Aggregated,4000,")) << line(csv, 3);
    EXPECT_EQ(commas(line(csv, 3)), commas(line(csv, 0)));
    EXPECT_NE(line(csv, 3).find(",5000.000,200.000,"), std::string::npos) << line(csv, 3);
}

TEST(ReportCsv, FailuresAreCountedByTheirText) {
    auto const csv = failures_csv(sample_report().outcome.record);
    EXPECT_EQ(line(csv, 0), "Method,Name,Error,Occurrences");
    EXPECT_NE(csv.find("GET,/api/resources,status 503,"), std::string::npos) << csv;
}

TEST(ReportCsv, CommasAndQuotesAreQuoted) {
    Record record;
    auto const id = record.id_of("GET", "a,\"b\"");
    record.answer({.id = id, .status = 500, .is_failure = true});
    EXPECT_EQ(line(failures_csv(record), 1), "GET,\"a,\"\"b\"\"\",status 500,1");
}

TEST(ReportCsv, ANameWithoutAnswersHasNoQuantiles) {
    Record record;
    record.no_answer({.id = record.id_of("GET", "/"), .why = Missing::connect});
    EXPECT_TRUE(line(stats_csv(record, 1), 1).ends_with("N/A,N/A,N/A")) << stats_csv(record, 1);
}

TEST(ReportCsv, ARowOfTheHistoryHasLocustsColumns) {
    auto const total = sample_report().outcome.record.total();
    auto const row = history_csv_row(
        {.at = 1'790'000'001, .users = 50, .requests_per_second = 201.5, .failures_per_second = 2}, total);
    EXPECT_TRUE(row.starts_with("1790000001,50,,Aggregated,201.500,2.000,")) << row;
    EXPECT_EQ(commas(row), commas(history_csv_head()));
    EXPECT_TRUE(
        history_csv_head().ends_with("100%,Total Request Count,Total Failure Count,"
                                     "Total Median Response Time,Total Average Response Time,"
                                     "Total Min Response Time,Total Max Response Time,"
                                     "Total Average Content Size\r\n"));
}

TEST(ReportCsv, ThreeFilesAreWritten) {
    TemporaryFolder const folder;
    auto const prefix = folder.file("run");
    auto const report = sample_report();
    CsvFiles files(prefix);
    files.add({.at = 1}, report.outcome.record);
    files.finish(report);
    EXPECT_EQ(read_file(prefix + "_stats.csv"), stats_csv(report.outcome.record, 20));
    EXPECT_TRUE(read_file(prefix + "_stats_history.csv").starts_with(history_csv_head()));
    EXPECT_FALSE(read_file(prefix + "_failures.csv").empty());
}

TEST(ReportCsv, AFileThatCannotBeWrittenIsNamed) {
    EXPECT_THROW(CsvFiles("/no/such/folder/run"), std::runtime_error);
    EXPECT_THROW(write_file("/no/such/folder/file", "a"), std::runtime_error);
    EXPECT_THROW(read_file("/no/such/folder/file"), std::runtime_error);
    EXPECT_THROW(read_file("/"), std::runtime_error);
}

}  // namespace
}  // namespace brio::load
