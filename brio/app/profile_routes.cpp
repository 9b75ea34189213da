#include <brio/app/profile_routes.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/base/text_table.hpp>
#include <brio/http/compressor.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>
#include <brio/runtime/awaitables.hpp>

namespace brio::app {

namespace {

constexpr double ns_a_ms = 1e6;
constexpr std::size_t most_functions = 100;
constexpr std::size_t shown_rows = 30;  // of a table

double ms_of(std::uint64_t ns) noexcept { return static_cast<double>(ns) / ns_a_ms; }

double share_of(std::uint64_t part, std::uint64_t whole) noexcept {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

struct StartQuery {
    std::uint32_t seconds = 10;
    std::optional<std::uint32_t> hz;
};
struct FormatQuery {
    std::string format = "json";
    std::optional<std::string> name;
    std::optional<std::string> route;  // the same
};
struct TakeQuery {
    std::uint32_t seconds = 10;
    std::optional<std::uint32_t> hz;
    std::string format = "collapsed";
    std::optional<std::string> name;
    std::optional<std::string> route;  // the same
};

struct SendList {
    const Profiler* profiler;
    http::Response operator()() const {
        http::Response response;
        response
            .json(json::to_string(ProfileList{
                .is_on = profiler->is_on(), .hz = profiler->usual_hz(), .profiles = profiler->states()}))
            .cache_control("no-store");
        return response;
    }
};

ProfileState start(Profiler& profiler, std::uint32_t seconds, std::optional<std::uint32_t> wanted_hz) {
    if (seconds == 0 || seconds > Profiler::most_seconds) {
        throw http::invalid(http::In::query, "seconds",
                            concat({"must be 1 to ", integer_text(Profiler::most_seconds)}));
    }
    if (!profiler.is_on()) {
        throw http::conflict("profiler_off",
                             "the program is not sampled: BRIO_PROFILE_HZ is 0; 99 is its default");
    }
    const auto hz = wanted_hz.value_or(profiler.usual_hz());
    if (hz == 0 || hz > runtime::Sampler::most_rate) {
        throw http::invalid(http::In::query, "hz",
                            concat({"must be 1 to ", integer_text(runtime::Sampler::most_rate)}));
    }
    const auto started = profiler.start({.seconds = seconds, .hz = hz});
    if (!started) {
        throw http::conflict("profile_under_way",
                             "one profile is taken at a time: GET /api/profile tells when it is done");
    }
    return *started;
}

void expect_format(std::string_view format) {
    if (std::ranges::count(profile_formats, format) == 0) {
        throw http::invalid(http::In::query, "format", "must be json, collapsed, speedscope, pprof or table");
    }
}

void name_file(http::Response& response, const FinishedProfile& finished, std::string_view ending) {
    response.header("Content-Disposition", concat({"attachment; filename=\"profile-",
                                                   integer_text(finished.state.id), ending, "\""}));
}

watch::ProfileTaking taking_of(const FinishedProfile& finished, std::string_view program) {
    return {.program = program,
            .began = std::chrono::microseconds(finished.state.started_at.microseconds),
            .took = std::chrono::seconds(finished.state.seconds),
            .hz = finished.state.hz};
}

http::Response answer_with(const FinishedProfile& finished, const std::string& program,
                           const FormatQuery& query) {
    http::Response response;
    response.cache_control("no-store");
    const auto& name = query.name ? query.name : query.route;
    const auto part = name ? finished.profile.of(*name) : watch::CpuProfile();
    const auto& profile = name ? part : finished.profile;
    if (query.format == "collapsed") {
        response.content_type = "text/plain; charset=utf-8";
        response.body.append(watch::collapsed(profile));
    } else if (query.format == "table") {
        response.content_type = "text/plain; charset=utf-8";
        response.body.append(write_profile_table(report_profile(finished, program, name)));
    } else if (query.format == "speedscope") {
        response.json(watch::speedscope(profile, program));
        name_file(response, finished, ".json");
    } else if (query.format == "pprof") {
        response.content_type = "application/octet-stream";
        http::compress_now(response.body, watch::pprof(profile, taking_of(finished, program)),
                           http::Coding::gzip, http::Effort::usual);
        name_file(response, finished, ".pb.gz");
    } else {
        response.json(json::to_string(report_profile(finished, program, name)));
    }
    return response;
}

http::Response show_page() {
    http::Response response;
    response.status = 303;
    response.cache_control("no-store");
    response.header("Location", "/#/profile");
    return response;
}

struct Start {
    Profiler* profiler;
    http::Response operator()(http::Query<StartQuery> query) const {
        const auto started = start(*profiler, query->seconds, query->hz);
        http::Response response;
        response.status = 202;
        response.json(json::to_string(started)).cache_control("no-store");
        response.header("Location", concat({"/api/profile/", integer_text(started.id)}));
        return response;
    }
};

struct SendProfile {
    const Profiler* profiler;
    std::string program;

    http::Response operator()(http::Path<"id", std::uint64_t> id, http::Query<FormatQuery> query) const {
        expect_format(query->format);
        const auto finished = profiler->find(*id);
        if (finished == nullptr) {
            if (std::ranges::count(profiler->states(), *id, &ProfileState::id) > 0) {
                throw http::conflict("profile_not_done", "the profile is still being taken");
            }
            throw http::not_found("profile");
        }
        return answer_with(*finished, program, *query);
    }
};

struct TakeProfile {
    Profiler* profiler;
    std::string program;

    Async<http::Response> operator()(http::Query<TakeQuery> query) const {
        return take(*profiler, program, *query);
    }
    static Async<http::Response> take(Profiler& its_profiler, std::string its_program, TakeQuery query) {
        const bool is_page = query.format == "html";
        if (!is_page) {
            expect_format(query.format);
        }
        const auto started = start(its_profiler, query.seconds, query.hz);
        for (;;) {
            co_await runtime::sleep_for(std::chrono::milliseconds(100));
            if (const auto finished = its_profiler.find(started.id)) {
                if (is_page) {
                    co_return show_page();
                }
                co_return answer_with(*finished, its_program,
                                      {.format = query.format, .name = query.name, .route = query.route});
            }
            if (std::ranges::count(its_profiler.states(), started.id, &ProfileState::id) == 0) {
                throw std::runtime_error("the profile could not be finished");
            }
        }
    }
};

struct SendScopes {
    metrics::Registry* registry;
    http::Response operator()() const {
        http::Response response;
        response.json(json::to_string(report_scopes(*registry))).cache_control("no-store");
        return response;
    }
};

ProfileOverhead overhead_of(const FinishedProfile& finished) {
    ProfileOverhead overhead{.spent_ms = ms_of(finished.spent_ns),
                             .share = share_of(finished.spent_ns, finished.profile.cpu_ns),
                             .words = {}};
    char percent[32];
    std::snprintf(percent, sizeof percent, "%.2f", overhead.share * 100);
    overhead.words = concat({"taking ", integer_text(finished.profile.samples), " samples took ", percent,
                             " % of the processor time seen"});
    return overhead;
}

std::string milliseconds(double ms) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", ms);
    return text;
}

}  // namespace

ProfileReport report_profile(const FinishedProfile& finished, std::string program,
                             const std::optional<std::string>& name) {
    const auto profile = name ? finished.profile.of(*name) : finished.profile;
    ProfileReport report{.id = finished.state.id,
                         .program = std::move(program),
                         .seconds = finished.state.seconds,
                         .hz = finished.state.hz,
                         .started_at = finished.state.started_at,
                         .samples = profile.samples,
                         .lost = profile.lost,
                         .cpu_ms = ms_of(profile.cpu_ns),
                         .wait_ms = ms_of(profile.wait_ns),
                         .overhead = overhead_of(finished),
                         .names = {},
                         .functions = {},
                         .tree = json::Raw(watch::flame_tree(profile))};
    for (const watch::ProfileStack& each : finished.profile.stacks) {
        const auto& its_name = each.frames.front();
        auto found = std::ranges::find(report.names, its_name, &ProfileName::name);
        if (found == report.names.end()) {
            report.names.push_back({.name = its_name});
            found = std::prev(report.names.end());
        }
        (each.is_wait ? found->wait_ms : found->cpu_ms) += ms_of(each.ns);
    }
    std::ranges::sort(report.names, std::ranges::greater(),
                      [](const ProfileName& each) { return each.cpu_ms + each.wait_ms; });
    for (watch::ProfileRow& row : profile.rows(most_functions)) {
        report.functions.push_back({.name = std::move(row.name),
                                    .function = std::move(row.function),
                                    .cumulative_ms = ms_of(row.cumulative_ns),
                                    .self_ms = ms_of(row.self_ns),
                                    .share = share_of(row.cumulative_ns, profile.cpu_ns)});
    }
    return report;
}

std::string write_profile_table(const ProfileReport& report) {
    std::vector<std::vector<std::string>> names{{"cpu ms", "waited ms", "of"}};
    for (const ProfileName& each : report.names) {
        names.push_back({milliseconds(each.cpu_ms), milliseconds(each.wait_ms), each.name});
    }
    std::vector<std::vector<std::string>> functions{{"ms", "self", "of", "function"}};
    for (const ProfileFunction& each : report.functions) {
        if (functions.size() <= shown_rows) {
            functions.push_back(
                {milliseconds(each.cumulative_ms), milliseconds(each.self_ms), each.name, each.function});
        }
    }
    return concat({table_text(names), "\n", table_text(functions), "\n", report.overhead.words, "\n"});
}

ScopeList report_scopes(metrics::Registry& registry) {
    std::map<std::string, ScopeLine, std::less<>> lines;
    registry.visit([&](const metrics::FamilyView& family) {
        const auto& name = family.spec.name;
        if (!name.starts_with("profile_scope_")) {
            return;
        }
        for (const metrics::SeriesView& series : family.series) {
            auto& line = lines[series.values[0]];
            line.scope = series.values[0];
            if (name == "profile_scope_seconds") {
                line.total_ms = ms_of(series.sum_ns);
                line.mean_ms = series.count == 0 ? 0 : line.total_ms / static_cast<double>(series.count);
                line.p95_ms = metrics::quantile(family.edges, series.buckets, 0.95) / ns_a_ms;
            } else if (name == "profile_scope_self_seconds") {
                line.calls = series.count;
                line.self_ms = ms_of(series.sum_ns);
            } else {
                line.rest_ms = ms_of(series.sum_ns);
            }
        }
    });
    ScopeList list;
    for (auto& [scope, line] : lines) {
        list.scopes.push_back(std::move(line));
    }
    std::ranges::sort(list.scopes, std::ranges::greater(), &ScopeLine::total_ms);
    return list;
}

void add_profile_routes(http::Router& router, Profiler& profiler, metrics::Registry& registry,
                        std::string program) {
    router.get<"/api/profile">(SendList{&profiler});
    router.post<"/api/profile">(Start{&profiler});
    router.get<"/api/profile/{id}">(SendProfile{&profiler, program});
    router.get<"/profile">(TakeProfile{&profiler, std::move(program)},
                           {.deadline = std::chrono::seconds(Profiler::most_seconds + 30)});
    router.get<"/api/scopes">(SendScopes{&registry});
}

}  // namespace brio::app
