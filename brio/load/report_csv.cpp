#include <brio/load/report_csv.hpp>

#include <array>
#include <stdexcept>
#include <string_view>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/load/output_file.hpp>

namespace brio::load {
namespace {

struct Quantile {
    double share;
    std::string_view name;
};
constexpr Quantile quantiles[] = {{0.50, "50%"},    {0.66, "66%"},      {0.75, "75%"}, {0.80, "80%"},
                                  {0.90, "90%"},    {0.95, "95%"},      {0.98, "98%"}, {0.99, "99%"},
                                  {0.999, "99.9%"}, {0.9999, "99.99%"}, {1.0, "100%"}};

/// As Python's csv module quotes by default: only what has to be.
std::string cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

class Row {
public:
    Row& add(std::string_view text) {
        text_ += text_.empty() && !has_cells_ ? "" : ",";
        text_ += cell(text);
        has_cells_ = true;
        return *this;
    }
    Row& add(std::uint64_t number) { return add(integer_text(number)); }
    Row& add_number(double value) { return add(decimal_text(value, 3)); }
    Row& add_ms(double nanoseconds) { return add_number(nanoseconds / 1e6); }
    Row& add_quantiles(const Histogram& latency) {
        for (const Quantile& each : quantiles) {
            if (latency.count() == 0) {
                add("N/A");
            } else {
                add_ms(static_cast<double>(latency.quantile(each.share)));
            }
        }
        return *this;
    }
    Row& add_quantile_names() {
        for (const Quantile& each : quantiles) {
            add(each.name);
        }
        return *this;
    }
    Row& add_times(const Histogram& latency) {
        return add_ms(static_cast<double>(latency.quantile(0.5)))
            .add_ms(latency.mean())
            .add_ms(static_cast<double>(latency.min()))
            .add_ms(static_cast<double>(latency.max()));
    }
    std::string line() const { return text_ + "\r\n"; }

private:
    std::string text_;
    bool has_cells_ = false;
};

double size_of(const RequestRecord& requests) noexcept {
    return requests.answers == 0
               ? 0
               : static_cast<double>(requests.bytes_received) / static_cast<double>(requests.answers);
}

std::string stats_row(const RequestRecord& requests, double seconds) {
    const Histogram latency = requests.latency();
    const auto rate = [seconds](std::uint64_t count) {
        return seconds > 0 ? static_cast<double>(count) / seconds : 0;
    };
    return Row()
        .add(requests.method)
        .add(requests.name)
        .add(requests.requests())
        .add(requests.failures)
        .add_times(latency)
        .add_number(size_of(requests))
        .add_number(rate(requests.requests()))
        .add_number(rate(requests.failures))
        .add_quantiles(latency)
        .line();
}

}  // namespace

std::string stats_csv(const Record& record, double seconds) {
    Row head;
    for (const auto* name :
         {"Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time",
          "Min Response Time", "Max Response Time", "Average Content Size", "Requests/s", "Failures/s"}) {
        head.add(std::string_view(name));
    }
    std::string text = head.add_quantile_names().line();
    for (const RequestRecord& each : record.requests()) {
        text += stats_row(each, seconds);
    }
    return text + stats_row(record.total(), seconds);
}

std::string failures_csv(const Record& record) {
    std::string text = "Method,Name,Error,Occurrences\r\n";
    for (const FailureRecord& each : record.failures()) {
        text += Row().add(each.method).add(each.name).add(each.text).add(each.count).line();
    }
    return text;
}

std::string history_csv_head() {
    Row head;
    for (const auto* name : {"Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"}) {
        head.add(std::string_view(name));
    }
    head.add_quantile_names();
    for (const auto* name : {"Total Request Count", "Total Failure Count", "Total Median Response Time",
                             "Total Average Response Time", "Total Min Response Time",
                             "Total Max Response Time", "Total Average Content Size"}) {
        head.add(std::string_view(name));
    }
    return head.line();
}

std::string history_csv_row(const HistoryMoment& moment, const RequestRecord& total_so_far) {
    const Histogram latency = total_so_far.latency();
    return Row()
        .add(integer_text(moment.at))
        .add(static_cast<std::uint64_t>(moment.users))
        .add("")
        .add("Aggregated")
        .add_number(moment.requests_per_second)
        .add_number(moment.failures_per_second)
        .add_quantiles(latency)
        .add(total_so_far.requests())
        .add(total_so_far.failures)
        .add_times(latency)
        .add_number(size_of(total_so_far))
        .line();
}

CsvFiles::CsvFiles(std::string prefix)
    : prefix_(std::move(prefix)),
      history_(prefix_ + "_stats_history.csv", std::ios::binary | std::ios::trunc) {
    if (!(history_ << history_csv_head() << std::flush)) {
        throw std::runtime_error(concat({"cannot write ", prefix_, "_stats_history.csv"}));
    }
}

void CsvFiles::add(const HistoryMoment& moment, const Record& so_far) {
    history_ << history_csv_row(moment, so_far.total()) << std::flush;
}

void CsvFiles::finish(const Report& report) {
    const double seconds = std::chrono::duration<double>(report.outcome.counted).count();
    write_file(prefix_ + "_stats.csv", stats_csv(report.outcome.record, seconds));
    write_file(prefix_ + "_failures.csv", failures_csv(report.outcome.record));
    if (!history_.flush()) {
        throw std::runtime_error(concat({"cannot write ", prefix_, "_stats_history.csv"}));
    }
}

}  // namespace brio::load
