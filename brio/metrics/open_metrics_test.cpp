// Holds the exposition against the grammar of OpenMetrics 1.0, with a reader that is strict and of its own.
#include <brio/base/text.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/metrics/process.hpp>

#include <gtest/gtest.h>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

namespace brio::metrics {

namespace {

struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};
void demand(bool holds, const char* what, std::string_view line) {
    if (!holds) {
        throw Refused(concat({what, ": ", line}));
    }
}

using Labels = std::map<std::string, std::string>;

/// Reads one exposition line by line; throws Refused at the first thing the specification forbids.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    /// The number of samples.
    std::size_t read() {
        for (;;) {
            demand(!rest_.empty(), "no EOF", "");
            const std::size_t end = rest_.find('\n');
            demand(end != std::string_view::npos, "last line without a line feed", rest_);
            line_ = rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            at_ = 0;
            if (line_ == "# EOF") {
                demand(rest_.empty(), "text after EOF", rest_);
                finish_series();
                return samples_;
            }
            line_.starts_with("#") ? read_descriptor() : read_sample();
        }
    }

private:
    std::string name(bool colon) {
        const std::size_t begin = at_;
        while (at_ < line_.size() && (std::isalnum(static_cast<unsigned char>(line_[at_])) ||
                                      line_[at_] == '_' || (colon && line_[at_] == ':'))) {
            ++at_;
        }
        demand(at_ > begin && !std::isdigit(static_cast<unsigned char>(line_[begin])), "no name", line_);
        return std::string(line_.substr(begin, at_ - begin));
    }
    void take(char expected) {
        demand(at_ < line_.size() && line_[at_] == expected, "unexpected character", line_);
        ++at_;
    }
    std::string escaped(char until) {
        std::string text;
        while (at_ < line_.size() && line_[at_] != until) {
            char c = line_[at_++];
            demand(c != '"', "bare quote", line_);
            if (c == '\\') {
                demand(at_ < line_.size(), "escape at the end", line_);
                c = line_[at_++];
                demand(c == 'n' || c == '"' || c == '\\', "unknown escape", line_);
                c = c == 'n' ? '\n' : c;
            }
            text += c;
        }
        return text;
    }
    Labels labels() {
        Labels found;
        take('{');
        while (line_.at(at_) != '}') {
            const std::string label = name(false);
            take('=');
            take('"');
            demand(found.emplace(label, escaped('"')).second, "label twice", line_);
            take('"');
            demand(line_.size() > at_, "open labels", line_);
            if (line_[at_] != '}') {
                take(',');
                demand(line_.at(at_) != '}', "comma before the end", line_);
            }
        }
        take('}');
        return found;
    }
    double number() {
        const std::size_t end = std::min(line_.find(' ', at_), line_.size());
        const std::string text(line_.substr(at_, end - at_));
        at_ = end;
        if (text == "+Inf" || text == "-Inf" || text == "NaN") {
            return text == "NaN" ? std::nan("") : text[0] == '+' ? HUGE_VAL : -HUGE_VAL;
        }
        demand(!text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos, "no number",
               line_);
        char* stop = nullptr;
        const double value = std::strtod(text.c_str(), &stop);
        demand(*stop == '\0', "no number", line_);
        return value;
    }

    void read_descriptor() {
        take('#');
        take(' ');
        const std::string word = name(false);
        take(' ');
        const std::string family = name(true);
        take(' ');
        if (family != family_) {
            finish_series();
            demand(families_.insert(family).second, "family twice or interleaved", line_);
            family_ = family;
            type_.clear();
            described_.clear();
            in_samples_ = false;
        }
        demand(!in_samples_, "descriptor after samples", line_);
        demand(described_.insert(word).second, "descriptor twice", line_);
        if (word == "TYPE") {
            type_ = std::string(line_.substr(at_));
            demand(type_ == "counter" || type_ == "gauge" || type_ == "histogram" || type_ == "summary",
                   "unknown type", line_);
        } else {
            demand(word == "HELP", "unknown descriptor", line_);
            (void)escaped('\n');
        }
    }

    void read_sample() {
        const std::string sample = name(true);
        demand(!family_.empty() && sample.starts_with(family_), "sample outside its family", line_);
        const std::string suffix = sample.substr(family_.size());
        static const std::map<std::string, std::set<std::string>> suffixes{
            {"counter", {"_total", "_created"}},
            {"gauge", {""}},
            {"histogram", {"_bucket", "_sum", "_count"}},
            {"summary", {"_sum", "_count"}}};
        demand(suffixes.contains(type_) && suffixes.at(type_).contains(suffix),
               "suffix does not fit the type", line_);
        in_samples_ = true;
        Labels labels = line_.at(at_) == '{' ? this->labels() : Labels{};
        take(' ');
        const double value = number();
        demand(type_ == "gauge" || (value >= 0 && std::isfinite(value)), "count that is none", line_);
        Labels series = labels;
        std::string edge;
        if (suffix == "_bucket") {
            demand(labels.contains("le"), "bucket without le", line_);
            edge = labels.at("le");
            series.erase("le");
        }
        if (!series_ || *series_ != series) {
            finish_series();
            demand(seen_.insert({family_, series}).second, "series twice or interleaved", line_);
            series_ = series;
        }
        demand(points_.insert(suffix + "|" + edge).second, "sample twice", line_);
        if (suffix == "_bucket") {
            read_bucket(edge, value);
        } else {
            count_ = suffix == "_count" ? value : count_;
        }
        if (at_ < line_.size()) {
            demand(suffix == "_bucket" || suffix == "_total", "exemplar where none may be", line_);
            read_exemplar(edge);
        }
        ++samples_;
    }

