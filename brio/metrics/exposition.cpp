#include <brio/metrics/exposition.hpp>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>

#include <cmath>
#include <cstring>

namespace brio::metrics {

namespace {

constexpr std::uint64_t second = 1'000'000'000;

/// A duration in seconds, exactly: `0.2`, `12`, `1.000000001`. No exponent.
void append_seconds(Buffer& out, std::uint64_t ns) {
    append_integer(out, ns / second);
    if (ns % second == 0) {
        return;
    }
    char digits[10];
    std::to_chars(digits, digits + 10, ns % second + second);  // a 1, then nine digits
    std::size_t size = 9;
    while (digits[size] == '0') {
        --size;
    }
    out.push_back('.');
    out.append({digits + 1, size});
}

/// The text of `le`. OpenMetrics wants numbers written as C's %g would with the shortest digits and a decimal
/// point: `1.0`, `5e-05`.
void append_edge(Buffer& out, std::uint64_t ns, Exposition format) {
    if (ns < 100'000) {
        append_number(out, static_cast<double>(ns) / static_cast<double>(second));
        return;
    }
    append_seconds(out, ns);
    if (format == Exposition::open_metrics && ns % second == 0) {
        out.append(".0");
    }
}

/// Whole numbers without an exponent, as people and simple readers expect.
void append_value(Buffer& out, double value) {
    constexpr double exact = 9007199254740992.0;  // 2^53
    if (std::abs(value) <= exact && value == std::floor(value)) {
        append_integer(out, static_cast<std::int64_t>(value));
    } else {
        append_number(out, value);
    }
}

void append_help(Buffer& out, std::string_view help, Exposition format) {
    for (const char c : valid_utf8(help)) {
        if (c == '\n') {
            out.append("\\n");
        } else if (c == '\\' || (c == '"' && format == Exposition::open_metrics)) {
            out.push_back('\\');
            out.push_back(c);
        } else {
            out.push_back(c);
        }
    }
}

std::string_view word(Kind kind) noexcept {
    static constexpr std::string_view words[] = {"counter", "gauge", "histogram", "summary"};
    return words[static_cast<std::size_t>(kind)];
}

/// Writes the families of one exposition.
class Writer {
public:
    Writer(Buffer& out, const Edges& edges, Exposition format) : out_(out), format_(format) {
        for (const std::uint64_t edge : edges.nanoseconds()) {
            Buffer text;
            append_edge(text, edge, format);
            edges_.push_back(concat({"le=\"", text.view(), "\"} "}));
        }
        edges_.emplace_back("le=\"+Inf\"} ");
    }

    void write(const FamilyView& family) {
        write_head(family);
        for (const SeriesView& series : family.series) {
            switch (family.kind) {
                case Kind::counter:
                case Kind::gauge:
                    write_name(family.spec.name, "", series);
                    append_value(out_, series.value);
                    out_.push_back('\n');
                    break;
                case Kind::histogram: write_buckets(family, series); [[fallthrough]];
                case Kind::summary: write_sum_and_count(family, series); break;
            }
        }
    }

private:
    void write_head(const FamilyView& family) {
        std::string_view name = family.spec.name;
        if (format_ == Exposition::open_metrics && family.kind == Kind::counter) {
            name.remove_suffix(
                std::string_view("_total").size());  // a family's name; its samples keep the suffix
        }
        for (const std::string_view part : {std::string_view("# HELP "), name, std::string_view(" ")}) {
            out_.append(part);
        }
        append_help(out_, family.spec.help, format_);
        for (const std::string_view part :
             {std::string_view("\n# TYPE "), name, std::string_view(" "), word(family.kind)}) {
            out_.append(part);
        }
        out_.push_back('\n');
    }

    /// `name{labels} `
    void write_name(std::string_view name, std::string_view suffix, const SeriesView& series) {
        out_.append(name);
        out_.append(suffix);
        if (!series.label_text.empty()) {
            out_.push_back('{');
            out_.append(series.label_text);
            out_.push_back('}');
        }
        out_.push_back(' ');
    }

    void write_buckets(const FamilyView& family, const SeriesView& series) {
        head_.assign(family.spec.name);
        head_ += "_bucket{";
        head_ += series.label_text;
        head_ += series.label_text.empty() ? "" : ",";
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < series.buckets.size(); ++i) {
            count += series.buckets[i];
            const std::string& edge = edges_[i];
            char* to = out_.prepare(head_.size() + edge.size() + 24);
            char* end = to + head_.size() + edge.size();
            std::memcpy(to, head_.data(), head_.size());
            std::memcpy(to + head_.size(), edge.data(), edge.size());
            end = std::to_chars(end, end + 20, count).ptr;
            out_.commit(static_cast<std::size_t>(end - to));
            if (!series.exemplars.empty() && format_ == Exposition::open_metrics) {
                write_exemplar(family.edges, series, static_cast<std::uint32_t>(i));
            }
            out_.push_back('\n');
        }
    }

    void write_exemplar(const Edges& edges, const SeriesView& series, std::uint32_t bucket) {
        for (const Exemplar& exemplar : series.exemplars) {
            if (edges.bucket(exemplar.ns) == bucket) {
                out_.append(" # {trace_id=\"");
                write_hex(exemplar.trace.high);
                write_hex(exemplar.trace.low);
                out_.append("\"} ");
                append_seconds(out_, exemplar.ns);
                out_.push_back(' ');
                append_seconds(out_, static_cast<std::uint64_t>(exemplar.wall_us) * 1000);
                return;
            }
        }
    }

    void write_hex(std::uint64_t value) {
        static constexpr char digits[] = "0123456789abcdef";
        for (int shift = 60; shift >= 0; shift -= 4) {
            out_.push_back(digits[value >> shift & 15]);
        }
    }

    void write_sum_and_count(const FamilyView& family, const SeriesView& series) {
        write_name(family.spec.name, "_sum", series);
        append_seconds(out_, series.sum_ns);
        out_.push_back('\n');
        write_name(family.spec.name, "_count", series);
        append_integer(out_, series.count);
        out_.push_back('\n');
    }

    Buffer& out_;
    const Exposition format_;
    std::vector<std::string> edges_;
    std::string head_;
};

}  // namespace

std::string edge_text(std::chrono::nanoseconds edge) {
    Buffer text;
    append_edge(text, static_cast<std::uint64_t>(edge.count()), Exposition::prometheus);
    return std::string(text.view());
}

std::string_view content_type(Exposition format) noexcept {
    return format == Exposition::prometheus ? "text/plain; version=0.0.4; charset=utf-8"
                                            : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

void write_exposition(Buffer& out, Registry& registry, Exposition format) {
    refine_ticks();
    Writer writer(out, registry.edges(), format);
    registry.visit([&](const FamilyView& family) { writer.write(family); });
    if (format == Exposition::open_metrics) {
        out.append("# EOF\n");
    }
}

}  // namespace brio::metrics
