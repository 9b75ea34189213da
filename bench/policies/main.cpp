// bench_policies: hit ratios of Brio's in-process store and of published policies on the same accesses.
#include <CLI/CLI.hpp>
#include <cstdio>

#include <brio/base/text.hpp>

#include "traces.hpp"

namespace brio::bench {

namespace {

struct Contestant {
    std::string_view name;
    std::unique_ptr<Policy> (*make)(std::size_t capacity);
};
constexpr Contestant contestants[] = {{"brio", make_brio},           {"lru", make_lru}, {"sieve", make_sieve},
                                      {"s3-fifo", make_s3_fifo},     {"arc", make_arc}, {"lirs", make_lirs},
                                      {"w-tinylfu", make_w_tiny_lfu}};

struct Options {
    std::size_t capacity = 10'000;
    std::size_t length = 4'000'000;
    std::uint64_t seed = 1;
    std::string json;
    std::string only;  // a contestant's name; empty: all
};

double ratio_of(Policy& policy, const std::vector<ObjectKey>& keys, std::size_t counted_from) {
    std::uint64_t hits = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        hits += policy.access(keys[i]) && i >= counted_from ? 1 : 0;
    }
    return static_cast<double>(hits) / static_cast<double>(keys.size() - counted_from);
}

std::string measured(const Options& options) {
    std::string json = "{";
    std::printf("%-6s", "");
    for (const Contestant& each : contestants) {
        std::printf("%10s", each.name.data());
    }
    std::printf("%12s%14s\n", "clairvoyant", "brio of best");
    for (const Trace& trace : make_traces(options.length, options.capacity, options.seed)) {
        const std::size_t counted_from = trace.keys.size() / 4;
        std::printf("%-6s", trace.name.data());
        json += concat({json.size() > 1 ? "," : "", "\"", trace.name, "\":{"});
        double own = 0;
        double best = 0;
        char text[32];
        for (const Contestant& each : contestants) {
            if (!options.only.empty() && options.only != each.name) {
                std::printf("%10s", "-");
                continue;
            }
            const auto policy = each.make(options.capacity);
            const double ratio = ratio_of(*policy, trace.keys, counted_from);
            (each.make == make_brio ? own : best) = each.make == make_brio ? ratio : std::max(best, ratio);
            std::snprintf(text, sizeof text, "%.4f", ratio);
            json += concat({"\"", each.name, "\":", text, ","});
            std::printf("%10s", text);
            std::fflush(stdout);
        }
        const double most =
            static_cast<double>(clairvoyant_hits(trace.keys, options.capacity, counted_from)) /
            static_cast<double>(trace.keys.size() - counted_from);
        std::snprintf(text, sizeof text, "%.4f", most);
        std::printf("%12s%14.3f\n", text, best > 0 ? own / best : 0.0);
        json += concat({"\"clairvoyant\":", text, "}"});
    }
    return json + "}";
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app("Hit ratios of eviction policies; the first quarter of the accesses is not counted");
    app.add_option("--capacity", options.capacity, "objects that the cache holds")->capture_default_str();
    app.add_option("--length", options.length, "accesses")->capture_default_str();
    app.add_option("--seed", options.seed, "of the accesses")->capture_default_str();
    app.add_option("--only", options.only, "one of the policies, beside the clairvoyant");
    app.add_option("--json", options.json, "file for the ratios");
    CLI11_PARSE(app, argc, argv);
    const std::string json = measured(options);
    if (!options.json.empty()) {
        std::FILE* file = std::fopen(options.json.c_str(), "w");
        if (file == nullptr) {
            std::fprintf(stderr, "cannot write %s\n", options.json.c_str());
            return 2;
        }
        std::fprintf(file, "%s\n", json.c_str());
        std::fclose(file);
    }
    return 0;
}

}  // namespace

}  // namespace brio::bench

int main(int argc, char** argv) { return brio::bench::run(argc, argv); }
