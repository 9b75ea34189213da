#include <brio/load/blocks.hpp>

#include <algorithm>

#include <brio/base/text.hpp>

namespace brio::load {
namespace {

using std::chrono::seconds;

constexpr std::int64_t wanted_blocks = 60;
constexpr std::chrono::milliseconds early{100};  // looks come about once a second, not exactly then

double ms(double nanoseconds) noexcept { return nanoseconds / 1e6; }

void append(BlockFigures& figures, const RequestRecord& requests, double duration) {
    const Histogram latency = requests.latency();
    const auto quantile = [&](double q) { return ms(static_cast<double>(latency.quantile(q))); };
    figures.rate.push_back(static_cast<double>(requests.answers) / duration);
    figures.mean_ms.push_back(ms(latency.mean()));
    figures.p50_ms.push_back(quantile(0.5));
    figures.p95_ms.push_back(quantile(0.95));
    figures.p99_ms.push_back(quantile(0.99));
}

}  // namespace

Blocks::Blocks(Time duration)
    : length_(seconds(std::max<std::int64_t>(
          1, (std::chrono::ceil<seconds>(duration).count() + wanted_blocks - 1) / wanted_blocks))) {}

void Blocks::add(Time at, const Record& since_last) {
    if (at <= Time(0) || count_ == most_blocks) {
        return;
    }
    open_.merge(since_last);
    if (const auto lasted = at - begun_; lasted >= length_ - early) {
        close(std::chrono::duration<double>(lasted).count());
        begun_ = at;
    }
}

void Blocks::close(double duration) {
    const auto find = [this](const std::string& name) -> BlockFigures& {
        const auto found = std::ranges::find(figures_, name, &BlockFigures::name);
        return found == figures_.end() ? figures_.emplace_back(BlockFigures{.name = name}) : *found;
    };
    const Record block = open_.take();
    append(find("Aggregated"), block.total(), duration);
    for (const RequestRecord& each : block.requests()) {
        if (each.answers > 0) {
            append(find(concat({each.method, " ", each.name})), each, duration);
        }
    }
    ++count_;
    std::erase_if(figures_, [this](const BlockFigures& each) { return each.rate.size() != count_; });
}

}  // namespace brio::load
