#include <brio/bench/budgets.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/bench/words.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace brio::bench {

namespace {

constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

// What is wrong with it; empty: nothing.
std::string fault_of(std::string_view request) {
    auto const blank = request.find(' ');
    auto const method = request.substr(0, blank);
    if (std::ranges::find(methods, method) == std::end(methods) || blank == std::string_view::npos) {
        return "begins with a method, as GET or POST, and a blank";
    }
    auto const target = request.substr(blank + 1);
    if (!target.starts_with('/')) {
        return "has a path that begins with /";
    }
    if (std::ranges::any_of(target, [](char c) { return c <= ' ' || c > '~'; })) {
        return "has a target in printable ASCII without blanks: write others as %20";
    }
    return {};
}

bool is_field_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

struct Judged {
    std::string_view name;
    std::optional<double> Budget::* most;
};
constexpr Judged times[] = {
    {"p50_ms", &Budget::p50_ms}, {"p95_ms", &Budget::p95_ms}, {"p99_ms", &Budget::p99_ms}};
constexpr Judged counted[] = {{"statements", &Budget::statements},
                              {"allocations", &Budget::allocations},
                              {"bytes", &Budget::bytes},
                              {"system_calls", &Budget::system_calls}};

std::optional<double> value_of(const Counts& counts, std::string_view name) {
    return name == "statements"    ? counts.statements
           : name == "allocations" ? counts.allocations
           : name == "bytes"       ? counts.bytes
                                   : counts.system_calls;
}

double value_of(const Figures& figures, std::string_view name) {
    return name == "p50_ms" ? figures.p50_ms : name == "p95_ms" ? figures.p95_ms : figures.p99_ms;
}

std::string number_text(double value) { return json::to_string(value); }

}  // namespace

std::expected<Budgets, std::string> read_budgets(std::string_view text) {
    auto read = json::read<Budgets>(text);
    if (!read) {
        return std::unexpected(json::describe(read.error()));
    }
    for (std::size_t i = 0; i < read->cases.size(); ++i) {
        auto const& each = read->cases[i];
        auto const place =
            concat({"cases[", integer_text(i), "].request: \"", each.request, "\": a request "});
        if (auto const fault = fault_of(each.request); !fault.empty()) {
            return std::unexpected(concat({place, fault}));
        }
        for (auto const& [name, value] : each.fields.value_or(std::map<std::string, std::string>())) {
            if (!is_field_text(name) || !is_field_text(value)) {
                return std::unexpected(concat({place, "has fields in printable ASCII: ", name}));
            }
        }
    }
    return std::move(*read);
}

std::string write_budgets(const Budgets& budgets) {
    std::string text = "{\"cases\": [";
    std::string_view between = "\n";
    for (auto const& each : budgets.cases) {
        text += concat({between, "  {\"request\": ", json::to_string(each.request)});
        between = ",\n";
        if (each.fields) {
            text += concat({",\n   \"fields\": ", json::to_string(*each.fields)});
        }
        if (each.body) {
            text += concat({",\n   \"body\": ", each.body->text});
        }
        std::string most;
        auto const add = [&](const Judged& judged) {
            if (auto const value = *each.most.*judged.most) {
                most += concat({most.empty() ? "" : ", ", "\"", judged.name, "\": ", number_text(*value)});
            }
        };
        if (each.most) {
            std::ranges::for_each(counted, add);
            std::ranges::for_each(times, add);
            text += concat({",\n   \"most\": {", most, "}"});
        }
        text += "}";
    }
    return text + "\n]}\n";
}

std::expected<Case, std::string> read_case(std::string_view words) {
    auto const method_end = words.find(' ');
    auto const target_end =
        method_end == std::string_view::npos ? method_end : words.find(' ', method_end + 1);
    Case found{.request = std::string(words.substr(0, target_end))};
    if (target_end != std::string_view::npos) {
        auto const body = trim(words.substr(target_end));
        if (auto const read = json::read<json::Raw>(body); !read) {
            return std::unexpected(
                concat({"\"", words, "\": the body behind the target ", json::describe(read.error())}));
        }
        found.body = json::Raw{std::string(body)};
    }
    if (auto const fault = fault_of(found.request); !fault.empty()) {
        return std::unexpected(concat({"\"", words, "\": a request ", fault}));
    }
    return found;
}

std::string bytes_of(const Case& each) {
    std::string text = concat({each.request, " HTTP/1.1\r\nHost: 127.0.0.1\r\n"});
    for (auto const& [name, value] : each.fields.value_or(std::map<std::string, std::string>())) {
        text += concat({name, ": ", value, "\r\n"});
    }
    if (each.body) {
        text += concat({"Content-Type: application/json\r\nContent-Length: ",
                        integer_text(each.body->text.size()), "\r\n"});
    }
    return concat({text, "\r\n", each.body ? std::string_view(each.body->text) : ""});
}

Counts larger_of(const Counts& one, const Counts& other) {
    return {.statements = std::max(one.statements, other.statements),
            .bytes = std::max(one.bytes, other.bytes),
            .allocations = std::max(one.allocations, other.allocations),
            .system_calls = std::max(one.system_calls, other.system_calls)};
}

std::vector<std::string> over_budget(const Budget& most, const Counts& counts, const Figures* figures) {
    std::vector<std::string> found;
    auto const judge = [&](const Judged& judged, std::optional<double> value) {
        auto const limit = most.*judged.most;
        if (limit && value && *value > *limit) {
            found.push_back(
                concat({judged.name, ": ", number_text(*value), ", the budget is ", number_text(*limit)}));
        }
    };
    for (auto const& each : counted) {
        judge(each, value_of(counts, each.name));
    }
    for (auto const& each : times) {
        if (figures != nullptr) {
            judge(each, value_of(*figures, each.name));
        }
    }
    return found;
}

std::vector<std::string> not_judged(const Budget& most, const Counts& counts) {
    std::vector<std::string> found;
    for (auto const& each : counted) {
        if (most.*each.most && !value_of(counts, each.name)) {
            found.emplace_back(each.name);
        }
    }
    return found;
}

}  // namespace brio::bench
