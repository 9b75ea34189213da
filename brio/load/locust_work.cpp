#include <brio/load/locust_work.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <brio/base/clock.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/load/locust_stats.hpp>
#include <brio/metrics/process.hpp>

namespace brio::load::locust {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

namespace {

constexpr milliseconds looks_every{100};

/// As Locust makes one: "host_" and 32 random digits.
std::string new_id() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    std::array<std::byte, 16> random{};
    random_bytes(random);
    std::string id = valid_utf8(std::string_view(host.data())) + "_";
    for (const std::byte each : random) {
        constexpr std::string_view digits = "0123456789abcdef";
        id += digits[std::to_integer<unsigned>(each) >> 4];
        id += digits[std::to_integer<unsigned>(each) & 15];
    }
    return id;
}

double wall_seconds() { return std::chrono::duration<double>(wall_now().time_since_epoch()).count(); }

std::set<std::string> classes_of(const WorkOptions& options) {
    std::set<std::string> names;
    for (const UserType& each : options.scenario.types) {
        if (!options.is_url) {
            names.insert(each.name);
        }
    }
    return names;
}

class Shift {
public:
    explicit Shift(const WorkOptions& options)
        : options_(options),
          id_(new_id()),
          link_(options.master, id_),
          worker_(classes_of(options), monotonic_now()) {}

    WorkDone whole() {
        while (!worker_.is_over()) {
            for (const Link::Event& each : link_.wait(time_to_wait())) {
                carry_out(taken(each));
            }
            if (options_.is_interrupted && options_.is_interrupted()) {
                carry_out(worker_.interrupted());
            }
            if (static_cast<std::int64_t>(wall_seconds()) != static_cast<std::int64_t>(counted_until_)) {
                count();
            }
            look_whether_users_ended();
            carry_out(worker_.tick(monotonic_now(), vitals()));
        }
        return done_;
    }

private:
    /// Not over the end of a second, for which requests are counted.
    static milliseconds time_to_wait() {
        const auto into = wall_now().time_since_epoch() % 1s;
        return std::min(looks_every, std::chrono::ceil<milliseconds>(1s - into));
    }

    Acts taken(const Link::Event& event) {
        const auto now = monotonic_now();
        if (std::holds_alternative<Link::Connected>(event)) {
            return worker_.connected(now);
        }
        if (std::holds_alternative<Link::Disconnected>(event)) {
            return worker_.disconnected(now);
        }
        const auto order = read(std::get<Link::Frame>(event).bytes);
        if (!order) {
            return {Say{.is_warning = true,
                        .words = concat({"a message of the master cannot be read: ", order.error()})}};
        }
        return worker_.ordered(*order, now);
    }

    void carry_out(const Acts& acts) {
        for (const Act& each : acts) {
            std::visit([this](const auto& act) { carry_out(act); }, each);
        }
    }
    void carry_out(const Tell& tell) { link_.send(write(id_, tell.told)); }
    void carry_out(const Report& report) {
        count();
        link_.send(write(id_, delta_.take(report.users, wall_seconds())));
    }
    void carry_out(const SetUsers& wanted) {
        try {
            if (wanted.is_new) {
                engine_.reset();
                delta_ = Delta();
            }
            if (!engine_) {
                begin(wanted.host);
            }
            engine_->set_users(counts_of(wanted.users));
        } catch (const std::exception& error) {
            engine_.reset();
            carry_out(worker_.users_failed(error.what()));
            return;
        }
        carry_out(worker_.users_run());
    }
    void carry_out(const Halt& halt) {
        if (engine_) {
            engine_->set_users(std::vector<std::size_t>(options_.scenario.types.size()));
        }
        const auto until = monotonic_now() + halt.patience;
        halts_until_ = std::min(halts_until_.value_or(until), until);
    }
    void carry_out(const Reopen&) {
        link_.reopen();
        carry_out(worker_.disconnected(monotonic_now()));
    }
    void carry_out(const Say& say) {
        if (options_.say) {
            options_.say(say);
        }
    }
    void carry_out(const End& end) { done_.is_well = end.is_well; }

    void begin(const std::string& host) {
        Plan plan = options_.plan;
        if (!options_.is_url && !host.empty()) {
            plan.target = host;
        }
        engine_ = std::make_unique<Engine>(std::move(plan), options_.scenario, options_.engine);
        counted_until_ = wall_seconds();
    }

    std::vector<std::size_t> counts_of(const UserCounts& users) const {
        if (options_.is_url) {
            return {static_cast<std::size_t>(sum_of(users))};
        }
        std::vector<std::size_t> counts;
        for (const UserType& each : options_.scenario.types) {
            const auto found = users.find(each.name);
            counts.push_back(found == users.end() ? 0 : static_cast<std::size_t>(found->second));
        }
        return counts;
    }

    void count() {
        const auto now = wall_seconds();
        if (engine_) {
            const auto record = engine_->take();
            delta_.add(record, {.from = counted_until_, .to = now});
            for (const RequestRecord& each : record.requests()) {
                done_.requests += each.requests();
                done_.failures += each.failures;
            }
        }
        counted_until_ = now;
    }

    void look_whether_users_ended() {
        if (!halts_until_ || (engine_ && engine_->users() != 0 && monotonic_now() < *halts_until_)) {
            return;
        }
        halts_until_.reset();
        count();
        engine_.reset();
        carry_out(worker_.users_ended(monotonic_now()));
    }

    Vitals vitals() {
        if (const auto now = monotonic_now(); now - looked_at_ >= Worker::heartbeat_every) {
            const auto times = engine_ ? engine_->cpu_times() : std::vector<nanoseconds>();
            const auto elapsed = std::chrono::duration<double>(now - std::exchange(looked_at_, now));
            vitals_.cpu_percent = 0;
            for (std::size_t i = 0; i < std::min(times.size(), cpu_times_.size()); ++i) {
                vitals_.cpu_percent =
                    std::max(vitals_.cpu_percent, 100 * ((times[i] - cpu_times_[i]) / elapsed));
            }
            cpu_times_ = times;
            vitals_.memory_bytes = metrics::read_process_usage().memory_bytes;
        }
        return vitals_;
    }

    const WorkOptions& options_;
    const std::string id_;
    Link link_;
    Worker worker_;
    std::unique_ptr<Engine> engine_;
    Delta delta_;
    double counted_until_ = 0;  // as in Period
    std::optional<nanoseconds> halts_until_;
    nanoseconds looked_at_{};
    std::vector<nanoseconds> cpu_times_;  // at that time
    Vitals vitals_;
    WorkDone done_;
};

}  // namespace

WorkDone work(const WorkOptions& options) { return Shift(options).whole(); }

}  // namespace brio::load::locust
