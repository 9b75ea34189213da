#include <brio/watch/cpu_profile.hpp>

#include <algorithm>
#include <set>

#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

using ledger::Phase;

constexpr std::string_view others = "[others]";
constexpr std::uint64_t least_wait = 1'000'000;  // nanoseconds: less is no more than the samples' error
constexpr std::size_t longest_name = 400;

/// Phases in which nothing but the processor's work is waited for.
constexpr bool is_work(Phase phase) noexcept {
    return phase == Phase::validate || phase == Phase::decode || phase == Phase::serialise ||
           phase == Phase::compress;
}

std::string name_of_wait(Phase phase) {
    if (phase == Phase::wait) {
        return "[wait] queue";
    }
    const bool is_rest = phase == Phase::handler || phase == Phase::run;
    return concat({"[wait] ", is_rest ? "other" : ledger::name(phase)});
}

/// Of a function, as a frame: no separator of collapsed stacks, no whole type of a template's instance.
std::string frame_name(std::string_view name) {
    std::string frame(name.substr(0, longest_name));
    if (name.size() > longest_name) {
        frame += "...";
    }
    std::ranges::replace(frame, ';', ':');
    std::ranges::replace(frame, '\n', ' ');
    return valid_utf8(frame);
}

}  // namespace

std::size_t CpuProfileBuilder::Hash::operator()(const Key& key) const noexcept {
    std::size_t hash = std::hash<std::string_view>()(key.name);
    for (const auto frame : key.frames) {
        hash = (hash ^ frame) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 32;
    }
    return hash;
}

void CpuProfileBuilder::add(const runtime::Sample& sample) {
    ++samples_;
    Key key{.name = sample.is_of_work() ? std::string(sample.name.view())
                                        : concat({"[thread] ", sample.name.view()}),
            .frames = {}};
    for (std::size_t i = std::min<std::size_t>(sample.caller_count, sample.callers.size()); i-- > 0;) {
        key.frames.push_back(sample.callers[i]);
    }
    for (std::size_t i = std::min<std::size_t>(sample.frame_count, sample.frames.size()); i-- > 0;) {
        key.frames.push_back(sample.frames[i]);
    }
    if (sample.is_of_work() && sample.phase < ledger::phase_count) {
        seen_[key.name][sample.phase] += sample.cpu_ns;
    }
    if (stacks_.size() >= most_stacks && !stacks_.contains(key)) {
        key.frames.clear();
    }
    auto& stack = stacks_[std::move(key)];
    stack.ns += sample.cpu_ns;
    ++stack.samples;
}

void CpuProfileBuilder::add_waits(const PhasesByName& before, const PhasesByName& after) {
    for (const auto& [name, times] : after) {
        const auto earlier = before.find(name);
        const auto seen = seen_.find(name);
        for (std::size_t i = 0; i < ledger::phase_count; ++i) {
            const auto was = earlier != before.end() ? earlier->second[i] : 0;
            const auto worked = seen != seen_.end() ? seen->second[i] : 0;
            const auto time = times[i] > was ? times[i] - was : 0;
            if (!is_work(static_cast<Phase>(i)) && time > worked + least_wait) {
                waits_[name][i] = time - worked;
            }
        }
    }
}

CpuProfile CpuProfileBuilder::build(Symbols& symbols) const {
    CpuProfile profile{.samples = samples_, .lost = lost_, .stacks = {}};
    // Two addresses of one function are one frame.
    std::map<std::vector<std::string>, Stack> by_names;
    for (const auto& [key, stack] : stacks_) {
        std::vector<std::string> frames{frame_name(key.name)};
        for (const auto frame : key.frames) {
            frames.push_back(frame_name(symbols.name_of(frame)));
        }
        if (key.frames.empty()) {
            frames.emplace_back(others);
        }
        auto& all = by_names[std::move(frames)];
        all.ns += stack.ns;
        all.samples += stack.samples;
        profile.cpu_ns += stack.ns;
    }
    for (const auto& [frames, stack] : by_names) {
        profile.stacks.push_back({.frames = frames, .ns = stack.ns, .samples = stack.samples});
    }
    for (const auto& [name, times] : waits_) {
        for (std::size_t i = 0; i < ledger::phase_count; ++i) {
            if (times[i] != 0) {
                profile.stacks.push_back({.frames = {frame_name(name), name_of_wait(static_cast<Phase>(i))},
                                          .ns = times[i],
                                          .is_wait = true});
                profile.wait_ns += times[i];
            }
        }
    }
    std::ranges::sort(profile.stacks, std::ranges::greater(), &ProfileStack::ns);
    return profile;
}

CpuProfile CpuProfile::of(std::string_view name) const {
    CpuProfile part;
    for (const ProfileStack& each : stacks) {
        if (each.frames.front() == name) {
            part.stacks.push_back(each);
            part.samples += each.samples;
            (each.is_wait ? part.wait_ns : part.cpu_ns) += each.ns;
        }
    }
    return part;
}

std::vector<ProfileRow> CpuProfile::rows(std::size_t most) const {
    std::map<std::pair<std::string_view, std::string_view>, ProfileRow> found;
    for (const ProfileStack& each : stacks) {
        if (each.is_wait) {
            continue;
        }
        std::set<std::string_view> counted;
        for (std::size_t i = 1; i < each.frames.size(); ++i) {
            auto& row = found[{each.frames[0], each.frames[i]}];
            row.cumulative_ns += counted.insert(each.frames[i]).second ? each.ns : 0;
            row.self_ns += i + 1 == each.frames.size() ? each.ns : 0;
        }
    }
    std::vector<ProfileRow> rows;
    for (auto& [key, row] : found) {
        row.name = key.first;
        row.function = key.second;
        rows.push_back(std::move(row));
    }
    std::ranges::sort(rows, std::ranges::greater(), &ProfileRow::cumulative_ns);
    rows.resize(std::min(rows.size(), most));
    return rows;
}

PhasesByName read_phases(metrics::Registry& registry) {
    PhasesByName all;
    registry.visit([&](const metrics::FamilyView& family) {
        if (family.spec.name != "http_request_phase_seconds" && family.spec.name != "task_phase_seconds") {
            return;
        }
        for (const metrics::SeriesView& series : family.series) {
            const auto phase = std::ranges::find(ledger::phase_names, series.values[1]);
            if (phase != ledger::phase_names.end()) {
                all[series.values[0]][static_cast<std::size_t>(phase - ledger::phase_names.begin())] +=
                    series.sum_ns;
            }
        }
    });
    return all;
}

}  // namespace brio::watch
