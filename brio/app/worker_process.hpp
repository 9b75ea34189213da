// The worker process: carries out the program's tasks until it is drained; with an admin server of its own
// when it has a port.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <brio/app/detail/program.hpp>
#include <brio/app/recordings.hpp>
#include <brio/app/service_manager.hpp>

namespace brio::app {

/// What may differ from worker to worker.
struct WorkerStart {
    std::vector<std::string> queues;  // empty: all that the program's tasks go to, in order of their routes
    std::chrono::milliseconds lease{10'000};
    std::uint16_t admin_port = 0;        // 0: none
    bool requires_durable = false;       // do not start on a broker that may lose what it acknowledged
    int counts = -1;                     // where to tell what it counts (worker_counts.hpp); -1: nowhere
    Recordings* recordings = nullptr;    // not null
    std::string instance = {};           // the id that it has among others (instance_keeper.hpp)
    ServiceManagerAddress manager = {};  // that is told of it
    WorkerBoard::Cell* cell = nullptr;   // where to say what it does; null: nowhere
    bool is_supervised = false;  // who started it says when to end, and kills: a Ctrl-C is not meant for it
};

/// Works until SIGTERM or SIGINT, then drains: claims nothing more, ends what it has begun, and after
/// `settings.grace` hands back what still runs. A SIGINT meanwhile ends it at once; to
/// one that is supervised SIGINT is nothing; on signal_of_retirement it retires: it claims nothing more, ends
/// what it has begun without a grace, and gives 0. Gives the exit status. Throws what keeps it from starting.
/// The signals must be blocked in the calling thread.
///
/// With more memory than `settings.worker_memory` after a task it claims nothing more, ends what it has begun
/// without a grace, and gives status_of_recycled: another is to take its place.
int run_worker(Program& program, const Settings& settings, const WorkerStart& start);

}  // namespace brio::app
