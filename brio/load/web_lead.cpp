#include <brio/load/web_lead.hpp>

#include <algorithm>
#include <memory>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>

namespace brio::load {

using std::chrono::nanoseconds;

namespace {

constexpr std::chrono::milliseconds looks_every{100};

/// One run that the page has asked for.
class WebRun {
public:
    WebRun(const WebLead& with, WebControl& control, const WebOrder& order)
        : with_(with),
          control_(control),
          plan_(WebControl::plan_of(with.plan, order)),
          began_(wall_now()) {}

    Report whole() {
        RunOptions options;
        options.look = [this](const Progress& progress) {
            look(progress);
            return !control_.is_to_stop();
        };
        options.rest = [this](nanoseconds time) { return rest(time); };
        if (!plan_.is_open()) {
            options.level = [this](nanoseconds at) { return control_.level_at(at); };
        }
        return with_.measure(plan_, options);
    }
    bool was_interrupted() const noexcept { return was_interrupted_; }

private:
    bool rest(nanoseconds time) {
        if (control_.is_to_stop()) {
            return true;
        }
        was_interrupted_ = with_.rest(std::min<nanoseconds>(time, looks_every));
        return was_interrupted_;
    }

    void look(const Progress& progress) {
        const auto elapsed = std::chrono::duration<double>(progress.at - last_look_).count();
        last_look_ = progress.at;
        auto report = std::make_shared<Report>();
        report->at = began_;
        report->outcome.plan = plan_;
        report->outcome.record.merge(progress.so_far);
        report->outcome.counted = std::max(progress.at, nanoseconds(0));
        report->verdict = judge(with_.goals, report->outcome.record,
                                std::chrono::duration<double>(report->outcome.counted).count());
        const auto last = progress.since_last.total();
        const auto latency = last.latency();
        control_.told({.report = std::move(report),
                       .users = progress.users,
                       .requests_per_second = elapsed > 0 ? static_cast<double>(last.answers) / elapsed : 0,
                       .p50_ms = static_cast<double>(latency.quantile(0.5)) / 1e6,
                       .p99_ms = static_cast<double>(latency.quantile(0.99)) / 1e6,
                       .problem = {}});
    }

    const WebLead& with_;
    WebControl& control_;
    const Plan plan_;
    const WallTime began_;
    nanoseconds last_look_{};
    bool was_interrupted_ = false;
};

}  // namespace

std::optional<Report> lead_from_page(const WebLead& with) {
    WebControl control(with.plan);
    const WebServer server(with.address, with.plan, control);
    with.say(concat({"open ", server.url(), " to begin; Ctrl-C ends"}));
    std::optional<Report> last;
    for (bool is_over = false; !is_over;) {
        const auto order = control.take();
        if (!order) {
            is_over = with.rest(looks_every);
            continue;
        }
        WebRun run(with, control, *order);
        try {
            last = run.whole();
            control.ended(*last);
        } catch (const std::exception& error) {
            with.say(error.what());
            control.failed(error.what());
        }
        is_over = run.was_interrupted();
    }
    return last;
}

}  // namespace brio::load
