#include <bench/generator/report.hpp>

#include <array>
#include <cstdio>

namespace bench {
namespace {

class Object {
public:
    void number(const char* key, double value) {
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "%.3f", value);
        member(key, text.data());
    }
    void count(const char* key, std::uint64_t value) { member(key, std::to_string(value)); }
    void word(const char* key, const char* value) { member(key, '"' + std::string(value) + '"'); }
    void member(const char* key, const std::string& value) {
        text_ += (text_.empty() ? "{\"" : ",\"") + std::string(key) + "\":" + value;
    }
    std::string finish() const { return text_ + '}'; }

private:
    std::string text_;
};

double microseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

std::string quantiles(const Histogram& latency) {
    Object all;
    all.number("p50", microseconds(latency.quantile(0.5)));
    all.number("p99", microseconds(latency.quantile(0.99)));
    all.number("p99_9", microseconds(latency.quantile(0.999)));
    all.number("max", microseconds(latency.max()));
    return all.finish();
}

}  // namespace

std::string to_json(const LoadOptions& options, const LoadResult& result) {
    const auto each = [&](std::uint64_t total_ns) {
        return result.requests == 0 ? 0.0 : microseconds(total_ns) / static_cast<double>(result.requests);
    };
    Object cores;
    cores.number("server", result.cores.server);
    cores.number("generator", result.cores.generator);
    cores.number("database", result.cores.database);
    cores.number("other_on_server_core", result.cores.other_on_server_core);
    cores.number("other_on_generator_core", result.cores.other_on_generator_core);
    Object all;
    all.number("requests_per_second", static_cast<double>(result.requests) / result.seconds);
    all.count("requests", result.requests);
    all.number("seconds", result.seconds);
    all.count("connections", options.connections);
    all.count("depth", options.depth);
    all.count("errors", result.errors);
    all.count("not_2xx", result.not_2xx);
    all.count("bytes", result.bytes);
    all.member("latency_us", quantiles(result.latency));
    all.member("read_latency_us", quantiles(result.read));
    all.member("created_latency_us", quantiles(result.created));
    all.number("server_cpu_us", each(result.server_cpu_ns));
    all.number("database_cpu_us", each(result.database_cpu_ns));
    all.number("generator_cpu_us", each(result.generator_cpu_ns));
    all.member("core_share", cores.finish());
    all.word("limit", limit_of(result.cores));
    return all.finish();
}

}  // namespace bench
