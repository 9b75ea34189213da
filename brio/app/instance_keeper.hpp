// One process among those of its service: it says every few seconds what it does, and knows what the others
// say.
//
// Metrics: service_processes{state} (up, gone), as of the last time that the others were asked,
// service_announcements_total{result} (told, failed).
//
// For the control loop's thread.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <brio/app/instance_board.hpp>
#include <brio/app/live.hpp>
#include <brio/http/router.hpp>
#include <brio/metrics/process.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/watch/instances.hpp>

namespace brio::app {

/// Sixteen random digits, for the processes of one `serve` or one `worker`.
std::string new_instance_id();
/// Of the worker process in this place, from 0 on, beside the server process of `id`.
std::string instance_id_of_worker(std::string_view id, std::size_t place);

/// What does not change while a process lives. `admin`: empty when it has none. An address that every
/// interface has is told with the machine's name.
watch::Announcement introduce(const ProgramNow& program, std::string id, const std::string& admin_host,
                              std::uint16_t admin_port);

/// Fills what every process has: of processor, memory and connections.
void describe_process(watch::Announcement& self, metrics::ProcessCollector& process, db::Database* database);

class InstanceKeeper {
public:
    struct Parts {
        metrics::Registry& registry;
        std::unique_ptr<InstanceBoard> board;  // null: nothing is shared
        watch::Announcement self;              // as introduce() gives it
        /// Fills what changes.
        std::function<void(watch::Announcement&)> add_figures;
        std::function<std::vector<watch::NeedNow>()> needs = {};  // empty: it does not say
    };
    explicit InstanceKeeper(Parts parts);
    InstanceKeeper(const InstanceKeeper&) = delete;
    InstanceKeeper& operator=(const InstanceKeeper&) = delete;

    /// Says and asks, again and again until leave(), then takes itself off the board; or ends when it is
    /// cancelled. A board that is away is said in the log once, and costs nothing else. Throws nothing.
    Async<void> keep();
    void leave();

    /// As of the last time that the others could be asked; of this process as of now.
    watch::InstancesNow now() const;
    /// What those say that are not gone, this one among them.
    std::vector<watch::Announcement> up() const;

private:
    Async<void> exchange();
    Async<void> take_off();
    Async<bool> told_to_leave();
    void say_of_others();
    std::vector<watch::Heard> heard_now() const;

    const Parts parts_;
    metrics::Family<metrics::Gauge> processes_;
    metrics::Family<metrics::Counter> announcements_;
    std::vector<watch::Heard> heard_;  // at the last time that the board was read
    std::chrono::nanoseconds asked_;   // then
    std::string problem_;              // why it cannot be asked; empty: it can
    bool is_leaving_ = false;
    runtime::WaitList leaving_;
};

/// GET /api/instances. `keeper` outlives the router's use.
void add_instance_routes(http::Router& router, const InstanceKeeper& keeper);

}  // namespace brio::app