    void read_bucket(const std::string& edge, double value) {
        demand(edge == "+Inf" || edge.find_first_of(".e") != std::string::npos, "le not canonical", line_);
        const double bound = std::strtod(edge.c_str(), nullptr);
        demand(bound > edge_, "edges not ascending", line_);
        demand(value >= bucket_ && value == std::floor(value), "buckets not cumulative", line_);
        lower_ = edge_;
        edge_ = bound;
        bucket_ = value;
    }

    void read_exemplar(const std::string& edge) {
        take(' ');
        take('#');
        take(' ');
        std::size_t size = 0;
        for (const auto& [label, text] : labels()) {
            size += label.size() + text.size();
        }
        demand(size <= 128, "exemplar too long", line_);
        take(' ');
        const double value = number();
        demand(edge.empty() || (value > lower_ && value <= edge_), "exemplar of another bucket", line_);
        if (at_ < line_.size()) {
            take(' ');
            demand(number() > 1.6e9, "exemplar before this was written", line_);
        }
        demand(at_ == line_.size(), "text after the sample", line_);
    }

    void finish_series() {
        if (series_ && type_ == "histogram") {
            demand(std::isinf(edge_) && count_ == bucket_ && points_.contains("_sum|"),
                   "histogram incomplete", line_);
        }
        if (series_ && type_ == "summary") {
            demand(count_ >= 0 && points_.contains("_sum|"), "summary incomplete", line_);
        }
        series_.reset();
        points_.clear();
        lower_ = edge_ = -HUGE_VAL;
        bucket_ = 0;
        count_ = -1;
    }

    std::string_view rest_;
    std::string_view line_;
    std::size_t at_ = 0;
    std::size_t samples_ = 0;
    std::set<std::string> families_;
    std::set<std::pair<std::string, Labels>> seen_;
    std::string family_;
    std::string type_;
    std::set<std::string> described_;
    bool in_samples_ = false;
    std::optional<Labels> series_;
    std::set<std::string> points_;
    double lower_ = -HUGE_VAL;
    double edge_ = -HUGE_VAL;
    double bucket_ = 0;
    double count_ = -1;
};

std::size_t samples(std::string_view text) { return Reader(text).read(); }

}  // namespace

TEST(OpenMetricsGrammar, HoldsForARegistryWithEachKindAndHardLabels) {
    Registry registry;
    const ProcessCollector process(registry, {.version = "1.2.3"});
    const auto counters =
        registry.counter({.name = "hits_total", .help = "a \"b\" \\ c\nd", .labels = {"path", "x"}});
    for (const char* path :
         {"", "\"", "\\", "\n", "}", "a,b=\"c\"", "\xff\xfe", "# EOF", "\xf0\x9f\x9a\x80"}) {
        counters.with({path, "y"}).add(registry.here());
    }
    registry.gauge({.name = "g", .help = ""}).with({}).set(std::nan(""));
    const auto histograms = registry.histogram(
        {.name = "wait_seconds", .help = "Waits.", .labels = {"queue"}, .exemplars = true});
    const Seat seat(registry);
    for (std::uint64_t ns = 1; ns < 1'000'000'000'000; ns *= 7) {
        histograms.with({"main"}).observe(seat.shard(), ns, {ns, 1});
        histograms.with({"other"}).observe(seat.shard(), ns + 1'000);
        registry.summary({.name = "work_seconds", .help = "Work."}).with({}).observe(seat.shard(), ns);
    }
    Buffer out;
    write_exposition(out, registry, Exposition::open_metrics);
    const std::size_t buckets = registry.edges().size() + 1;
    EXPECT_EQ(samples(out.view()), 8 + 9 + 1 + 2 * (buckets + 2) + 2);
    EXPECT_NE(out.view().find("# {trace_id="), std::string_view::npos);
}

TEST(OpenMetricsGrammar, TheReaderRefusesWhatTheSpecificationForbids) {
    const std::string head = "# TYPE a counter\n";
    EXPECT_EQ(samples(head + "a_total 1\n# EOF\n"), 1u);
    for (const std::string& bad : {
             head + "a_total 1\n",           // no EOF
             head + "a_total 1\n# EOF\n\n",  // text after it
             head + "a_total 1\n# EOF",      // no line feed
             head + "a 1\n# EOF\n",          // a counter without its suffix
             head + "a_total -1\n# EOF\n",
             head + "a_total{x=\"1\",x=\"2\"} 1\n# EOF\n",
             head + "a_total{x=\"1\",} 1\n# EOF\n",
             head + "a_total{x=\"\\q\"} 1\n# EOF\n",
             head + "a_total  1\n# EOF\n",
             head + "a_total 0x1\n# EOF\n",
             head + "a_total 1\na_total 1\n# EOF\n",
             head + "a_total 1\n" + head + "# EOF\n",
             std::string("# TYPE h histogram\nh_bucket{le=\"1\"} 1\n# EOF\n"),  // not canonical
             std::string(
                 "# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_sum 1\nh_count 1\n# EOF\n"),  // no +Inf
             std::string("# TYPE h histogram\nh_bucket{le=\"1.0\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum "
                         "1\nh_count 1\n# EOF\n"),
             std::string("# TYPE g gauge\ng 1 # {a=\"b\"} 1\n# EOF\n"),
             std::string("# HELP g a \"b\"\n# TYPE g gauge\ng 1\n# EOF\n"),
         }) {
        EXPECT_THROW((void)samples(bad), Refused) << bad;
    }
}

}  // namespace brio::metrics
