#include <brio/app/live.hpp>

#include <unistd.h>

#include <algorithm>

#include <brio/app/detail/program.hpp>
#include <brio/app/goals_command.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/recent_log.hpp>
#include <brio/json/write.hpp>

namespace brio::app {

namespace {

LimitsNow limits_now(const runtime::Limits& limits) {
    LimitsNow now;
    limits.each([&now](const runtime::Limit& limit) {
        now.limits.push_back(
            {.name = limit.name(), .used = limit.used(), .most = limit.most(), .refused = limit.refused()});
    });
    return now;
}

ProgramNow with_paths(ProgramNow program, const http::Router& router) {
    for (const auto& route : router.routes()) {
        if (route->method == http::Method::get) {
            program.paths.push_back(route->pattern);
        }
    }
    return program;
}

}  // namespace

ProgramNow program_now(const Program& program, std::string_view role, std::string api) {
    return {.program = program.name,
            .version = program.version,
            .role = std::string(role),
            .api = std::move(api),
            .pid = ::getpid(),
            .began = Timestamp(wall_now()),
            .paths = {}};
}

Live::Live(Parts parts)
    : parts_(std::move(parts)),
      recent_(parts_.registry.edges(), parts_.rules, [] { return monotonic_now(); }),
      sections_(std::make_shared<Sections>()),
      again_(parts_.loop, *this, &Live::look) {}

void Live::start() {
    recent_.look(watch::read_work(parts_.registry));
    again_.in(made_every);
}

void Live::stop() {
    has_stopped_ = true;
    made_.notify_all();
}

void Live::look() {
    recent_.look(watch::read_work(parts_.registry));
    is_stale_ = true;
    made_.notify_all();
    again_.in(made_every);
}

ProgramNow Live::program_and_paths() const { return with_paths(parts_.program, parts_.router); }

WorkNow Live::work() const {
    return {.window_seconds = std::chrono::duration<double>(watch::RecentWork::window).count(),
            .work = recent_.rates()};
}

std::shared_ptr<const Live::Sections> Live::sections() {
    if (std::exchange(is_stale_, false)) {
        make();
    }
    return sections_;
}

void Live::put(Sections& sections, std::string_view name, std::string json) const {
    auto const before = std::ranges::find(*sections_, name, &Section::name);
    std::uint64_t version = 1;
    if (before != sections_->end()) {
        version = before->json == json ? before->version : before->version + 1;
    }
    sections.push_back({.name = name, .json = std::move(json), .version = version});
}

void Live::make() {
    auto sections = std::make_shared<Sections>();
    put(*sections, "program", json::to_string(program_and_paths()));
    if (parts_.goals != nullptr) {
        put(*sections, "goals", json::to_string(GoalList{parts_.goals->report()}));
    }
    put(*sections, "work", json::to_string(work()));
    put(*sections, "limits", json::to_string(limits_now(parts_.limits)));
    auto const& log = recent_log();
    put(*sections, "log",
        json::to_string(
            LogNow{.warnings = log.count(Severity::warning), .errors = log.count(Severity::error)}));
    sections_ = std::move(sections);
}

}  // namespace brio::app
